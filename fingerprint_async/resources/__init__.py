"""The resources of a client: one module each, one documented method for each operation."""

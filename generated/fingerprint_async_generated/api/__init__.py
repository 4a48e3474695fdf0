"""One package for each tag of the API, one module for each operation."""

"""Made-up devices: what their events look like, drawn from a seed."""

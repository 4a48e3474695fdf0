"""Low-level client, machine-made."""

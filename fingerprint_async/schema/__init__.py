"""The published schema: how it is loaded, made canonical, compared, and turned into the generated client."""

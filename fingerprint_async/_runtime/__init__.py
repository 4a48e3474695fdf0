"""What generated code stands on: models, fields, enums, findings, query parameters, requests.

Nothing here imports the rest of the package, so generated code works without the client.
"""

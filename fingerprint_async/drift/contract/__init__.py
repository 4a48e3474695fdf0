"""Compare two OpenAPI documents for a client that reads answers and writes requests.

Judges for clients, of any vendor; imports nothing of this project outside itself.

```
load → document → merge, choices → model        a document, and the contracts of its schemas
compare → _endpoints, _schemas, … → changes     what differs; rules say for whom it breaks
assess → report                                 with what was decided, in the form that is wanted
keywords                                        the one table: order, place, what is compared
```
"""

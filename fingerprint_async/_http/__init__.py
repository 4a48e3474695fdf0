"""One call, from a `Request` of generated code to the decoded value.

```
pipeline → auth → retries → logging → errors → throttling → backend
```

* `operations` is the table of operations; everything that depends on one reads its record.
* `pipeline` runs a call: its deadline, its event loop, its end when the client closes.
* `auth` adds the key and who asks; `retries` sends attempts; `logging` tells of each;
  `errors` raises typed errors and decodes; `throttling` waits for the rate limit and for a slot.
* `backends` are the only modules that import an HTTP library.
"""

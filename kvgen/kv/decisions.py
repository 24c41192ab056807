"""Decisions where the service's documents are silent, made only here.

Each is the stricter, or the plainer, of what the service may do: a function that manages with it
manages with either. Where no code needs a value, the decision is these lines alone.

- Of several things that are wrong with a call the first of these is said: the name that was asked
  for, the page that asks, the call itself, the bearer, the quota, the namespace's id, the key, the
  namespace, its state, the parameters, the value.
- Keys are listed in the order of their bytes. A prefix is taken literally, and one that no key can
  start with lists none.
- ``page[number]`` and ``page[size]`` have to be positive integers, as ``limit`` has; a page beyond
  the last is empty. A cursor that cannot have been given out is a 400, and an empty one is none.
- A plain PUT ends an old ``ttl_secs``. A lifetime ends to the millisecond.
- A namespace's id is found whatever the case of its letters.
- Deleting a namespace takes as long as making one, and a pending one may be deleted. Meanwhile it
  is shown as ``deleting`` and keeps its name; calls on its keys are a 409, as is a second DELETE.
- A slash after a namespace's id leads nowhere: clients that collapse a key called ``..`` come by.
- HEAD is answered as GET without the body, any other method with 405.
- A failure of the store's own, a full disk for one, is a 500, and nothing was written. Only where
  the connection to Redis ended before it answered, nobody can say whether it was.
- The description at ``/openapi.json`` is this KV's own, and needs no bearer.
"""

#: Names that start with this are documented as reserved; what happens to a write is not. Refused
#: like any other illegal key, so that the mistake shows here rather than in production.
RESERVED_PREFIX = "_"

#: Seconds in which a quota of N calls that was used up comes back, evenly: after a burst of N one
#: call goes through every 60 / N seconds.
QUOTA_SECONDS = 60.0

#: Codes of errors are documented as strings, and the one for an illegal key is the only one that
#: is known for KV. The others are what the vendor's other interfaces use, or a guess.
ILLEGAL_KEY_CODE = "10015"
ERROR_CODES = {401: "10009", 404: "10005", 409: "10002", 429: "10011"}
OTHER_ERROR_CODE = "10001"

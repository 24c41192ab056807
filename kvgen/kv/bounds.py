"""The limits for a client of the local servers: the embedded KV, and the tap of `kvgen dev`.

A client may send without end, send nothing, or not read. This must not cost the server more than a
few MiB, and must not delay the responses to others. The service's own limits are in ``limits``.
"""

import contextlib

KIB, MIB = 1024, 1024 * 1024

LONGEST_HEAD = 32 * KIB  # bytes of a request's line and headers: 431
LONGEST_TARGET = 8 * KIB  # bytes of the path and the query: 414
MOST_FIELDS = 128  # headers and trailers: 431
LONGEST_DISCARDED = 16 * MIB  # bytes of a body that nobody wants, before the connection is closed

MOST_CONNECTIONS = 256  # beyond it the one that has been idle for the longest time is closed
MOST_UNREAD = 16 * MIB  # bytes of all responses that clients are slow to read
SMALL_BODY = 64 * KIB  # bytes of a body that count for nothing
MOST_LARGE_BODIES = 16  # that are read at the same time; further ones wait

# Seconds, after which a connection is closed.
IDLE_SECONDS = 60.0  # between requests
HEAD_SECONDS = 10.0  # from the first byte of a head to its last: 408
BODY_SECONDS = 60.0  # and to the last byte of the body: 408, by the KV
UNREAD_SECONDS = 30.0  # in which a client reads nothing of a response
STALLED_SECONDS = 1.0  # the same where MOST_UNREAD is reached
PARSE_SECONDS = 0.005  # in a row, for one connection
LINGER_SECONDS = 2.0  # in which a client can read why it was refused

_SPARE_DESCRIPTORS = 64  # for files, the function's pipes and the watcher
_DESCRIPTORS = 3  # of a request in `kvgen dev`: to the client, to the function and to the KV


def most_connections() -> int:
    """Return how many connections a server may have: fewer where descriptors are scarce."""
    with contextlib.suppress(ImportError):
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY:
            return max(8, min(MOST_CONNECTIONS, (soft - _SPARE_DESCRIPTORS) // _DESCRIPTORS))
    return MOST_CONNECTIONS

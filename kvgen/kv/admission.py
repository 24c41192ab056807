"""Who may make a call: checks the Host, the Origin and the bearer token."""

from collections.abc import Mapping
from hmac import compare_digest

from kvgen.kv.hosts import MISDIRECTED, Hosts, is_foreign
from kvgen.kv.problems import Problem
from kvgen.kv.quota import Quota

Headers = Mapping[bytes, bytes]  # by name in small letters


class Admission:
    """Raises the Problem of what is not let in. Without ``hosts`` any Host is, in one process."""

    def __init__(self, hosts: Hosts | None, api_key: str | None, quota: Quota | None) -> None:
        self._hosts, self._quota = hosts, quota
        self._api_key = api_key.encode() if api_key else None

    def check_source(self, headers: Headers) -> None:
        """Refuse names that are not this server's, and pages of others."""
        if not self._hosts:
            return
        host, origin = headers.get(b"host", b""), headers.get(b"origin")
        if not self._hosts.allow(host):
            raise Problem(421, MISDIRECTED)
        if origin is not None and is_foreign(origin, host):
            raise Problem(403, "Pages from elsewhere may not use this KV.")

    def check_bearer(self, headers: Headers) -> None:
        """Refuse calls without the bearer, and those beyond the quota."""
        scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
        key = key.strip()
        is_right = not self._api_key or compare_digest(key, self._api_key)
        if scheme.lower() != b"bearer" or not key or not is_right:
            raise Problem(401, "The request has no valid bearer token.")
        if self._quota:
            self._quota.spend()

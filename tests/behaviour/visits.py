"""A good request for each pattern, and what its answer is, for tests that hold for all of them."""

import uuid
from dataclasses import dataclass, field

import httpx

from tests.behaviour.hosting import Function
from tests.behaviour.store import Kv
from tests.behaviour.webhooks import deliver, event

FLAG_KEY = "flag/new-ui"


@dataclass
class Visitor:
    """Asks one function for the same thing again and again: one session, one path, one flag."""

    function: Function
    pattern: str
    kv: Kv
    mark: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex}")

    @property
    def path(self) -> str:
        return f"/{self.mark}" if self.pattern == "cache" else "/"

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Session-ID": self.mark} if self.pattern == "session" else {}

    @property
    def key(self) -> str:
        keys = {
            "session": f"session/{self.mark}",
            "cache": f"cache/api/{self.mark}",
            "webhook": f"webhook/{self.mark}",
        }
        return keys.get(self.pattern, FLAG_KEY)

    def send(self, method: str = "GET", **options: object) -> httpx.Response:
        if self.pattern == "webhook":
            return deliver(self.function, event(self.mark))  # nothing else is good
        return self.function.request(method, self.path, headers=self.headers, **options)

    def raw(self, method: str = "GET", *lines: str) -> bytes:
        """Return the request as bytes, with more header lines, for a bare socket."""
        own = [f"{name}: {value}" for name, value in self.headers.items()]
        head = [f"{method} {self.path} HTTP/1.1", "Host: x", *own, *lines, "", ""]
        return "\r\n".join(head).encode("latin-1")

    def is_served(self) -> bool:
        """Send a request, and check that the answer is the good one, read from the KV."""
        if self.pattern == "flag":
            self.kv.put(FLAG_KEY, "true")
        response = self.send()
        assert response.status_code == 200, response.text
        if self.pattern == "session":
            assert response.json()["views"] >= 0
        if self.pattern == "cache":
            assert response.headers["x-cache"] in ("MISS", "HIT")
        if self.pattern == "flag":
            assert response.headers["x-flag"] == "new-ui=on"
        return True


def is_error(response: httpx.Response, status: int, message: str, **headers: str) -> bool:
    """Check that this is exactly an error: the JSON, the status, and no header of a success."""
    assert (response.status_code, response.json()) == (status, {"error": message})
    own = {"content-type": "application/json", "cache-control": "no-store", **headers}
    assert own_headers(response) == own
    return True


def own_headers(response: httpx.Response) -> dict[str, str]:
    """Return the headers but for those that are the host's."""
    hosts = {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length"}
    return {name: value for name, value in response.headers.items() if name not in hosts}

"""Webhooks while the store fails, an effect does, or Telnyx hangs up: at least once, always."""

import socket
import time

import pytest

from tests.behaviour.conftest import each_host
from tests.behaviour.gate import HANG, answer, only
from tests.behaviour.handlers import Handlers
from tests.behaviour.hosting import wait_until
from tests.behaviour.hosts import CLIENTS
from tests.behaviour.store import API_KEY
from tests.behaviour.test_store_faults import FAULTS
from tests.behaviour.visits import is_error
from tests.behaviour.webhooks import PUBLIC_KEY, deliver, event, new_id, signed

each_client = pytest.mark.parametrize("host", CLIENTS)

#: An effect that writes into the store, unless the payload wants it to have a bug.
_EFFECT = Handlers(
    {
        "/effect": {
            "javascript": """
                const event = await receiveEvent(request, 300);
                const isNew = await processOnce(event.id, 60, async () => {
                  if (event.payload.bug) throw new Error("made up");
                  await kvPut(`effect/${event.id}`, event.payload.text);
                });
                return new Response(isNew);
            """,
            "python": """
                event = await receive_event(request, 300)
                async def effect() -> None:
                    if event["payload"].get("bug"):
                        raise ValueError("made up")
                    await kv_put("effect/" + event["id"], event["payload"]["text"])
                is_new = await process_once(event["id"], 60, effect)
                return PlainTextResponse(str(is_new).lower())
            """,
            "go": """
                event, err := receiveEvent(r, 300)
                if err != nil {
                    return err
                }
                ctx := r.Context()
                isNew, err := processOnce(ctx, event.ID, 60, func(ctx context.Context) error {
                    var payload struct {
                        Bug  bool
                        Text string
                    }
                    if err := json.Unmarshal(event.Payload, &payload); err != nil {
                        return err
                    }
                    if payload.Bug {
                        return errors.New("made up")
                    }
                    return kvPut(ctx, "effect/"+event.ID, payload.Text)
                })
                if err != nil {
                    return err
                }
                fmt.Fprint(w, isNew)
            """,
        },
    },
    {
        "javascript": """
            import { kvPut } from "./kv.js";
            import { processOnce, receiveEvent } from "./webhook.js";
        """,
        "python": """
            from function.kv import kv_put
            from function.webhook import process_once, receive_event
        """,
    },
    "webhook",
)


@pytest.fixture
def function(start, host):
    return start("webhook", host)


@pytest.fixture
def effective(started_with, host):
    return started_with(host, _EFFECT)


def _effect(function, event_id, text, **payload):
    return deliver(function, event(event_id, text=text, **payload), path="/effect")


@each_client
@pytest.mark.parametrize(("fault", "requests", "reason"), FAULTS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_store_that_fails_keeps_no_event_from_being_processed(
    function, kv, method, fault, requests, reason
):
    event_id = new_id()
    body, mark = event(event_id), len(function.log())
    with kv.failing(only(method, fault)):
        response = deliver(function, body)
    assert (response.status_code, response.json()) == (200, {"status": "processed"})
    said = [line for line in function.logged_since(mark).splitlines() if " webhook: " in line]
    assert len(said) == 1
    assert f"kv {method} webhook: {reason.partition(',')[0]}" in said[0]
    assert (kv.get(f"webhook/{event_id}") is None) == (method == "PUT")
    again = "duplicate" if method == "GET" else "processed"
    assert deliver(function, body).json() == {"status": again}


@each_client
def test_slow_store_costs_a_second_for_each_call(function, kv):
    mark, began = len(function.log()), time.monotonic()
    with kv.failing(HANG):
        assert deliver(function, event(new_id())).json() == {"status": "processed"}
    assert 1.9 <= time.monotonic() - began < 4.5
    for method in ("GET", "PUT"):
        assert f"kv {method} webhook: timed out\n" in function.logged_since(mark)


@each_host
def test_effect_runs_once(effective, kv):
    event_id = new_id()
    assert _effect(effective, event_id, "first").text == "true"
    assert _effect(effective, event_id, "second").text == "false"
    assert kv.get(f"effect/{event_id}") == b"first"


@each_host
def test_effect_that_fails_leaves_no_mark_and_runs_at_the_next_delivery(effective, kv):
    event_id = new_id()
    assert is_error(_effect(effective, event_id, "", bug=True), 500, "internal error")
    with kv.failing(lambda request: answer(401) if b"/keys/effect" in request else None):
        failed = _effect(effective, event_id, "")
    assert is_error(failed, 503, "key-value store unavailable", **{"retry-after": "1"})
    assert kv.get(f"webhook/{event_id}") is None
    assert _effect(effective, event_id, "third").text == "true"
    assert kv.get(f"effect/{event_id}") == b"third"


@each_host
def test_effect_is_finished_and_marked_where_the_client_hangs_up(effective, kv):
    event_id = new_id()
    body = event(event_id, text="kept")
    lines = [f"{name}: {value}" for name, value in signed(body).items()]
    head = ["POST /effect HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *lines, "", ""]
    stalled = lambda request: HANG if b"/keys/effect" in request else None  # noqa: E731
    with kv.failing(stalled) as gate:
        with socket.create_connection(("127.0.0.1", effective.port), timeout=20) as raw:
            raw.sendall("\r\n".join(head).encode() + body)
            wait_until(lambda: gate.stalled, "the effect did not begin")
        assert effective.request("GET", "/health").status_code == 200
    # Open again, the gate has cut the connection, and the effect's call is tried once more.
    wait_until(lambda: kv.get(f"webhook/{event_id}"), "the event was not marked")
    assert kv.get(f"effect/{event_id}") == b"kept"


@each_client
def test_log_never_holds_an_id_a_text_or_a_key(function, kv):
    event_id = new_id()
    body = event(event_id, text="secret-text", sender="+13125550100")
    for status in (400, 401, 404, 500):
        with kv.failing(answer(status, b'{"errors": [{"detail": "secret-text"}]}')):
            deliver(function, body)
    deliver(function, body)
    for secret in (event_id, "secret-text", "+13125550100", API_KEY, PUBLIC_KEY, kv.namespace_id):
        assert secret not in function.log()

"""`kvgen dev --send`: an event at each start, signed with a key that the function knows."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from kvgen.dev.signing import SigningKey, read_event
from kvgen.languages.describe import BY_NAME
from kvgen.languages.toolchains import find_node
from kvgen.scaffold.roots import OWN_ROOT
from tests.behaviour.webhooks import PUBLIC_KEY, signed
from tests.dev.conftest import developing, scaffolded
from tests.tools import PACKAGES

_STOOD_IN = (
    "TELNYX_PUBLIC_KEY is a key made for this run; --send FILE sends an event signed with it."
)


@pytest.mark.parametrize("language", BY_NAME)
def test_event_is_sent_at_each_start_under_an_id_of_its_own(tmp_path, language):
    folder = scaffolded(tmp_path / "function", "webhook", language)
    options = ("--port", "0", "--send", str(folder / "event.json"))
    with developing(folder, *options, http_proxy="http://127.0.0.1:9") as dev:  # which has no part
        dev.says(_STOOD_IN)
        dev.says("message received")
        dev.says("  200 POST / ")
        assert "Try: " not in dev.output
        event = json.loads((folder / "event.json").read_text())
        event["data"]["event_type"] = "call.initiated"
        (folder / "event.json").write_text(json.dumps(event))
        handler = folder / BY_NAME[language].handler
        handler.write_text(handler.read_text() + "\n")
        dev.says("Reloaded.")
        dev.says("call initiated")
        dev.says("  200 POST / ", times=2)
        first, second = re.findall(r"kv PUT webhook/(\S+) 201", dev.output)
        assert first != second
        assert event["data"]["id"] not in (first, second)


def _unwrapped(body, headers, public_key):
    sent = {"body": body.decode(), "headers": headers, "publicKey": public_key}
    return subprocess.run(
        [find_node(), Path(__file__).parent / "unwrap.mjs"],
        input=json.dumps(sent),
        env={**os.environ, "TOOLS": str(PACKAGES.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_signature_is_one_that_the_vendors_package_takes():
    key, event = SigningKey(), read_event(OWN_ROOT / "webhook" / "javascript" / "event.json")
    taken = _unwrapped(event, key.headers(event), key.public)
    assert json.loads(taken.stdout) == json.loads(event)
    refused = _unwrapped(event + b" ", key.headers(event), key.public)
    assert "Signature verification failed" in refused.stderr
    # The other suites sign by themselves.
    assert _unwrapped(event, signed(event), PUBLIC_KEY).returncode == 0


def test_sample_is_the_same_in_every_language():
    samples = list(OWN_ROOT.glob("webhook/*/event.json"))
    assert len(samples) == len(BY_NAME)
    assert len({sample.read_bytes() for sample in samples}) == 1


@pytest.fixture
def folder(tmp_path):
    return scaffolded(tmp_path / "function", "webhook", "javascript")


def test_key_of_ones_own_is_left_alone_unless_an_event_is_sent(folder):
    key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    (folder / ".env").write_text(f"TELNYX_PUBLIC_KEY={key}\n")
    shows = "() => new Response(process.env.TELNYX_PUBLIC_KEY)"
    (folder / "handler.js").write_text(f"export const handler = {shows};\n")
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on")
        assert dev.get().text == key
        assert _STOOD_IN not in dev.output
    with developing(folder, "--port", "0", "--send", str(folder / "event.json")) as dev:
        dev.says("  200 POST / ")
        assert dev.get().text != key


def test_key_is_made_where_there_is_none_and_stays_for_the_run(folder):
    shows = "() => new Response(process.env.TELNYX_PUBLIC_KEY)"
    (folder / "handler.js").write_text(f"export const handler = {shows};\n")
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on")
        first = dev.get().text
        assert len(first) == 44
        (folder / "handler.js").write_text(f"export const handler = {shows}; // again\n")
        dev.says("Reloaded.")
        assert dev.get().text == first
        assert dev.output.count(_STOOD_IN) == 1
        assert "POST" not in dev.output


def test_event_that_has_become_unreadable_is_told_and_the_function_goes_on(folder):
    event = folder / "event.json"
    with developing(folder, "--port", "0", "--send", str(event)) as dev:
        dev.says("message received")
        event.write_text("{")
        handler = folder / "handler.js"
        handler.write_text(handler.read_text() + "\n")
        dev.says("event.json holds no event")
        assert dev.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("pattern", "text", "said"),
    [
        ("flag", '{"data": {}}', "no pattern of this function takes signed events"),
        ("webhook", "{", "event.json holds no event"),
        ("webhook", "[]", "event.json holds no event"),
        ("webhook", '{"data": 7}', "event.json holds no event"),
    ],
)
def test_event_that_cannot_be_sent_is_refused_before_anything_runs(
    kvgen, tmp_path, pattern, text, said
):
    folder = scaffolded(tmp_path / "function", pattern, "javascript")
    event = tmp_path / "event.json"
    event.write_text(text)
    result = kvgen("dev", str(folder), "--send", str(event))
    assert result.exit_code == 1
    assert said in result.stderr
    assert "\nHint: " in result.stderr


def test_file_that_is_not_there_is_bad_usage(kvgen, folder):
    result = kvgen("dev", str(folder), "--send", os.devnull + "x")
    assert result.exit_code == 2

"""`kvgen add` in functions that kvgen did not make: the printed lines work when pasted."""

import contextlib
import json
import uuid
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from kvgen.cli import main
from tests.behaviour.hosting import hosted
from tests.behaviour.hosts import HOSTS
from tests.behaviour.webhooks import PUBLIC_KEY, deliver, event, new_id
from tests.foreign.functions import FUNCTIONS, RESULTS, posted, with_lines

pytestmark = [
    pytest.mark.parametrize(
        ("language", "kind"),
        [
            pytest.param(*key, marks=pytest.mark.xdist_group("foreign " + key[0]))
            for key in FUNCTIONS
        ],
    )
]


_TOOLS = Path(__file__).parents[2] / "build" / "tools" / "node_modules"


@pytest.fixture
def folder(tmp_path, language, kind):
    # Node looks for packages in the folders above, too.
    (tmp_path / "node_modules").symlink_to(_TOOLS)
    _, files = FUNCTIONS[language, kind]
    folder = tmp_path / "mine"
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def _add(folder, *arguments):
    result = CliRunner().invoke(main, ["add", *arguments, str(folder), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def _patch(folder, language, kind, pattern, use):
    path, files = FUNCTIONS[language, kind]
    text = with_lines(files[path], use, RESULTS[pattern, language])
    (folder / path).write_text(text)


def test_webhook_is_received(folder, tmp_path, kv, origin, language, kind):
    receipt = _add(folder, "webhook")
    _patch(folder, language, kind, "webhook", receipt["use"])
    file = folder / FUNCTIONS[language, kind][0]
    file.write_text(posted(file.read_text()))
    event_id = new_id()
    with _running(folder, tmp_path, kv, origin, language) as function:
        kv.calls.clear()
        for _ in range(2):
            response = deliver(function, event(event_id), path="/shop")
            assert (response.status_code, response.text) == (200, "message.received")
        assert kv.calls == ["GET", "PUT", "GET"]
        with contextlib.suppress(httpx.RemoteProtocolError):  # where nobody catches the error
            assert deliver(function, event(event_id), {}, path="/shop").status_code >= 400
        assert len(kv.calls) == 3


def _running(folder, tmp_path, kv, origin, language):
    (tmp_path / "work").mkdir()
    environment = kv.environment | {"ORIGIN_URL": origin.url, "TELNYX_PUBLIC_KEY": PUBLIC_KEY}
    return hosted(folder, tmp_path / "work", environment, HOSTS[language])


def test_flag_is_read(folder, tmp_path, kv, origin, language, kind):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    receipt = _add(folder, "flag", "--flag", "foreign")
    assert {path: path.read_bytes() for path in before} == before
    _patch(folder, language, kind, "flag", receipt["use"])
    with _running(folder, tmp_path, kv, origin, language) as function:
        for value in ("true", "false"):
            kv.put("flag/foreign", value)
            response = function.request("GET", "/shop")
            assert (response.status_code, response.text.lower()) == (200, value)
        assert function.request("GET", "/nope").status_code == 404


def test_cache_is_used(folder, tmp_path, kv, origin, language, kind):
    receipt = _add(folder, "cache", "--prefix", f"p-{uuid.uuid4().hex[:8]}")
    _patch(folder, language, kind, "cache", receipt["use"])
    with _running(folder, tmp_path, kv, origin, language) as function:
        texts = [function.request("GET", "/shop").text for _ in range(2)]
    assert texts == ["MISS", "HIT"]
    assert [asked.target for asked in origin.asked] == ["/products"]


@pytest.mark.parametrize("options", [[], ["--cookie", "sid"]], ids=["header", "cookie"])
def test_session_is_kept(folder, tmp_path, kv, origin, language, kind, options):
    receipt = _add(folder, "session", *options)
    _patch(folder, language, kind, "session", receipt["use"])
    session_id = f"foreign-{uuid.uuid4().hex}"
    kv.put(f"session/{session_id}", json.dumps({"views": 6}))
    carried = {"Cookie": f"sid={session_id}"} if options else {"X-Session-ID": session_id}
    with _running(folder, tmp_path, kv, origin, language) as function:
        views = [function.request("GET", "/shop", headers=carried).text for _ in range(2)]
        assert views == ["7", "8"]
        assert function.request("GET", "/shop").text == "1"


def test_check_and_regenerate_know_the_folder(folder, language, kind):
    _add(folder, "flag")
    _add(folder, "cache")
    result = CliRunner().invoke(main, ["regenerate", "--check", str(folder)])
    assert result.exit_code == 0, result.output
    findings = CliRunner().invoke(main, ["check", str(folder), "--json"])
    (report,) = json.loads(findings.stdout)
    assert (report["patterns"], report["language"]) == (["cache", "flag"], language)


def test_file_of_the_same_name_is_refused_and_nothing_is_written(folder, language, kind):
    taken = {
        "javascript": "kv.js",
        "typescript": "kv.ts",
        "python": "function/flag.py",
        "go": "flag.go",
    }[language]
    (folder / taken).write_text("mine")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    result = CliRunner().invoke(main, ["add", "flag", str(folder)])
    assert result.exit_code == 1
    assert taken in result.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before

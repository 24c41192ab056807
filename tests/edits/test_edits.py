"""What people do to a fresh function, as patches to its handler, each seen over HTTP.

`<language>.toml` holds them: `[[edit]]` with name, pattern, file and replace, whose pairs are a
text that stands in the file once and what comes in its place.
"""

import contextlib
import json
import shutil
import subprocess
import time
import tomllib
import uuid
from pathlib import Path

import pytest

from kvgen.languages.toolchains import find_node
from tests.behaviour.conftest import scaffolded
from tests.behaviour.hosting import hosted
from tests.behaviour.hosts import LANGUAGES
from tests.behaviour.origin import reply
from tests.behaviour.webhooks import deliver, event, new_id
from tests.tools import NEWEST_TSC, PACKAGES

_HERE = Path(__file__).parent
_EDITS = {
    language: {edit["name"]: edit for edit in tomllib.loads(path.read_text("utf-8"))["edit"]}
    for language in LANGUAGES
    if (path := _HERE / f"{language}.toml").exists()
}
#: The parts of the other patterns, copied in for a function that uses all of them.
_PARTS = {
    "javascript": ("flag.js", "cache.js", "origin.js"),
    "typescript": ("flag.ts", "cache.ts", "origin.ts"),
    "python": ("function/flag.py", "function/cache.py", "function/origin.py"),
    "go": ("flag.go", "cache.go", "origin.go"),
}

each_language = pytest.mark.parametrize("language", LANGUAGES)


def _edited(root, language, name):
    """Scaffold a folder and edit it."""
    edit = _EDITS[language][name]
    folder = scaffolded(root / "function", edit["pattern"], language)
    if name == "together":
        for pattern in ("flag", "cache"):
            other = scaffolded(root / pattern, pattern, language)
            for part in _PARTS[language]:
                if (other / part).exists():
                    shutil.copy(other / part, folder / part)
    file = folder / edit["file"]
    text = file.read_text(encoding="utf-8")
    for before, after in edit["replace"]:
        assert text.count(before) == 1, f"{before!r} is {text.count(before)} times in {file}"
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def running(tmp_path, environment, language):
    """Run a function with an edit, by its name; what it logs is a failure."""

    @contextlib.contextmanager
    def run(name):
        folder = _edited(tmp_path, language, name)
        (tmp_path / "work").mkdir()
        with hosted(folder, tmp_path / "work", environment) as function:
            yield function
            assert function.log() == ""

    return run


@pytest.fixture
def headers():
    return {"X-Session-ID": f"test-{uuid.uuid4().hex}"}


def test_every_edit_is_there_in_every_language():
    names = {
        *("json-body", "query", "form-body", "route", "cookie", "html-status", "second-flag"),
        *("own-value", "cached-work", "together", "event-effect"),
    }
    found = {language: set(edits) for language, edits in _EDITS.items()}
    assert found == dict.fromkeys(LANGUAGES, names)


def test_edits_of_typescript_pass_its_compiler(tmp_path):
    (tmp_path / "node_modules").symlink_to(PACKAGES)
    for name in _EDITS["typescript"]:
        folder = _edited(tmp_path / name, "typescript", name)
        subprocess.run([find_node(), NEWEST_TSC, "--noEmit"], cwd=folder, check=True)


@each_language
def test_json_body(running, headers):
    with running("json-body") as function:
        assert "name" not in function.request("GET", headers=headers).json()
        posted = function.request("POST", headers=headers, json={"name": "Ada", "other": 1})
        assert (posted.status_code, posted.json()["name"]) == (200, "Ada")
        session = function.request("GET", headers=headers).json()
        assert session == posted.json() | {"views": 2}


@each_language
def test_query(running, headers):
    with running("query") as function:
        assert function.request("GET", "/?lang=de&x=1", headers=headers).json()["lang"] == "de"
        assert function.request("GET", "/?lang=%C3%A9+a", headers=headers).json()["lang"] == "é a"


@each_language
def test_form_body(running, headers):
    with running("form-body") as function:
        form = {"colour": "blue & green", "x": "1"}
        posted = function.request("POST", headers=headers, data=form)
        assert (posted.status_code, posted.json()["colour"]) == (200, "blue & green")
        assert function.request("GET", headers=headers).json()["colour"] == "blue & green"


@each_language
def test_route(running, headers):
    with running("route") as function:
        hello = function.request("GET", "/hello")
        assert (hello.status_code, hello.text) == (200, "hello")
        assert hello.headers["content-type"].partition(";")[0] == "text/plain"
        assert function.request("GET", "/hello?x=1").text == "hello"
        for method, path in (("GET", "/nope"), ("POST", "/hello")):
            missing = function.request(method, path, headers=headers)
            assert (missing.status_code, missing.json()) == (404, {"error": "not found"})
        views = [function.request("GET", "/", headers=headers).json()["views"] for _ in range(2)]
        assert views == [0, 1]
        assert function.request("POST", "/").status_code == 201


@each_language
def test_cookie(running, headers):
    with running("cookie") as function:
        first = function.request("GET", headers=headers)
        assert first.headers["set-cookie"].partition(";")[0] == "seen=1"
        assert "x-seen" not in first.headers
        function.client.cookies.clear()
        again = function.request("GET", headers=headers | {"Cookie": "a=b; seen=1"})
        assert (again.headers["x-seen"], again.json()["views"]) == ("yes", 1)
        assert again.headers["set-cookie"].partition(";")[0] == "seen=1"


@each_language
def test_html_status(running, headers):
    with running("html-status") as function:
        teapot = function.request("GET", "/teapot")
        assert teapot.status_code == 418
        assert teapot.headers["content-type"].lower() == "text/html; charset=utf-8"
        assert "<h1>teapot</h1>" in teapot.text
        assert function.request("GET", headers=headers).json()["views"] == 0


@each_language
def test_second_flag(running, kv):
    with running("second-flag") as function:
        for new_ui, beta in (("true", "false"), ("false", "true")):
            kv.put("flag/new-ui", new_ui)
            kv.put("flag/beta", beta)
            response = function.request("GET")
            ways = {"true": "on", "false": "off"}
            assert response.headers["x-flag"] == f"new-ui={ways[new_ui]}"
            assert response.headers["x-beta"] == ways[beta]
        kv.delete("flag/new-ui")
        kv.delete("flag/beta")
        assert function.request("GET").headers["x-beta"] == "off"


@each_language
def test_own_value(running, headers, kv):
    with running("own-value") as function:
        assert function.request("GET", headers=headers).status_code == 200
        key = f"note/{headers['X-Session-ID']}"
        note = json.loads(kv.get(key))
        assert note["value"]
        assert 0 < kv.expires_at(key) - note["expires_at"] + 1000 < 3000
        assert kv.expires_at(f"session/{headers['X-Session-ID']}") > kv.expires_at(key)
        created = function.request("POST")
        assert kv.get(f"note/{created.headers['x-session-id']}") is not None


@each_language
def test_cached_work(running, headers, kv):
    before = set(kv.keys(""))
    with running("cached-work") as function:
        for _ in range(2):
            report = function.request("GET", "/report", headers=headers)
            assert (report.status_code, report.text) == (200, "report 1")
        (key,) = (key for key in set(kv.keys("")) - before if "report" in key)
        assert 50_000 <= kv.expires_at(key) - time.time() * 1000 <= 61_000
    kv.delete(key)


@each_language
def test_together(running, headers, kv, origin):
    for key in kv.keys("cache/"):  # of the language before
        kv.delete(key)
    origin.reply = reply(b'["bread"]', "Content-Type: application/json")
    kv.put("flag/new-ui", "true")
    with running("together") as function:
        for views, verdict in ((0, "MISS"), (1, "HIT")):
            response = function.request("GET", headers=headers)
            assert response.status_code == 200
            assert str(views) in response.text
            assert response.headers["x-flag"] == "new-ui=on"
            assert response.headers["x-products-cache"] == verdict
        assert len(origin.asked) == 1


@each_language
def test_event_effect(running, kv):
    event_id = new_id()
    with running("event-effect") as function:
        for text in ("Zoë", "again"):
            body = event(event_id, text=text)
            assert deliver(function, body).status_code == 200
    assert "Zoë" in json.loads(kv.get(f"message/{event_id}"))["value"]

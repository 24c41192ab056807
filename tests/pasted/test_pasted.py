"""The handlers of the page that kvgen comes from, pasted over the handler of a fresh function.

`page/` holds them as they are published; those in TypeScript have the shape of the newest pages.
Each runs with its imports, with the pages of a UI where it needs them, and with the edits below,
which are all that a language forces.
"""

import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from kvgen.languages.toolchains import find_node
from tests.behaviour.conftest import scaffolded
from tests.behaviour.hosting import hosted
from tests.behaviour.hosts import HOSTS
from tests.tools import NEWEST_TSC, PACKAGES, RUNTIME_TYPES

_PAGE = Path(__file__).parent / "page"
_HANDLER = {
    "javascript": ("handler.js", "js"),
    "python": ("function/handler.py", "py"),
    "go": ("handler.go", "go"),
    "typescript": ("handler.ts", "ts"),
}

#: What is put before a handler: imports, and Go's Handle.
_IMPORTS = {
    ("session", "javascript"): 'import { kvGetWithExpiry, kvPutWithExpiry } from "./kv.js";',
    ("cache", "javascript"): 'import { kvGetWithExpiry, kvPutWithExpiry } from "./kv.js";',
    ("flag", "javascript"): 'import { kvGet } from "./kv.js";',
    ("session", "python"): """
from starlette.responses import Response
from function.kv import kv_get_with_expiry, kv_put_with_expiry
""",
    ("cache", "python"): """
import httpx
from starlette.responses import Response
from function.kv import kv_get_with_expiry, kv_put_with_expiry
""",
    ("flag", "python"): """
from starlette.responses import Response
from function.kv import kv_get
""",
    ("session", "go"): """
package function

import (
    "encoding/json"
    "fmt"
    "net/http"
    "time"
)

func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }
""",
    ("cache", "go"): """
package function

import (
    "fmt"
    "io"
    "net/http"
)

func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }
""",
    ("flag", "go"): """
package function

import "net/http"

func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }
""",
    # The newer pages have no other language. They call the binding, and bring their import.
    ("session", "typescript"): "",
    ("cache", "typescript"): "",
    ("flag", "typescript"): "",
}

#: Text of the page -> what a language needs in its place. Any other line stays as it is.
_EDITS = {
    "typescript": [],
    "javascript": [("async function handler", "export async function handler")],
    "python": [
        ('return {"body": session}', "return Response(session)"),
        (
            'return {"body": cached, "headers": {"X-Cache": "HIT"}}',
            'return Response(cached, headers={"X-Cache": "HIT"})',
        ),
        (
            'return {"body": data, "headers": {"X-Cache": "MISS"}}',
            'return Response(data, headers={"X-Cache": "MISS"})',
        ),
        ("urlparse(request.url).path", "request.url.path"),
    ],
    "go": [
        (
            "(w http.ResponseWriter, r *http.Request) {",
            "(w http.ResponseWriter, r *http.Request) error {",
        ),
        ("kvGet(", "kvGet(r.Context(), "),
        ("kvGetWithExpiry(", "kvGetWithExpiry(r.Context(), "),
        ("kvPutWithExpiry(", "kvPutWithExpiry(r.Context(), "),
        ("return\n", "return nil\n"),
        ("\n}\n", "\n\n    return nil\n}\n"),
    ],
}

#: The reader's own part: where the API is, and what the two UIs are.
_API = "https://api.example.com"
_UIS = {
    "typescript": """
const serveNewUI = (_: Request) => new Response("New UI");
const serveOldUI = (_: Request) => new Response("Old UI");
""",
    "javascript": """
const serveNewUI = () => new Response("New UI");
const serveOldUI = () => new Response("Old UI");
""",
    "python": """
def serve_new_ui(request):
    return Response("New UI")


def serve_old_ui(request):
    return Response("Old UI")
""",
    "go": """
func serveNewUI(w http.ResponseWriter, r *http.Request) { w.Write([]byte("New UI")) }
func serveOldUI(w http.ResponseWriter, r *http.Request) { w.Write([]byte("Old UI")) }
""",
}

each_language = pytest.mark.parametrize("language", _HANDLER)


@pytest.fixture
def pasted(tmp_path, environment, origin):
    """Run a pattern's function with a handler of the page in the place of its own."""

    def run(pattern, language, page=None):
        host = HOSTS["binding" if language == "typescript" else language]
        folder = scaffolded(tmp_path / "function", pattern, language, *host.options)
        name, suffix = _HANDLER[language]
        handler = (_PAGE / f"{page or pattern}.{suffix}.txt").read_text(encoding="utf-8")
        for before, after in [] if page else _EDITS[language]:
            handler = handler.replace(before, after)
        own = _UIS[language] if pattern == "flag" else ""
        whole = f"{_IMPORTS[pattern, language].lstrip()}\n{handler}{own}"
        (folder / name).write_text(whole.replace(_API, origin.url), encoding="utf-8")
        (tmp_path / "work").mkdir()
        return hosted(folder, tmp_path / "work", environment, host)

    return run


def _counts(function, headers):
    return [function.request("GET", headers=headers).json()["views"] for _ in range(3)]


@each_language
def test_session_of_the_page_counts(pasted, language, kv):
    session_id = f"test-{uuid.uuid4().hex}"
    with pasted("session", language) as function:
        assert _counts(function, {"X-Session-ID": session_id}) == [0, 1, 2]
        assert kv.get(f"session/{session_id}") is not None
        assert function.log() == ""


@each_language
def test_cache_of_the_page_asks_the_origin_once(pasted, language, origin):
    path = f"/{uuid.uuid4().hex}"
    with pasted("cache", language) as function:
        for verdict in ("MISS", "HIT"):
            response = function.request("GET", path)
            assert (response.text, response.headers["x-cache"]) == ("hello", verdict)
        assert [asked.target for asked in origin.asked] == ["/data"]
        # The client of the page's Python mentions its requests.
        assert function.log().replace("INFO:httpx:HTTP Request: ", "").count("\n") <= 1


@each_language
def test_flag_of_the_page_decides(pasted, language, kv):
    with pasted("flag", language) as function:
        for value, page in (("true", "New UI"), ("false", "Old UI")):
            kv.put("flag/new-ui", value)
            assert function.request("GET").text == page
        assert function.log() == ""


@pytest.mark.parametrize("pattern", ["session", "cache", "flag"])
def test_typescript_of_the_page_is_clean_under_the_compiler(pasted, tmp_path, pattern):
    with pasted(pattern, "typescript"):
        pass
    (tmp_path / "node_modules").symlink_to(PACKAGES)
    shutil.copy(RUNTIME_TYPES, tmp_path / "function")
    command = [str(find_node()), str(NEWEST_TSC), "--noEmit"]
    done = subprocess.run(command, cwd=tmp_path / "function", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


def test_handler_that_is_exported_already_needs_its_imports_only(pasted):
    with pasted("session", "javascript", page="exported") as function:
        assert function.request("GET").status_code == 400
        headers = {"X-Session-ID": f"test-{uuid.uuid4().hex}"}
        assert _counts(function, headers) == [0, 1, 2]
        assert (
            function.request("GET", headers=headers).headers["content-type"] == "application/json"
        )

"""Small functions that kvgen did not make, one a language: tests of `kvgen dev` need no template.

Each answers JSON with its environment's ``WORD``; the one in JavaScript puts a value into the KV at
a request for /kv.
"""

from pathlib import Path

_PROJECT = 'language = "{language}"\nname = "mine"\n'
_MANIFEST = '[edge_compute]\nfunc_name = "mine"\n\n[env_vars]\nWORD = "first"\n'

_INDEX = """\
import { createServer } from "node:http";
import { answer } from "./handler.js";

const port = process.env.PORT || 8080;
createServer((request, response) => answer(request, response)).listen(port, process.env.HOST);
"""
_HANDLER_JS = """\
const kv = `${process.env.TELNYX_BASE_URL}/v2/storage/kvs/${process.env.KV_NAMESPACE_ID}/keys/`;

export async function answer(request, response) {
  if (request.url === "/kv") {
    const headers = { authorization: `Bearer ${process.env.TELNYX_API_KEY}` };
    await fetch(`${kv}word`, { method: "PUT", body: "kept", headers });
  }
  response.end(JSON.stringify({ word: process.env.WORD }));
}
"""

_HANDLER_TS = _HANDLER_JS.replace(
    "answer(request, response)", "answer(request: IncomingMessage, response: ServerResponse)"
)
_HANDLER_TS = f'import type {{ IncomingMessage, ServerResponse }} from "node:http";\n{_HANDLER_TS}'

_FUNC_PY = """\
import json
import os

from .handler import word


class Function:
    async def handle(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps({"word": word()}).encode()})


def new():
    return Function()
"""
_HANDLER_PY = """\
import os


def word():
    return os.environ["WORD"]
"""

_HANDLER_GO = """\
package function

import (
\t"encoding/json"
\t"net/http"
\t"os"
)

func Handle(w http.ResponseWriter, r *http.Request) {
\tjson.NewEncoder(w).Encode(map[string]string{"word": os.Getenv("WORD")})
}
"""

_FILES = {
    "javascript": {
        "package.json": '{"type": "module", "main": "index.js"}\n',
        "index.js": _INDEX,
        "handler.js": _HANDLER_JS,
    },
    "typescript": {
        "package.json": '{"type": "module"}\n',
        "index.ts": _INDEX.replace(".js", ".ts"),
        "handler.ts": _HANDLER_TS,
    },
    "python": {
        "pyproject.toml": '[project]\nname = "mine"\nversion = "0"\ndependencies = []\n',
        "function/__init__.py": "from .func import new\n",
        "function/func.py": _FUNC_PY,
        "function/handler.py": _HANDLER_PY,
    },
    "go": {"go.mod": "module function\n\ngo 1.24\n", "handler.go": _HANDLER_GO},
}


def written(folder: Path, language: str) -> Path:
    """Write a function into a folder; returns the folder."""
    manifests = {"kvgen.toml": _PROJECT.format(language=language), "func.toml": _MANIFEST}
    for path, text in {**manifests, **_FILES[language]}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def change(folder: Path, word: str) -> None:
    """Have a function answer with another word, by its manifest."""
    (folder / "func.toml").write_text(_MANIFEST.replace("first", word), encoding="utf-8")

"""Small functions by hand, one a language, that are ready to deploy: what kvgen's templates say
is not what the rules are about."""

from pathlib import Path

from kvgen.scaffold.lock import lock_text

UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

_COMMON = {
    "func.toml": f"""\
[edge_compute]
# What is deployed.
func_id = "{UUID}"
func_name = "session-LANGUAGE"

[env_vars]
KV_NAMESPACE_ID = "{UUID}"

[telnyx]
# Puts TELNYX_API_KEY into the environment.
binding = "TELNYX"
""",
    "kvgen.toml": """\
# What this function was made from.
language = "LANGUAGE"
name = "session-LANGUAGE"
handler = "session"

[patterns.session]
ttl = "24h"
""",
    "kvgen.lock": lock_text([]),
    ".env.example": "# Copy to .env.\nKV_NAMESPACE_ID=\nTELNYX_API_KEY=\n",
    ".gitignore": ".env\n",
}
_FILES = {
    "javascript": {
        "index.js": """\
import http from "node:http";
import { handler } from "./handler.js";

const server = http.createServer((request, response) => {
  if (request.url.startsWith("/health")) response.end("ok");
  else handler(request, response);
});
server.listen(process.env.PORT || 8080);
""",
        "handler.js": """\
// What you came to edit.
import { greeting } from "./session.js";

export function handler(request, response) {
  response.end(greeting(request.url));
}
""",
        "session.js": """\
// What is stored.

import { kvGet } from "./kv.js";

export async function greeting(name) {
  return `hello ${name} ${await kvGet(name)}`;
}
""",
        "kv.js": "export async function kvGet(key) {\n  return key;\n}\n",
        "package.json": """\
{
  "name": "session-javascript",
  "private": true,
  "type": "module",
  "main": "index.js",
  "scripts": {
    "start": "node index.js",
    "test": "node --test"
  },
  "engines": {
    "node": ">=18"
  }
}
""",
    },
    "typescript": {
        "index.ts": """\
import http from "node:http";
import { handler } from "./handler.ts";

const server = http.createServer((request, response) => {
  if (request.url?.startsWith("/health")) response.end("ok");
  else void handler(request, response);
});
server.listen(process.env.PORT || 8080);
""",
        "handler.ts": """\
// What you came to edit.
import type { IncomingMessage, ServerResponse } from "node:http";

import { greeting } from "./session.js";

export async function handler(request: IncomingMessage, response: ServerResponse) {
  response.end(await greeting(request.url ?? "/"));
}
""",
        "session.ts": """\
// What is stored.

import { kvGet } from "./kv.ts";

export async function greeting(name: string): Promise<string> {
  return `hello ${name} ${await kvGet(name)}`;
}
""",
        "kv.ts": "export async function kvGet(key: string) {\n  return key;\n}\n",
        "package.json": """\
{
  "name": "session-typescript",
  "private": true,
  "type": "module",
  "main": "dist/index.js",
  "scripts": {
    "build": "tsc",
    "start": "node dist/index.js"
  },
  "engines": {
    "node": ">=20"
  },
  "devDependencies": {
    "@types/node": "^20.0.0",
    "typescript": "^6.0.0"
  }
}
""",
        "tsconfig.json": """\
{
  // What the platform starts is in dist.
  "compilerOptions": {
    "module": "nodenext",
    "rootDir": ".",
    "outDir": "./dist",
    "types": ["node"],
    "strict": true,
    "rewriteRelativeImportExtensions": true,
  }
}
""",
    },
    "python": {
        "function/__init__.py": "from function.func import new\n",
        "function/func.py": """\
from collections.abc import Mapping

from function.handler import handler


class Function:
    def start(self, config: Mapping[str, str]) -> None:
        pass

    def stop(self) -> None:
        pass

    async def handle(self, scope, receive, send) -> None:
        await handler(scope, send)


def new() -> "Function":
    return Function()
""",
        "function/handler.py": """\
from function.kv import kv_get


async def handler(scope, send) -> None:
    await send(await kv_get(scope["path"]))
""",
        "function/kv.py": "async def kv_get(key):\n    return key\n",
        "pyproject.toml": """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
# The platform imports the package by this name.
name = "function"
version = "1.0.0"
requires-python = ">=3.11"
dependencies = ["aiohttp>=3.12", "yarl>=1.17"]
""",
    },
    "go": {
        "go.mod": "module function\n\ngo 1.24\n",
        "handler.go": """\
package function

import (
\t"net/http"
)

// Handle is what the platform calls.
func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }

func handler(w http.ResponseWriter, r *http.Request) error {
\t_, err := w.Write([]byte(greeting(r)))
\treturn err
}
""",
        "entry.go": """\
package function

import "net/http"

type function func(w http.ResponseWriter, r *http.Request) error

func serve(w http.ResponseWriter, r *http.Request, answer function) {
\tif err := answer(w, r); err != nil {
\t\tw.WriteHeader(http.StatusInternalServerError)
\t}
}

func greeting(r *http.Request) string { return "hello " + r.URL.Path }
""",
    },
}


def write_plain(folder: Path, language: str) -> Path:
    """Write the function of a language into a new folder; returns the folder."""
    for path, text in {**_COMMON, **_FILES[language]}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.replace("LANGUAGE", language))
    return folder

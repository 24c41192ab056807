"""Functions that kvgen did not make, with two places: for imports, and in the code of a request."""

IMPORTS, LINES, RESULT = "@@imports@@", "@@lines@@", "@@result@@"

_PACKAGE = """\
{
  "name": "mine",
  "type": "module",
  "main": "index.js",
  "scripts": { "start": "node index.js" },
  "engines": { "node": ">=18" }
}
"""
_NODE_SERVER = """\
import http from "node:http";
@@imports@@

const server = http.createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  if (pathname.startsWith("/health")) return response.end("OK");
  if (pathname !== "/shop") return response.writeHead(404).end();
  try {
    @@lines@@
    response.end(String(@@result@@));
  } catch (error) {
    response.writeHead(503).end();
  }
});
server.listen(process.env.PORT || 8080, process.env.HOST);
"""

_TS_PACKAGE = """\
{
  "name": "mine",
  "type": "module",
  "scripts": { "build": "tsc", "start": "node dist/index.js" },
  "engines": { "node": ">=20" },
  "devDependencies": { "@types/node": "^20.0.0", "typescript": "^6.0.0" }
}
"""
_TS_CONFIG = """\
{
  "compilerOptions": {
    "target": "ES2022", // of the platform's own example
    "module": "nodenext",
    "rootDir": ".",
    "outDir": "dist",
    "types": ["node"],
    "strict": true,
    "allowImportingTsExtensions": true,
    "rewriteRelativeImportExtensions": true,
  }
}
"""
_TS_FILES = {"package.json": _TS_PACKAGE, "tsconfig.json": _TS_CONFIG}
_TS_SERVER = (
    _NODE_SERVER.replace("new URL(request.url,", "new URL(request.url!,")
    .replace("return response.writeHead(404).end();", "return void response.writeHead(404).end();")
    .replace('return response.end("OK");', 'return void response.end("OK");')
    .replace("process.env.PORT || 8080", "Number(process.env.PORT)")
)

_HONO = """\
import { serve } from "@hono/node-server";
import { Hono } from "hono";
@@imports@@

const app = new Hono();
app.get("/health", (context) => context.text("OK"));
app.get("/shop", async (context) => {
  const request = context.env.incoming; // node:http's, below
  @@lines@@
  return context.text(String(@@result@@));
});
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: process.env.HOST });
"""

_PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "function"
version = "1"
requires-python = ">=3.11"
dependencies = ["aiohttp", "starlette"]
"""
_INIT = "from function.func import new\n\n__all__ = ['new']\n"
_BARE_ASGI = """\
@@imports@@


class Function:
    async def handle(self, scope, receive, send):
        status, text = 200, "OK"
        if scope["path"] == "/shop":
            @@lines@@
            text = str(@@result@@)
        elif not scope["path"].startswith("/health"):
            status = 404
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})


def new():
    return Function()
"""
_STARLETTE = """\
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
@@imports@@


async def shop(request):
    scope, receive = request.scope, request.receive
    @@lines@@
    return PlainTextResponse(str(@@result@@))


async def health(request):
    return PlainTextResponse("OK")


class Function:
    def __init__(self):
        self.handle = Starlette(routes=[Route("/health", health), Route("/shop", shop)])


def new():
    return Function()
"""

_GO_HANDLE = """\
package function

import (
	"fmt"
	"net/http"
)

@@imports@@

func Handle(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/health":
		fmt.Fprint(w, "OK")
	case "/shop":
		shop(w, r)
	default:
		http.NotFound(w, r)
	}
}

func shop(w http.ResponseWriter, r *http.Request) {
	@@lines@@
	fmt.Fprint(w, @@result@@)
}
"""
_GO_MUX = """\
package function

import (
	"fmt"
	"net/http"
)

@@imports@@

var mux = http.NewServeMux()

func init() {
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "OK")
	})
	mux.HandleFunc("GET /shop", func(w http.ResponseWriter, r *http.Request) {
		@@lines@@
		fmt.Fprint(w, @@result@@)
	})
}

func Handle(w http.ResponseWriter, r *http.Request) { mux.ServeHTTP(w, r) }
"""
_GO_MOD = "module function\n\ngo 1.24\n"

_PYTHON_FILES = {"function/__init__.py": _INIT, "pyproject.toml": _PYPROJECT}

#: By language and name: the file with the places, and all files of the folder.
FUNCTIONS = {
    ("javascript", "server"): ("index.js", {"index.js": _NODE_SERVER, "package.json": _PACKAGE}),
    ("javascript", "hono"): ("index.js", {"index.js": _HONO, "package.json": _PACKAGE}),
    ("typescript", "server"): ("index.ts", {"index.ts": _TS_SERVER, **_TS_FILES}),
    ("python", "asgi"): (
        "function/func.py",
        {
            "function/func.py": _BARE_ASGI,
            "function/__init__.py": _INIT,
            "pyproject.toml": _PYPROJECT,
        },
    ),
    ("python", "starlette"): (
        "function/func.py",
        {
            "function/func.py": _STARLETTE,
            "function/__init__.py": _INIT,
            "pyproject.toml": _PYPROJECT,
        },
    ),
    ("go", "handle"): ("handler.go", {"handler.go": _GO_HANDLE, "go.mod": _GO_MOD}),
    ("go", "mux"): ("handler.go", {"handler.go": _GO_MUX, "go.mod": _GO_MOD}),
}

#: What the printed lines leave in a variable, as text: by pattern and language.
RESULTS = {
    ("flag", "javascript"): "isOn",
    ("flag", "python"): "is_on",
    ("flag", "go"): "isOn",
    ("cache", "javascript"): 'products.headers.get("X-Cache")',
    ("cache", "python"): 'products.headers["X-Cache"]',
    ("cache", "go"): 'products.header.Get("X-Cache")',
    ("session", "javascript"): "visit.views",
    ("session", "python"): 'visit["views"]',
    ("session", "go"): 'visit["views"]',
    ("webhook", "javascript"): "event.event_type",
    ("webhook", "python"): 'event["event_type"]',
    ("webhook", "go"): "event.Type",
}
RESULTS |= {(p, "typescript"): text for (p, la), text in RESULTS.items() if la == "javascript"}


#: Routes that take a GET, and the same for a POST.
_POSTED = {
    'app.get("/shop"': 'app.post("/shop"',
    'Route("/shop", shop)': 'Route("/shop", shop, methods=["POST"])',
    '"GET /shop"': '"POST /shop"',
}


def posted(text: str) -> str:
    """Return a function whose shop takes a POST."""
    for before, after in _POSTED.items():
        text = text.replace(before, after)
    return text


def with_lines(text: str, use: str, result: str) -> str:
    """Put the printed lines into a function: imports at the top, the rest where they are used."""
    imports, lines = split_use(use)
    indent = next(line for line in text.splitlines() if LINES in line).partition("@")[0]
    placed = f"\n{indent}".join(lines.splitlines()).replace(f"\n{indent}\n", "\n\n")
    return text.replace(IMPORTS, imports).replace(LINES, placed).replace(RESULT, result)


def split_use(use: str) -> tuple[str, str]:
    """Split the printed lines into imports and the rest; Go's may have none of the first."""
    first, _, rest = use.strip().partition("\n\n")
    return (first, rest) if rest and first.startswith(("import", "from")) else ("", use.strip())

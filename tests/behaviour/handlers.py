"""Handlers that tests write: for each path a few statements in each language."""

import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Where the handler stands, and what is around the statements of its paths.
_FILES = {
    "javascript": (
        "handler.js",
        """\
        const bytes = (text) => new TextEncoder().encode(text);
        PRELUDE
        export async function handler(request, { target }) {
        ROUTES
          return new Response("no such path", { status: 404 });
        }
        """,
    ),
    "typescript": (
        "handler.ts",
        """\
        const bytes = (text: string) => new TextEncoder().encode(text);
        PRELUDE
        export async function handler(request: Request, { target }: { target: string }) {
        ROUTES
          return new Response("no such path", { status: 404 });
        }
        """,
    ),
    "python": (
        "function/handler.py",
        """\
        import asyncio
        from urllib.parse import parse_qs

        from starlette.exceptions import HTTPException
        from starlette.requests import Request
        from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
        PRELUDE
        async def handler(request: Request) -> Response:
        ROUTES
            return PlainTextResponse("no such path", 404)
        """,
    ),
    "go": (
        "handler.go",
        """\
        package function

        import (
        \t"context"
        \t"encoding/json"
        \t"errors"
        \t"fmt"
        \t"io"
        \t"net/http"
        \t"sync/atomic"
        \t"time"
        )

        var _ = []any{context.Background, json.Marshal, errors.New, fmt.Sprint, io.Copy}
        var _ = []any{atomic.AddInt32, time.Now}

        func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }

        PRELUDE
        func handler(w http.ResponseWriter, r *http.Request) error {
        \tswitch r.URL.Path {
        ROUTES
        \t}
        \tw.WriteHeader(404)
        \treturn nil
        }
        """,
    ),
}


@dataclass(frozen=True)
class Handlers:
    """What a handler does, by language and path; ``prelude`` goes before it.

    ``pattern`` is the one whose part the handler may use.
    """

    routes: Mapping[str, Mapping[str, str]]
    prelude: Mapping[str, str] = field(default_factory=dict)
    pattern: str = "session"

    def paths(self, language: str) -> list[str]:
        return [path for path, code in self.routes.items() if _written(code, language)]

    def write(self, folder: Path, language: str) -> None:
        """Replace the handler of a folder."""
        name, frame = _FILES[language]
        routes = "".join(
            _route(language, path, _written(self.routes[path], language))
            for path in self.paths(language)
        )
        prelude = _written(self.prelude, language)
        text = textwrap.dedent(frame).replace("PRELUDE", prelude + "\n").replace("ROUTES", routes)
        (folder / name).write_text(text, encoding="utf-8")


def _written(code: Mapping[str, str], language: str) -> str:
    """Return what is written in a language; JavaScript is TypeScript too."""
    if language == "typescript":
        return _written(code, "javascript").replace('.js"', '.ts"')
    return textwrap.dedent(code.get(language, "")).strip()


def _route(language: str, path: str, code: str) -> str:
    wanted = json.dumps(path)
    if language in ("javascript", "typescript"):
        return f"  if (target === {wanted}) {{\n{textwrap.indent(code, '    ')}\n  }}\n"
    if language == "python":
        return f"    if request.url.path == {wanted}:\n{textwrap.indent(code, '        ')}\n"
    return f"\tcase {wanted}:\n{textwrap.indent(code, chr(9) * 2)}\n\t\treturn nil\n"

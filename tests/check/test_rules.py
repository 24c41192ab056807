"""Each rule is broken once, and exactly that is found: what, and on which line."""

import pytest

from kvgen.check.rules import RULES
from kvgen.languages.describe import LANGUAGES
from kvgen.scaffold.catalog import pattern_names
from tests.check.conftest import checked, found, scaffolded
from tests.check.plain import UUID as _UUID

_KEY = "KEY0123456789ABCDEF0123456789ABCDEF_" + "aZ9-_" * 4 + "aZ"
_VALUE = "0123456789abcdefghij"
_NEW = 'def new() -> "Function":'
_HANDLE = "async def handle(self, scope, receive, send) -> None:"
_GO_HANDLE = "func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }"
_RESULT = "func Handle(w http.ResponseWriter, r *http.Request) error {"
_GO_KEEP = "var _ = handler\n"
_MANY = "".join(f'V{n} = ""\n' for n in range(64))
_DELETED = None

# rule, language, file, what is replaced (all of it where empty), by what, and the line found: its
# number, or where that is a template's business what stands on it
_BROKEN = [
    ("manifest", "go", "func.toml", "", _DELETED, None),
    ("manifest", "go", "func.toml", "[telnyx]", "[telnyx", 9),
    ("manifest", "go", "func.toml", "[telnyx]", "[env_vars]", 9),
    ("manifest-block", "go", "func.toml", "[telnyx]", "[build]\n[telnyx]", 9),
    ("manifest-block", "go", "func.toml", "[telnyx]", "[storage.r2.A]\n[telnyx]", None),
    ("manifest-key", "go", "func.toml", "func_name", 'func_nme = "a"\nfunc_name', 4),
    ("manifest-key", "go", "func.toml", "[telnyx]", '[[secrets]]\nnam = "a"\n[telnyx]', 10),
    ("manifest-key", "go", "func.toml", "[telnyx]", '[storage.kv.S]\nids = "a"\n[telnyx]', 10),
    ("manifest-type", "go", "func.toml", "[edge_compute]", "secrets = 1\n[edge_compute]", 1),
    ("manifest-type", "go", "func.toml", 'binding = "TELNYX"', 'binding = ["TELNYX"]', 11),
    ("manifest-type", "go", "func.toml", "[telnyx]", "PORT = 8080\n[telnyx]", 9),
    ("manifest-type", "go", "func.toml", "[env_vars]", '[storage]\nkv.S = ""\n[env_vars]', 6),
    ("func-name", "go", "func.toml", "session-go", "-session-", 4),
    ("func-name", "go", "func.toml", 'func_name = "session-go"', "", 1),
    ("func-id", "go", "func.toml", f'func_id = "{_UUID}"', 'func_id = "mine"', 3),
    ("func-id-missing", "go", "func.toml", f'func_id = "{_UUID}"', "", 1),
    ("env-count", "go", "func.toml", "[telnyx]", _MANY + "[telnyx]", 6),
    ("env-size", "go", "func.toml", "[telnyx]", f'V = "{"é" * 2561}"\n[telnyx]', 9),
    ("env-secret", "go", "func.toml", "[telnyx]", 'TELNYX_API_KEY = "k"\n[telnyx]', 9),
    ("namespace-id", "go", "func.toml", f'_ID = "{_UUID}"', '_ID = "shop"', 7),
    ("namespace-missing", "go", "func.toml", f'KV_NAMESPACE_ID = "{_UUID}"', "", None),
    ("namespace-missing", "go", "func.toml", f'_ID = "{_UUID}"', '_ID = ""', 7),
    ("binding-missing", "go", "func.toml", 'binding = "TELNYX"', "", None),
    ("project", "go", "kvgen.toml", "[patterns.session]", "[patterns.sesion]", None),
    ("project", "go", "kvgen.toml", "[patterns.session]", "<<<<<<< HEAD", 6),
    ("no-project", "go", "kvgen.toml", "", _DELETED, None),
    ("lock", "go", "kvgen.lock", '"files"', '"fils"', None),
    ("dotenv", "go", ".env", "", "A=1\n  = 2\n", 2),
    ("secret", "go", "kv_key.pem", "", "\n-----BEGIN EC PRIVATE KEY-----\n", 2),
    ("secret", "javascript", "notes.txt", "", f"it is {_KEY}.", 1),
    ("secret", "javascript", ".env.example", "API_KEY=", f"API_KEY={_VALUE}", 3),
    ("secret-ignored", "javascript", ".env", "", f"export TELNYX_API_KEY='{_VALUE}'\n", 1),
    ("dotenv-tracked", "python", ".env.local", "", "A=1\n", None),
    ("not-text", "python", "function/kv.py", "", b"a = '\xff'\n", 1),
    ("too-large", "python", "function/data.py", "", f"A = '{'a' * 2**20}'\n", None),
    ("js-entry", "javascript", "index.js", "", _DELETED, None),
    ("js-syntax", "javascript", "session.js", "export async function", "export functoin", 5),
    ("js-import", "javascript", "handler.js", "./session.js", "./sessions.js", 2),
    ("js-import", "javascript", "session.js", "./kv.js", "../kv.js", 3),
    ("js-dependency", "javascript", "handler.js", "./session.js", "@a/b/c.js", 2),
    ("js-listen", "javascript", "index.js", ".listen(", ".listn(", None),
    ("js-listen", "javascript", "index.js", "http.createServer(", "http.makeServer(", None),
    ("js-port", "javascript", "index.js", "process.env.PORT || 8080", "8080", ".listen("),
    ("js-health", "javascript", "index.js", "health", "alive", None),
    ("js-package", "javascript", "package.json", "", _DELETED, None),
    ("js-package", "javascript", "package.json", "", "[]", 1),
    ("js-package", "javascript", "package.json", '"private": true,', '"private": true', 4),
    ("js-main", "javascript", "package.json", '"main": "index.js"', '"main": "handler.js"', 5),
    ("js-start", "javascript", "package.json", "node index.js", "node .", 7),
    ("js-engine", "javascript", "package.json", '">=18"', '">=20.1"', 11),
    ("js-engine", "javascript", "package.json", '"node": ">=18"', '"npm": "9"', 10),
    ("ts-entry", "typescript", "index.ts", "", _DELETED, None),
    ("ts-types", "typescript", "handler.ts", "greeting(request.url", "greeting(7, request.url", 7),
    ("ts-types", "typescript", "tsconfig.json", '"nodenext"', '"next"', 4),
    ("ts-import", "typescript", "handler.ts", "./session.js", "./sessions.ts", 4),
    ("ts-dependency", "typescript", "index.ts", "node:http", "left-pad", "left-pad"),
    ("ts-listen", "typescript", "index.ts", ".listen(", ".listn(", None),
    ("ts-port", "typescript", "index.ts", "process.env.PORT || 8080", "8080", ".listen("),
    ("ts-health", "typescript", "index.ts", "health", "alive", None),
    ("ts-package", "typescript", "package.json", "", _DELETED, None),
    ("ts-package", "typescript", "package.json", "", "[]", 1),
    ("ts-type", "typescript", "package.json", '"module"', '"commonjs"', 4),
    ("ts-build", "typescript", "package.json", '"build": "tsc",', "", None),
    ("ts-build", "typescript", "package.json", '"build": "tsc"', '"build": "esbuild"', 7),
    ("ts-start", "typescript", "package.json", "node dist/index.js", "node index.ts", 8),
    ("ts-engine", "typescript", "package.json", '">=20"', '">=22.18"', 11),
    ("ts-compiler", "typescript", "package.json", '"typescript": ', '"tsx": ', None),
    ("ts-config", "typescript", "tsconfig.json", "", _DELETED, None),
    ("ts-config", "typescript", "tsconfig.json", '"nodenext",', '"nodenext"', 5),
    ("ts-emit", "typescript", "tsconfig.json", "./dist", "./build", 6),
    ("ts-emit", "typescript", "tsconfig.json", '"rootDir": ".",', "", 3),
    ("ts-emit", "typescript", "tsconfig.json", '"types"', '"noEmit": true, "types"', 7),
    ("py-entry", "python", "function/func.py", "", _DELETED, None),
    ("py-syntax", "python", "function/handler.py", "async def", "async df", 4),
    ("py-syntax", "python", "function/handler.py", "", "a = 1\0\n", None),
    ("py-import", "python", "function/func.py", "function.handler", "function.handlers", 3),
    ("py-new", "python", "function/func.py", _NEW, 'def old() -> "Function":', None),
    ("py-new", "python", "function/func.py", _NEW, f"async {_NEW}", "def new("),
    ("py-new", "python", "function/func.py", _NEW, "def new(a, b=1, *, c):", "def new("),
    (
        "py-handle",
        "python",
        "function/func.py",
        f"async def {_HANDLE[10:]}",
        _HANDLE[6:],
        "def handle(",
    ),
    (
        "py-handle",
        "python",
        "function/func.py",
        _HANDLE,
        "async def answer(self, request):",
        "class Function",
    ),
    (
        "py-handle",
        "python",
        "function/func.py",
        _HANDLE,
        "async def handle(self, request):",
        "def handle(",
    ),
    (
        "py-hook",
        "python",
        "function/func.py",
        "def stop(self)",
        "async def stop(self)",
        "def stop(",
    ),
    (
        "py-hook",
        "python",
        "function/func.py",
        "def start(self, config: Mapping[str, str])",
        "def start(self)",
        "def start(",
    ),
    ("py-export", "python", "function/__init__.py", "import new", "import Function", None),
    ("py-export", "python", "function/__init__.py", "", _DELETED, None),
    ("py-project", "python", "pyproject.toml", "", _DELETED, None),
    ("py-project", "python", "pyproject.toml", "[project]", "[project", 5),
    ("py-name", "python", "pyproject.toml", '"function"\nversion', '"shop"\nversion', 7),
    ("py-backend", "python", "pyproject.toml", "hatchling.build", "setuptools.build_meta", 3),
    ("py-dependencies", "python", "pyproject.toml", "aiohttp>=3.12", "aiohttp=>3", 10),
    (
        "py-dependencies",
        "python",
        "pyproject.toml",
        '["aiohttp>=3.12", "yarl>=1.17"]',
        '"aiohttp"',
        10,
    ),
    ("py-dependencies", "python", "pyproject.toml", "version", 'dynamic = ["dependencies"]\nv', 8),
    ("py-requirements", "python", "requirements.txt", "", "aiohttp\n", None),
    ("go-module", "go", "go.mod", "module function", "module shop // function", 1),
    ("go-module", "go", "go.mod", "", _DELETED, None),
    ("go-version", "go", "go.mod", "go 1.24", "go 1.21", 3),
    ("go-build", "go", "handler.go", "greeting(r)", "greetin(r)", "greetin(r)"),
    ("go-handle", "go", "handler.go", _GO_HANDLE, _GO_KEEP, None),
    ("go-handle", "go", "handler.go", _GO_HANDLE, f"{_RESULT} return handler(w, r) }}", None),
    ("go-handle", "go", "handler.go", "func Handle(w", "func Handle(c int, w", None),
    ("go-handle", "go", "handler.go", _GO_HANDLE, f"/* {_GO_HANDLE} */ {_GO_KEEP}", None),
    ("go-handle", "go", "handler.go", _GO_HANDLE, f"var s = `\n{_GO_HANDLE}\n`\n{_GO_KEEP}", None),
]


def _break(folder, file, old, new):
    path = folder / file
    if new is _DELETED:
        path.unlink()
    elif not old:
        path.write_bytes(new if isinstance(new, bytes) else new.encode())
    else:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


_NAMES = pattern_names()


@pytest.mark.parametrize("language", [language.name for language in LANGUAGES])
@pytest.mark.parametrize("patterns", [*((name,) for name in _NAMES), tuple(_NAMES)], ids="-".join)
def test_function_with_its_placeholders_filled_in_is_ready(tmp_path, patterns, language):
    report = checked(scaffolded(tmp_path / "f", language, *patterns))
    assert report.findings == ()
    assert (report.patterns, report.language, report.is_ready) == (patterns, language, True)


@pytest.mark.parametrize("language", [language.name for language in LANGUAGES])
def test_function_by_hand_is_ready(ready, language):
    report = checked(ready(language))
    assert report.findings == ()
    assert (report.patterns, report.language) == (("session",), language)


@pytest.mark.parametrize(("rule", "language", "file", "old", "new", "line"), _BROKEN)
def test_broken_rule_is_found_alone(ready, rule, language, file, old, new, line):
    folder = ready(language)
    _break(folder, file, old, new)
    # No rule about a manifest needs a compiler to be seen alone, and they take their time.
    has_tools = rule in ("js-syntax", "ts-types", "go-build", "go-handle")
    number = _number_of(line, folder / file) if isinstance(line, str) else line
    assert found(folder, tools=has_tools) == [(rule, file, number)]


def _number_of(text, path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


# What cannot be broken by a change of one file, or not without a second finding.
_ELSEWHERE = {
    *("language", "unreadable", "link", "size", "size-around", "not-run", "placeholder"),
    *("variable-missing", "js-type", "go-entry", "go-package", "ts-nested"),
}


def test_every_rule_is_broken_by_a_test():
    assert {row[0] for row in _BROKEN} | _ELSEWHERE == RULES.keys()
    assert not {row[0] for row in _BROKEN} & _ELSEWHERE


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_rule_says_why_and_who_asks_for_it(rule):
    assert rule.why.endswith(".")
    assert rule.source == "kvgen" or rule.source.startswith("platform: ")

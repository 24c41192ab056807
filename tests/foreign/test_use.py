"""The lines that `kvgen add` prints work in a handler of kvgen's making, whichever it is."""

import itertools
import json
import uuid

import pytest
from click.testing import CliRunner

from kvgen.cli import main
from kvgen.languages.describe import BY_NAME
from tests.behaviour.conftest import scaffolded
from tests.behaviour.hosting import hosted
from tests.behaviour.hosts import HOSTS
from tests.behaviour.visits import Visitor
from tests.behaviour.webhooks import PUBLIC_KEY, event, signed
from tests.foreign.functions import split_use

_PAIRS = list(itertools.permutations(("session", "cache", "flag", "webhook"), 2))

#: Where a handler's imports are, and where its code begins.
_PLACES = {
    "javascript": ("import ", "export async function handler(request"),
    "typescript": ("import ", "export async function handler("),
    "python": ("from starlette", "async def handler(request"),
    "go": ("import", "func handler(w http.ResponseWriter"),
}


def _pasted(text, language, use):
    imports, lines = split_use(use)
    before, signature = _PLACES[language]
    at = next(i for i, line in enumerate(text.splitlines()) if line.startswith(before))
    all_lines = text.splitlines()
    # Of Go's imports none may be there twice.
    all_lines[at:at] = [i for i in imports.splitlines() if i.removeprefix("import ") not in text]
    start = next(i for i, line in enumerate(all_lines) if line.startswith(signature)) + 1
    if language == "python":  # after the docstring
        start += 1
    if language == "typescript":  # after the parameters
        start = all_lines.index(next(x for x in all_lines[start - 1 :] if x.endswith("> {"))) + 1
    indent = "\t" if language == "go" else "    " if language == "python" else "  "
    all_lines[start:start] = [indent + line if line else "" for line in lines.splitlines()]
    return "\n".join(all_lines) + "\n"


@pytest.mark.parametrize(
    "language",
    [pytest.param(name, marks=pytest.mark.xdist_group(f"foreign {name}")) for name in BY_NAME],
)
@pytest.mark.parametrize(("pattern", "added"), _PAIRS)
def test_printed_lines_work_in_the_handler(tmp_path, kv, origin, language, pattern, added):
    folder = scaffolded(tmp_path / "function", pattern, language)
    # What an earlier function cached is not this one's.
    options = ["--prefix", uuid.uuid4().hex] if added == "cache" else []
    result = CliRunner().invoke(main, ["add", added, str(folder), "--json", *options])
    assert result.exit_code == 0, result.output
    handler = folder / BY_NAME[language].handler
    text = handler.read_text()
    handler.write_text(_pasted(text, language, json.loads(result.stdout)["use"]))
    (tmp_path / "work").mkdir()
    environment = kv.environment | {"ORIGIN_URL": origin.url, "TELNYX_PUBLIC_KEY": PUBLIC_KEY}
    with hosted(folder, tmp_path / "work", environment, HOSTS[language]) as function:
        visitor = Visitor(function, pattern, kv, f"pasted-{uuid.uuid4().hex}")
        kv.calls.clear()
        session_id = f"pasted-{uuid.uuid4().hex}"
        headers = visitor.headers | ({"X-Session-ID": session_id} if added == "session" else {})
        body, is_event = event(visitor.mark), "webhook" in (pattern, added)
        headers |= signed(body) if is_event else {}
        method = "POST" if is_event else "GET"
        content = body if is_event else None
        response = function.request(method, visitor.path, headers=headers, content=content)
        # Whatever was added comes before a cache refuses a POST.
        is_refused = (pattern, added) == ("cache", "webhook")
        assert response.status_code == (405 if is_refused else 200), function.log()
        if added == "session":
            assert kv.get(f"session/{session_id}") is not None
        if added == "cache":
            assert "/products" in [asked.target for asked in origin.asked]
        if added == "webhook":
            assert kv.get(f"webhook/{visitor.mark}") is not None
        own = {"session": 2, "cache": 0 if is_refused else 2, "flag": 1, "webhook": 2}
        more = {"session": 2, "cache": 1, "flag": 1, "webhook": 2}
        assert len(kv.calls) >= own[pattern] + more[added]

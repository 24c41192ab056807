"""Manifests are merged by key: what the user added stays wherever it was added."""

import json
import tomllib

import pytest

from kvgen.scaffold.merge import merge
from kvgen.scaffold.side import Side

_FUNC = b"""\
[edge_compute]
# The func_id line belongs here.
func_name = "f"

[env_vars]
KV_NAMESPACE_ID = "REPLACE"

[telnyx]
binding = "TELNYX"
"""
_FILLED = _FUNC.replace(b"REPLACE", b"3f2504e0")
_WITH_URL = _FUNC.replace(b'"REPLACE"\n', b'"REPLACE"\nURL = "https://a"\n')

_PACKAGE = b"""\
{
  "name": "f",
  "type": "module",
  "scripts": {
    "start": "node index.js"
  }
}
"""
_WITH_SCRIPT = _PACKAGE.replace(b'index.js"\n', b'index.js",\n    "test": "node --test"\n')


def _merged(path, base, mine, new, side=None):
    merged = merge(path, base, mine, new, side)
    assert merged.content is not None, merged.reason
    return merged.content


def test_line_of_mine_below_a_value_that_kvgen_changes_is_no_conflict():
    mine = _FUNC.replace(b'"REPLACE"\n', b'"REPLACE"\nMY_VAR = "x"\n')
    assert _merged("func.toml", _FUNC, mine, _FILLED) == mine.replace(b"REPLACE", b"3f2504e0")


def test_comments_order_and_tables_of_mine_stay():
    mine = b'# mine\n[telnyx]\nbinding = "TELNYX" # t\n\n[[secrets]]\nname = "S"\n\n' + (
        _FUNC.partition(b"\n[telnyx]")[0].replace(b"[env_vars]", b"[env_vars] # e")
    )
    merged = _merged("func.toml", _FUNC, mine, _WITH_URL)
    assert merged == mine + b'URL = "https://a"\n'


@pytest.mark.parametrize("path", ["func.toml", "pyproject.toml"])
def test_variable_goes_away_again_with_what_brought_it(path):
    mine = _WITH_URL.replace(b"URL", b'MY_VAR = "x"\nURL')
    assert _merged(path, _WITH_URL, mine, _FUNC) == mine.replace(b'URL = "https://a"\n', b"")


def test_value_of_mine_stays_where_kvgen_no_longer_has_the_key():
    mine = _WITH_URL.replace(b"https://a", b"https://mine")
    assert _merged("func.toml", _WITH_URL, mine, _FUNC) == mine


_BOUND = _FUNC.replace(b"[telnyx]", b"[storage.kv.MY_KV]").replace(b"binding", b"id")


@pytest.mark.parametrize(("base", "new"), [(_FUNC, _BOUND), (_BOUND, _FUNC)])
def test_table_goes_away_with_all_that_was_in_it(base, new):
    mine = base.replace(b'"REPLACE"\n', b'"REPLACE"\nMY_VAR = "x"\n')
    merged = tomllib.loads(_merged("func.toml", base, mine, new).decode())
    expected = tomllib.loads(new.decode())
    expected["env_vars"]["MY_VAR"] = "x"
    assert merged == expected


@pytest.mark.parametrize("own", [b"# my own\n", b'other = "x"\n'])
def test_table_that_i_wrote_into_stays(own):
    mine = _FUNC.replace(b"[telnyx]\n", b"[telnyx]\n" + own)
    merged = _merged("func.toml", _FUNC, mine, _BOUND)
    assert b"[telnyx]\n" + own in merged
    assert b'binding = "TELNYX"' not in merged


def test_member_of_json_goes_away_with_all_that_was_in_it():
    mine = _PACKAGE.replace(b'"f",\n', b'"f",\n  "mine": true,\n')
    new = _PACKAGE.replace(b'{\n    "start": "node index.js"\n  }', b"{}")
    gone = json.dumps({k: v for k, v in json.loads(new).items() if k != "scripts"}).encode()
    assert json.loads(_merged("package.json", _PACKAGE, mine, gone)) == {
        "name": "f",
        "mine": True,
        "type": "module",
    }
    assert json.loads(_merged("package.json", _PACKAGE, mine, new))["scripts"] == {}


def test_table_that_i_removed_comes_back_with_what_is_new_in_it():
    mine = _FUNC.replace(b'[env_vars]\nKV_NAMESPACE_ID = "REPLACE"\n\n', b"")
    merged = tomllib.loads(_merged("func.toml", _FUNC, mine, _WITH_URL).decode())
    assert merged["env_vars"] == {"URL": "https://a"}


def test_nothing_to_change_gives_back_the_same_bytes():
    mine = b'  a  =  1\n[env_vars]\nKV_NAMESPACE_ID = "3f2504e0"'
    assert _merged("func.toml", _FUNC, mine, _FILLED) == mine
    mine = _WITH_SCRIPT.replace(b'"type"', b'"files": ["a"], "type"')
    assert _merged("package.json", _PACKAGE, mine, _WITH_SCRIPT) == mine


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["unix", "dos"])
@pytest.mark.parametrize("last", [b"", b"\n"], ids=["open", "ended"])
@pytest.mark.parametrize(
    ("path", "base", "mine", "new"),
    [
        ("func.toml", _FUNC, _FUNC + b'\n[[secrets]]\nname = "S"\n', _FILLED),
        ("package.json", _PACKAGE, _PACKAGE.replace(b'"f"', b'"g"'), _WITH_SCRIPT),
    ],
)
def test_line_ends_and_a_missing_last_newline_stay_mine(path, base, mine, new, end, last):
    mine = mine.rstrip(b"\n").replace(b"\n", end) + (end if last else b"")
    merged = _merged(path, base, mine, new)
    assert merged != mine
    assert merged.count(b"\n") == merged.count(end)
    assert merged.endswith(end) == bool(last)


@pytest.mark.parametrize("indent", [2, 4, "\t"])
def test_package_json_keeps_its_indentation_and_order(indent):
    mine = json.dumps({"z": 1, **json.loads(_PACKAGE), "a": {"é": "\u2028"}}, indent=indent)
    merged = _merged("package.json", _PACKAGE, mine.encode(), _WITH_SCRIPT)
    wanted = json.loads(mine)
    wanted["scripts"]["test"] = "node --test"
    assert merged.decode() == json.dumps(wanted, indent=indent, ensure_ascii=False)


def test_array_of_texts_is_a_set():
    base = b'[project]\ndependencies = ["a", "b"]\n'
    mine = b'[project]\ndependencies = [\n  "mine", # why\n  "b",\n]\n'
    new = b'[project]\ndependencies = ["a", "c", "mine"]\n'
    merged = _merged("pyproject.toml", base, mine, new).decode()
    assert tomllib.loads(merged)["project"]["dependencies"] == ["mine", "c"]
    assert "# why" in merged


def test_array_that_is_new_is_taken_and_one_of_mine_is_joined():
    base, new = b'{\n  "name": "f"\n}\n', b'{\n  "name": "f",\n  "files": ["a"]\n}\n'
    taken = json.loads(_merged("package.json", base, b'{"name": "g"}\n', new))
    assert taken == {"name": "g", "files": ["a"]}
    joined = json.loads(_merged("package.json", base, b'{"name": "g", "files": ["m"]}\n', new))
    assert joined["files"] == ["m", "a"]


_MINE = _FUNC.replace(b"REPLACE", b"of-mine").replace(b'"f"', b'"g"')


def test_same_key_changed_by_both_is_a_conflict_that_names_it():
    merged = merge("func.toml", _FUNC, _MINE, _FILLED)
    assert merged.content is None
    assert merged.reason == "you and kvgen changed the same keys: env_vars.KV_NAMESPACE_ID"
    assert b'<<<<<<< yours\nKV_NAMESPACE_ID = "of-mine"\n' in merged.marked


@pytest.mark.parametrize(("side", "value"), [(Side.MINE, b"of-mine"), (Side.THEIRS, b"3f2504e0")])
def test_side_decides_the_key_and_every_other_key_is_kept(side, value):
    merged = _merged("func.toml", _FUNC, _MINE + b'[storage.kv.S]\nid = "s"\n', _FILLED, side)
    assert b'KV_NAMESPACE_ID = "' + value + b'"' in merged
    assert b'func_name = "g"' in merged
    assert b"[storage.kv.S]" in merged


def test_marks_are_put_by_line_where_keys_clash_and_only_there():
    merged = _merged("func.toml", _FUNC, _MINE, _FILLED, Side.MARKS)
    assert b'<<<<<<< yours\nKV_NAMESPACE_ID = "of-mine"\n' in merged
    without_clash = _FUNC.replace(b'"REPLACE"\n', b'"REPLACE"\nMY_VAR = "x"\n')
    marked = _merged("func.toml", _FUNC, without_clash, _FILLED, Side.MARKS)
    assert marked == without_clash.replace(b"REPLACE", b"3f2504e0")


@pytest.mark.parametrize("side", [None, Side.MARKS])
def test_key_that_both_added_at_different_places_does_not_end_up_there_twice(side):
    mine = _FUNC.replace(b"[env_vars]\n", b'[env_vars]\nURL = "https://mine"\n\n# kv\n\n')
    merged = merge("func.toml", _FUNC, mine, _WITH_URL, side)
    assert (merged.content, merged.reason) == (
        None,
        "you and kvgen changed the same keys: env_vars.URL",
    )
    for side, url in ((Side.MINE, "https://mine"), (Side.THEIRS, "https://a")):
        resolved = _merged("func.toml", _FUNC, mine, _WITH_URL, side).decode()
        assert tomllib.loads(resolved)["env_vars"]["URL"] == url


_ENV = b"# Copy to .env.\nKV_NAMESPACE_ID=REPLACE\nTELNYX_API_KEY=\n"
_ENV_WITH_URL = _ENV.replace(b"REPLACE\n", b"REPLACE\nURL='https://a b'\n")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["unix", "dos"])
def test_variables_of_a_dotenv_file_are_merged_by_name(end):
    mine = _ENV.replace(b"REPLACE\n", b"REPLACE\n\n# mine\nMY_VAR=x\n").replace(b"\n", end)
    wanted = mine.replace(b"REPLACE" + end, b"REPLACE" + end + b"URL='https://a b'" + end)
    assert _merged(".env.example", _ENV, mine, _ENV_WITH_URL) == wanted
    assert _merged(".env.example", _ENV_WITH_URL, wanted, _ENV) == mine
    filled = _ENV.replace(b"REPLACE", b"3f2504e0")
    assert _merged(".env.example", _ENV, mine, filled) == mine.replace(b"REPLACE", b"3f2504e0")


def test_variable_of_a_dotenv_file_goes_to_the_top_where_those_above_it_are_gone():
    mine = b"MY_VAR=x"
    assert _merged(".env.example", _ENV, mine, _ENV_WITH_URL) == b"URL='https://a b'\nMY_VAR=x"


def test_variable_of_a_dotenv_file_that_both_set_is_a_conflict():
    mine = _ENV + b"URL=mine\n"
    merged = merge(".env.example", _ENV, mine, _ENV_WITH_URL)
    assert (merged.content, merged.reason[-5:]) == (None, ": URL")
    assert _merged(".env.example", _ENV, mine, _ENV_WITH_URL, Side.MINE) == mine


@pytest.mark.parametrize(
    ("mine", "new"),
    [(_ENV + b"A=1\nA=2\n", _ENV_WITH_URL), (_ENV + b"A=1\n", b"# More.\n" + _ENV_WITH_URL)],
    ids=["a name twice", "another comment"],
)
def test_dotenv_file_that_is_more_than_variables_is_merged_by_line(mine, new):
    assert _merged(".env.example", _ENV, mine, new) == mine.replace(_ENV, new)


def test_json_with_comments_is_merged_by_line():
    mine = b"// mine\n" + _PACKAGE
    assert _merged("package.json", _PACKAGE, mine, _WITH_SCRIPT) == b"// mine\n" + _WITH_SCRIPT


@pytest.mark.parametrize(
    ("path", "mine"),
    [
        ("func.toml", b"= broken\n" + _FUNC),
        ("func.toml", b"\xef\xbb\xbf" + _FUNC),
        ("sub/func.toml", b"# mine\n" + _FUNC),
    ],
    ids=["broken", "marked by a bom", "no manifest of the function"],
)
def test_what_cannot_be_read_is_merged_by_line(path, mine):
    assert _merged(path, _FUNC, mine, _FILLED) == mine.replace(b"REPLACE", b"3f2504e0")


@pytest.mark.parametrize("mine", [b"[]\n", b"1\n", b"[" * 100_000], ids=["list", "number", "deep"])
def test_json_that_is_no_object_is_a_conflict_and_no_crash(mine):
    assert merge("package.json", _PACKAGE, mine, _WITH_SCRIPT).content is None

"""`--kv`: how a function reaches its KV, in `new`, `add`, `show` and `regenerate`."""

import pytest

_BROUGHT = {"local.mjs", "telnyx-env.d.ts"}
_ONLY_REST = "--kv 'binding': functions in {} support only rest"


def _tree(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_binding_is_recorded_and_brings_its_files(kvgen, tmp_path):
    assert kvgen("new", "session", "x", "-l", "ts", "--kv", "binding").exit_code == 0
    files = _tree(tmp_path / "x")
    assert files.keys() >= _BROUGHT
    assert '\nkv = "binding"\n' in files["kvgen.toml"]
    assert '"@telnyx/edge-runtime"' in files["package.json"]
    assert "[storage.kv.MY_KV]" in files["func.toml"]
    assert "KV_NAMESPACE_ID" not in files["func.toml"]


@pytest.mark.parametrize(
    ("language", "title"), [("js", "JavaScript"), ("python", "Python"), ("go", "Go")]
)
def test_binding_in_another_language_is_refused(kvgen, tmp_path, language, title):
    result = kvgen("new", "session", "x", "-l", language, "--kv", "binding")
    assert result.exit_code == 2
    assert result.stderr == (
        f"Error: {_ONLY_REST.format(title)}\nHint: leave out --kv, or choose -l typescript\n"
    )
    assert list(tmp_path.iterdir()) == []
    shown = kvgen("show", "session", "-l", language, "--set", "kv=binding")
    assert (shown.exit_code, shown.stdout) == (2, "")


def test_rest_is_said_in_any_language_and_recorded_where_there_is_a_choice(kvgen, tmp_path):
    for language, is_recorded in (("js", False), ("ts", True)):
        result = kvgen("new", "session", language, "-l", language, "--kv", "rest")
        assert result.exit_code == 0
        assert ("kv =" in _tree(tmp_path / language)["kvgen.toml"]) == is_recorded


def test_binding_in_the_kvgen_toml_of_another_language_is_refused(kvgen, tmp_path):
    assert kvgen("new", "session", "x", "-l", "go").exit_code == 0
    project = tmp_path / "x" / "kvgen.toml"
    project.write_text(project.read_text().replace("expiry", 'kv = "binding"\nexpiry'))
    result = kvgen("regenerate", "x")
    assert "x/kvgen.toml: kv 'binding': functions in Go support only rest" in result.stderr


@pytest.mark.parametrize("pattern", ["session", "cache"])
def test_regenerate_goes_from_the_one_to_the_other_and_back(kvgen, tmp_path, pattern):
    assert kvgen("new", pattern, "x", "-l", "ts").exit_code == 0
    assert kvgen("new", pattern, "y", "-l", "ts", "--name", "x", "--kv", "binding").exit_code == 0
    rest, bound = _tree(tmp_path / "x"), _tree(tmp_path / "y")
    for kv, files in (("binding", bound), ("rest", rest)):
        assert kvgen("regenerate", "x", "--set", f"kv={kv}").exit_code == 0
        assert _tree(tmp_path / "x") == files


def test_regenerate_keeps_what_was_filled_in(kvgen, tmp_path):
    assert kvgen("new", "cache", "x", "-l", "ts").exit_code == 0
    manifest = tmp_path / "x" / "func.toml"
    own = 'func_id = "7"\nfunc_name'
    manifest.write_text(manifest.read_text().replace("func_name", own))
    for kv in ("binding", "rest"):
        assert kvgen("regenerate", "x", "--set", f"kv={kv}").exit_code == 0
        text = manifest.read_text()
        assert own in text
        assert ("[telnyx]" in text) == ("KV_NAMESPACE_ID" in text) == (kv == "rest")
        assert ("[storage.kv" in text) == (kv == "binding")


def test_added_pattern_uses_what_the_function_has(kvgen, tmp_path):
    assert kvgen("new", "session", "x", "-l", "ts", "--kv", "binding").exit_code == 0
    before = _tree(tmp_path / "x")
    assert kvgen("add", "cache", "x").exit_code == 0
    after = _tree(tmp_path / "x")
    assert after["kv.ts"] == before["kv.ts"]
    assert 'ORIGIN_URL = "' in after["func.toml"]
    refused = kvgen("add", "flag", "x", "--kv", "rest")
    assert refused.exit_code == 2
    assert "kvgen regenerate x --set kv=rest" in refused.stderr.replace(f"{tmp_path}/", "")


def test_show_prints_the_client_of_either(kvgen):
    rest, bound = (
        kvgen("show", "session", "-l", "ts", "--set", f"kv={kv}", "kv.ts").stdout
        for kv in ("rest", "binding")
    )
    assert "edge-runtime" not in rest
    assert 'from "@telnyx/edge-runtime";' in bound

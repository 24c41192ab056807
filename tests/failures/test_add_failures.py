"""Bad input to `kvgen add` and `kvgen remove` gets one message, and nothing is written."""

import pytest


@pytest.fixture
def place(kvgen, tmp_path):
    """Folders of several kinds beside each other."""
    for name in ("made", "no-lock", "bad-lock", "bad", "old", "illegal", "inline"):
        assert kvgen("new", "session", name, "-l", "js").exit_code == 0
    for path in ("empty/.", "two/.", "taken/.", "other/."):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "file").write_text("mine\n")
    for path in ("two/index.js", "two/handler.go", "taken/index.js", "taken/session.js"):
        (tmp_path / path).write_text("// mine\n")
    (tmp_path / "made/flag.js").write_text("// mine\n")
    (tmp_path / "other/main.rs").write_text("fn main() {}\n")
    (tmp_path / "no-lock/kvgen.lock").unlink()
    (tmp_path / "bad-lock/kvgen.lock").write_text("{")
    (tmp_path / "bad/kvgen.toml").write_text("language = go\n")
    (tmp_path / "old/kvgen.toml").write_text('pattern = "session"\n\n[options]\nttl = "24h"\n')
    illegal = tmp_path / "illegal/kvgen.toml"
    illegal.write_text(illegal.read_text().replace("24h", "soon"))
    inline = 'language = "javascript"\nname = "f"\npatterns = { session = { ttl = "1h" } }\n'
    (tmp_path / "inline/kvgen.toml").write_text(inline)
    return tmp_path


def _contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "arguments",
    [
        "add",
        "add sesion made",
        "add flag empty",
        "add flag other",
        "add flag nowhere",
        "add flag file",
        "add flag two",
        "add flag two -l rust",
        "add session taken",
        "add flag made",
        "add flag made -l go",
        "add cache made --refresh 1m",
        "add cache made --origin ftp://a.example",
        "add cache made --expiry native",
        "add cache made --namespace-id 42",
        "add cache made --kv binding",
        "add session made --ttl 1h",
        "add session made --cookie sid",
        "add cache no-lock",
        "add cache bad-lock",
        "add cache bad",
        "add cache old",
        "add cache illegal",
        "add cache inline",
        "add cache made extra",
        "add cache made --force",
        "remove",
        "remove session made",
        "remove flag made",
        "remove sesion made",
        "remove flag empty",
        "remove flag nowhere",
        "remove session bad",
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(kvgen, place, arguments, snapshot):
    before = _contents(place)
    result = kvgen(*arguments.split(" "))
    assert result.stdout == ""
    said = result.stderr.replace(str(place), "<tmp>")
    assert (result.exit_code, said) == snapshot
    assert _contents(place) == before


def test_variable_of_mine_with_the_name_of_the_patterns_is_refused(kvgen, place, snapshot):
    func = place / "made" / "func.toml"
    func.write_text(func.read_text().replace("[env_vars]", '[env_vars]\nORIGIN_URL = "mine"'))
    before = _contents(place)
    result = kvgen("add", "cache", "made")
    assert (result.exit_code, result.stderr.replace(str(place), "<tmp>")) == snapshot
    assert _contents(place) == before

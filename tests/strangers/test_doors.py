"""Files, git, processes and the terminal: every module goes through the one door to each."""

import ast
from pathlib import Path

import pytest

_PACKAGE = Path(__file__).parents[2] / "kvgen"
_CALLS = {
    *("open", "fdopen", "read_bytes", "read_text", "write_bytes", "write_text", "walk", "rglob"),
    *("glob", "unlink", "rename", "replace_file", "rmtree", "mkdir", "makedirs", "rmdir", "link"),
    *("symlink", "copy", "copy2", "copytree", "chmod", "chown", "mkdtemp", "scandir", "touch"),
    *("symlink_to", "hardlink_to", "mkfifo", "TemporaryDirectory", "NamedTemporaryFile"),
}
_DOORS = ("kvgen.files", "kvgen.cli.terminal")
#: What modules outside the door do by themselves, none of it in a folder that a stranger filled.
_BY_THEMSELVES = {
    # Kvgen's own templates, figures and description.
    "cli/compare.py": {"_FIGURES.read_text"},
    "docs/page.py": {"(OWN_ROOT / _PROSE).read_text"},
    "docs/snippets.py": {"place.read_text"},
    "console/app.py": {"file.read_bytes"},  # of its own page
    "kv/redis_store.py": {"_SCRIPT.read_bytes"},
    "kv/app.py": {"(Path(__file__).parent / 'openapi.json').read_bytes"},
    # Which patterns a root has; their files are read through the door.
    "scaffold/catalog.py": {"root.glob"},
    # A temporary folder, which the door has made.
    "check/tools.py": {"root.mkdir", "place.parent.mkdir", "place.write_bytes"},
    "cli/demo_stage.py": {"workdir.mkdir", "(folder / handler.path).write_text"},
    "dev/supervisor.py": {"tempfile.TemporaryDirectory"},
    "languages/go/run.py": {"overlay.write_text"},
    "languages/typescript/run.py": {"manifest.read_text"},  # of a function that is to be run
    "languages/typescript/compiler.py": {"(root / _INSTALLED).symlink_to"},
    "scaffold/git.py": {"(place / name).write_bytes"},
    # The user's own data and cache.
    "kv/location.py": {"place.mkdir"},
    "languages/python/requirements.py": {
        *("shutil.rmtree", "place.mkdir", "(place / 'ready').touch"),
        "path.read_text",  # of a function that is about to be run
    },
    # A function that is about to be run, whose .env may well be a link.
    "dev/environment.py": {"path.read_text"},
    "dev/signing.py": {"file.read_bytes"},  # named on the command line
    # It prints help; nothing is a file.
    "cli/helping.py": {"super().write_text"},
    "dev/sources.py": {"os.scandir"},
    # The null device, in place of a stream.
    "cli/failures.py": {"os.open"},
    "cli/terminal.py": {"os.open", "open"},
    "languages/keeper.py": {"os.open"},
}

_MODULES = sorted(
    path.relative_to(_PACKAGE)
    for path in _PACKAGE.rglob("*.py")
    if path.relative_to(_PACKAGE).parts[0] != "files"
)


def _calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = (
                function.attr
                if isinstance(function, ast.Attribute)
                else getattr(function, "id", "")
            )
            yield name, ast.unparse(function)


@pytest.mark.parametrize("module", _MODULES, ids=str)
def test_module_opens_files_through_the_door(module):
    tree = ast.parse((_PACKAGE / module).read_text())
    doors = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_DOORS)
        for alias in node.names
    }
    found = {whole for name, whole in _calls(tree) if name in _CALLS}
    own = found - {*doors, "os.fdopen", "folder.open", "ast.walk"}
    assert own == _BY_THEMSELVES.get(str(module), set())


def test_processes_are_started_in_few_places():
    starting = {"subprocess.run", "subprocess.Popen", "asyncio.create_subprocess_exec"}
    starting |= {"os.system", "os.popen", "os.execv", "os.fork", "asyncio.create_subprocess_shell"}
    found = {
        str(module)
        for module in _MODULES
        for _, whole in _calls(ast.parse((_PACKAGE / module).read_text()))
        if whole in starting or whole.startswith(("os.exec", "os.spawn", "os.posix_spawn"))
    }
    assert found == {
        *("dev/process.py", "languages/kept.py", "languages/keeper.py"),
        "languages/toolchains.py",  # asks what version a tool from PATH has
        "scaffold/git.py",
    }


@pytest.mark.parametrize("path", sorted(_PACKAGE.rglob("*.py")), ids=str)
def test_git_is_started_in_one_place(path):
    texts = [n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant)]
    assert "git" not in texts or path == _PACKAGE / "scaffold" / "git.py"


#: The door itself, what it is built on, and a question that click asks.
_TERMINAL = {"terminal.py": None, "failures.py": None, "picker.py": {"click.prompt"}}
_ASKING = {"kv_keys.py": {"click.confirm"}}  # with the prefix as Python quotes it
_HIGHLIGHTED = {
    "show.py": {"click.echo"}
}  # in colours of a highlighter, from kvgen's own templates


@pytest.mark.parametrize("path", sorted((_PACKAGE / "cli").glob("*.py")), ids=lambda p: p.name)
def test_module_speaks_to_the_terminal_through_the_door(path):
    allowed = (_TERMINAL | _ASKING | _HIGHLIGHTED).get(path.name, set())
    if allowed is None:
        return
    said = {whole for _, whole in _calls(ast.parse(path.read_text()))}
    speaking = {"click.echo", "click.secho", "click.style", "click.prompt", "click.confirm"}
    speaking |= {"print", "sys.stdout.write", "sys.stderr.write", "click.echo_via_pager"}
    assert said & speaking <= allowed

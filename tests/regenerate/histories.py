"""Histories of a folder between a user, changing templates, changing answers and sudden deaths."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

import kvgen.scaffold.lock as lock_module
from kvgen import __version__
from kvgen.errors import KvgenError
from kvgen.scaffold.add import plan_add, plan_remove
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.function import new_function
from kvgen.scaffold.lock import read_lock
from kvgen.scaffold.plan import Plan
from kvgen.scaffold.project import PROJECT_FILE, project_text, read_project
from kvgen.scaffold.regenerate import plan_regeneration
from kvgen.scaffold.settings import Settings
from kvgen.scaffold.side import Side
from kvgen.scaffold.staging import leftovers, swapped_texts
from tests.regenerate.folder import Folder
from tests.regenerate.killer import Killer
from tests.regenerate.templates import LANGUAGE, OTHERS, PATTERN, Templates

_FILES = st.integers(0, 7)
_OTHERS = st.sampled_from(OTHERS)
_NUMBERS = st.integers(0, 200)
_TTLS = st.sampled_from(["24h", "1h", "90s", "5m"])
_POINTS = st.integers(1, 40)
_TRASH = st.sampled_from([b"\x00\xff\x00", b"\xff\xfe", b"", b"plain\r\nmixed\n", b"no end"])


class Histories(RuleBasedStateMachine):
    """What may happen to a folder, in any order, and what must hold whenever kvgen was at work."""

    killer: Killer

    def __init__(self) -> None:
        super().__init__()
        self._place = Path(tempfile.mkdtemp(prefix="kvgen-history-"))
        self._templates = Templates(self._place / "templates")
        self._folder = Folder(self._place / "folder")
        self._lines = 0
        _be("1.0.0")

    def teardown(self) -> None:
        _be(__version__)
        shutil.rmtree(self._place)

    @initialize()
    def scaffold(self) -> None:
        self._folder.path.mkdir()
        pattern = load_pattern(PATTERN, self._templates.known)
        answers = new_function(pattern, LANGUAGE, "f", {})
        (self._folder.path / PROJECT_FILE).write_text("# user-0\n" + project_text(answers))
        (self._folder.path / "kvgen.lock").write_text('{"files": {}, "version": "1.0.0"}')
        # An empty lock says that kvgen has written nothing yet: everything is added.
        apply_plan(self._folder.path, self._plan(Settings()))

    # What the user does.

    @rule(file=_FILES, position=_NUMBERS)
    def user_writes_a_line(self, file: int, position: int) -> None:
        if path := self._folder.pick(file):
            self._folder.write_line(path, position)

    @rule(file=_FILES, position=_NUMBERS)
    def user_cuts_a_line(self, file: int, position: int) -> None:
        if path := self._folder.pick(file):
            self._folder.cut_line(path, position)

    @rule(at_the_top=st.booleans())
    def user_adds_a_variable(self, at_the_top: bool) -> None:
        func = self._folder.path / "func.toml"
        if func.exists():
            word = self._folder.word()
            line = b'%s = "%s"\n' % (word.upper().replace(b"-", b"_"), word)
            mark = b"[env_vars]\n" if at_the_top else b"\n[telnyx]"
            new = mark + line if at_the_top else line + mark
            content = func.read_bytes()
            func.write_bytes(content.replace(mark, new, 1) if mark in content else content + line)

    @rule(file=_FILES, trash=_TRASH)
    def user_writes_another_file_over_it(self, file: int, trash: bytes) -> None:
        if path := self._folder.pick(file):
            self._folder.rewrite(path, self._folder.word() + b"\n" + trash)

    @rule(file=_FILES, dos=st.booleans())
    def user_changes_the_line_ends(self, file: int, dos: bool) -> None:
        if path := self._folder.pick(file):
            content = (self._folder.path / path).read_bytes().replace(b"\r\n", b"\n")
            content = content.replace(b"\n", b"\r\n") if dos else content
            (self._folder.path / path).write_bytes(content)

    @rule(file=_FILES)
    def user_drops_the_last_newline(self, file: int) -> None:
        if path := self._folder.pick(file):
            content = (self._folder.path / path).read_bytes()
            (self._folder.path / path).write_bytes(content.rstrip(b"\r\n"))

    @rule(file=_FILES)
    def user_removes_a_file(self, file: int) -> None:
        if path := self._folder.pick(file):
            self._folder.remove(path, path in self._known())

    @rule(file=_FILES)
    def user_renames_a_file(self, file: int) -> None:
        if path := self._folder.pick(file):
            self._folder.rename(path, path in self._known())

    @rule(file=_FILES)
    def user_makes_a_file_executable(self, file: int) -> None:
        if path := self._folder.pick(file):
            (self._folder.path / path).chmod(0o755)

    @rule(ttl=_TTLS)
    def user_changes_an_answer_by_hand(self, ttl: str) -> None:
        project = self._folder.path / PROJECT_FILE
        lines = project.read_text().splitlines()
        lines = [f'ttl = "{ttl}"' if line.startswith("ttl") else line for line in lines]
        project.write_text("\n".join([*lines, f"# {self._folder.word().decode()}", ""]))

    # What kvgen's makers do.

    @rule(file=_FILES, position=_NUMBERS)
    def template_gets_a_line(self, file: int, position: int) -> None:
        targets = self._templates.targets()
        self._lines += 1
        self._templates.insert(targets[file % len(targets)], position, f"kvgen-{self._lines}")

    @rule(file=_FILES, position=_NUMBERS)
    def template_loses_a_line(self, file: int, position: int) -> None:
        targets = self._templates.targets()
        self._templates.remove(targets[file % len(targets)], position)

    @rule(name=st.sampled_from(["added", "sub/added", "sub/deep/other"]))
    def template_is_added(self, name: str) -> None:
        if name not in self._templates.targets():
            self._lines += 1
            self._templates.add(name, f"first\nkvgen-{self._lines}\nlast\n")

    @rule(file=_FILES)
    def template_is_dropped(self, file: int) -> None:
        targets = self._templates.targets()
        self._templates.drop(targets[file % len(targets)])

    @rule()
    def kvgen_is_released(self) -> None:
        major = int(_version().split(".")[0])
        _be(f"{major + 1}.0.0")

    # What kvgen does.

    @rule(name=_OTHERS)
    def kvgen_adds(self, name: str) -> None:
        self._must_change(lambda: self._plan_adding(name))
        if not leftovers(self._folder.path) and name in self._patterns():
            pattern = load_pattern(name, self._templates.known)
            addition = plan_add(self._folder.path, pattern, {}, templates=self._templates.known)
            assert addition.is_there

    @rule(name=_OTHERS)
    def kvgen_removes(self, name: str) -> None:
        if name in self._patterns():
            self._must_change(lambda: plan_remove(self._folder.path, name, self._templates.known))

    @rule(name=_OTHERS, at=_POINTS, finish=st.booleans())
    def kvgen_is_killed_with_a_pattern(self, name: str, at: int, finish: bool) -> None:
        """As it adds it, or as it removes it."""

        def plan_once():
            if name in self._patterns():
                return plan_remove(self._folder.path, name, self._templates.known)
            return self._plan_adding(name)

        is_there = name in self._patterns()
        try:
            plan = plan_once()
        except KvgenError:
            return
        if plan.conflicts:
            return
        self._must_survive(plan, at)
        if finish and is_there:
            self._must_change(lambda: plan_remove(self._folder.path, name, self._templates.known))
        elif finish:
            self._must_change(lambda: self._plan_adding(name))

    @rule(changes=st.none() | _TTLS, side=st.sampled_from([None, *Side]))
    def kvgen_regenerates(self, changes: str | None, side: Side | None) -> None:
        settings = Settings({"count.ttl": changes} if changes else {})
        plan = self._plan(settings)
        given_up: Counter[bytes] = Counter()
        if plan.conflicts and side:
            self._must_refuse(plan)
            given_up += _clashing(plan) if side is Side.THEIRS else Counter()
            sides = {row.path: side for row in plan.conflicts}
            plan = self._plan(Settings(settings.changes, sides))
            for path in sides.keys() - {row.path for row in plan.conflicts}:
                # From now on it is kvgen's as well, and what the user had cut may be back in it.
                self._folder.whole.pop(path, None)
                self._folder.cut.pop(path, None)
        if plan.conflicts:
            self._must_refuse(plan)
        else:
            self._must_do(plan, given_up)

    @rule(changes=st.none() | _TTLS, at=_POINTS, finish=st.booleans())
    def kvgen_is_killed(self, changes: str | None, at: int, finish: bool) -> None:
        settings = Settings({"count.ttl": changes} if changes else {})
        plan = self._plan(settings)
        if plan.conflicts:
            return
        planned = self._must_survive(plan, at)
        if finish:
            self._must_do(self._plan(settings))
            assert self._folder.files() == planned

    @rule()
    @precondition(lambda self: _version() != "1.0.0")
    def older_kvgen_is_refused(self) -> None:
        version = _version()
        written = read_lock(self._folder.path)
        if not written or written.version == "1.0.0":
            return
        before = self._folder.times()
        _be("1.0.0")
        with pytest.raises(KvgenError, match="wrote this folder"):
            self._plan(Settings())
        _be(version)
        assert self._folder.times() == before

    @invariant()
    def files_that_kvgen_knows_nothing_of_are_as_they_were(self) -> None:
        for path, content in self._folder.whole.items():
            assert (self._folder.path / path).read_bytes() == content

    def _plan(self, settings: Settings):
        return plan_regeneration(self._folder.path, settings, self._templates.known)

    def _plan_adding(self, name: str):
        pattern = load_pattern(name, self._templates.known)
        return plan_add(self._folder.path, pattern, {}, templates=self._templates.known).plan

    def _patterns(self) -> set[str]:
        return set(read_project(self._folder.path).patterns)

    def _known(self) -> set[str]:
        lock = read_lock(self._folder.path)
        folder = self._folder.path
        swapped = swapped_texts(folder, leftovers(folder)) or {}
        return {*(lock.texts if lock else ()), *swapped}

    def _must_refuse(self, plan) -> None:
        before = self._folder.times()
        with pytest.raises(KvgenError):
            apply_plan(self._folder.path, plan)
        assert self._folder.times() == before

    def _must_survive(self, plan, at: int) -> dict[str, bytes]:
        """Be killed as a plan is applied, and return the files that it would have made."""
        before, words = self._folder.files(), self._folder.words()
        planned = _after(before, plan)
        self.killer.run(at, apply_plan, self._folder.path, plan)
        for path, content in self._folder.files().items():
            assert content in (before.get(path), planned.get(path))
        assert before.keys() & planned.keys() <= self._folder.files().keys()
        assert not words - self._folder.words()
        self._remember()
        return planned

    def _must_change(self, make_plan: Callable[[], Plan]) -> None:
        """Carry out a change of the patterns, or be refused it: the handler stays in any case."""
        handler = self._folder.files().get("handler.go")
        before = self._folder.times()
        try:
            plan = make_plan()
        except KvgenError:
            assert self._folder.times() == before
            return
        if plan.conflicts:
            self._must_refuse(plan)
            return
        is_finishing = bool(leftovers(self._folder.path))
        self._must_apply(plan)
        assert is_finishing or self._folder.files().get("handler.go") == handler

    def _must_do(self, plan, given_up: Mapping[bytes, int] = MappingProxyType({})) -> None:
        self._must_apply(plan, given_up)
        self._must_have_nothing_to_do()

    def _must_apply(self, plan, given_up: Mapping[bytes, int] = MappingProxyType({})) -> None:
        """Apply a plan, and hold it against what it said and against what the user wrote."""
        folder = self._folder
        before, words, modes = folder.files(), folder.words(), folder.modes()
        apply_plan(folder.path, plan)
        after = folder.files()
        assert after == _after(before, plan)
        assert not (words - folder.words()) - Counter(given_up)
        assert all(mode == modes[path] for path, mode in folder.modes().items() if path in modes)
        assert not folder.removed & after.keys()
        for path, lines in folder.cut.items():
            assert not lines & {line.strip() for line in after.get(path, b"").splitlines()}
        assert leftovers(folder.path) == [] or not (plan.changes or plan.unfinished)
        self._remember()

    def _must_have_nothing_to_do(self) -> None:
        before = self._folder.times()
        again = self._plan(Settings())
        assert not again.changes
        assert not again.unfinished
        apply_plan(self._folder.path, again)
        assert self._folder.times() == before

    def _remember(self) -> None:
        """What kvgen made no longer is the user's alone, and may be made anew later."""
        folder, known = self._folder, self._known()
        folder.removed &= known
        for path, content in folder.files().items():
            if path not in known and path not in folder.whole and not path.startswith("kvgen."):
                folder.whole[path] = content


def _version() -> str:
    version: str = vars(lock_module)["__version__"]
    return version


def _be(version: str) -> None:
    """Let this kvgen be another one."""
    vars(lock_module)["__version__"] = version


def _after(before: dict[str, bytes], plan) -> dict[str, bytes]:
    """Return the files that a plan promises."""
    after = dict(before)
    for row in plan.rows:
        after.pop(row.path, None)
        if row.after is not None:
            after[row.path] = row.after
    return after


def _clashing(plan) -> Counter[bytes]:
    """Count the user's lines that a conflict shows on the user's side of it."""
    lines: list[bytes] = []
    for row in plan.conflicts:
        for part in row.marked.split(b"<<<<<<< yours")[1:]:
            lines += part.partition(b"||||||| ")[0].splitlines()
        lines += [] if row.marked else row.before.splitlines()
    return Counter(line for line in lines if b"user-" in line)

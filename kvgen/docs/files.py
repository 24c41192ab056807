"""Pages on the disk: planned whole, then written one by one, each at once or not at all."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from kvgen.docs.regions import refresh
from kvgen.docs.snippets import find_snippet
from kvgen.errors import KvgenError
from kvgen.files.locks import locked
from kvgen.files.paths import refuse_git
from kvgen.files.walk import Entry, Unread, walk
from kvgen.scaffold.apply import replace_page
from kvgen.scaffold.disk import read_file
from kvgen.scaffold.plan import Action, Plan, Row
from kvgen.scaffold.roots import OWN, Templates

_SUFFIXES = (".md", ".mdx", ".markdown")
_MARKER = b"kvgen:"
_PATIENCE = 10  # seconds of waiting for another run on the same page


class PagePlan(NamedTuple):
    """A page as it was named, where it really is, and what happens to it."""

    page: Path
    place: Path
    plan: Plan


def plan_pages(pages: Sequence[Path], templates: Templates = OWN) -> list[PagePlan]:
    """Plan to refresh the regions of each page; raises KvgenError for the first wrong one.

    A folder stands for every page below it that has a region. A page that is named twice, or by a
    link as well, is changed once.
    """
    plans: list[PagePlan] = []
    for page in (page for path in pages for page in _pages(path)):
        planned = _plan_page(page, templates)
        seen = any(planned.place == other.place for other in plans)
        plans.append(planned._replace(plan=_done(planned.plan)) if seen else planned)
    return plans


def apply_pages(plans: Sequence[PagePlan], templates: Templates = OWN) -> None:
    """Write what is planned, one page after the other.

    A page is locked and planned again: another run may have refreshed it while this one waited.
    """
    for planned in plans:
        if not planned.plan.changes:
            continue
        with locked(planned.place, _PATIENCE):
            for row in _plan_page(planned.page, templates).plan.changes:
                replace_page(planned.place, row)


def _pages(path: Path) -> list[Path]:
    """Return a page itself, or the pages below a folder that have a region.

    A link that was named is meant. One that is found below a folder may be a stranger's, and counts
    only if its page is in the folder too.
    """
    if not path.is_dir():
        return [path]
    names = [name for name, _ in walk(os.fspath(path), _is_looked_into, _pass)]
    pages = [path / name for name in names if name.endswith(_SUFFIXES)]
    found = [page for page in pages if _is_within(page, path) and _MARKER in _read(page)]
    if not found:
        hint = "a region begins with <!-- kvgen: session go handler -->"
        raise KvgenError(f"no page below {path} has a region", hint)
    return found


def _is_within(page: Path, folder: Path) -> bool:
    real = os.path.realpath(page)
    return os.path.isfile(real) and Path(real).is_relative_to(os.path.realpath(folder))


def _read(page: Path) -> bytes:
    # Whoever names a link means the page behind it, and keeps the link.
    place = Path(os.path.realpath(page))
    refuse_git(place)
    try:
        content = read_file(place.parent, place.name)
    except OSError as error:
        raise KvgenError(f"{page}: {error.strerror}", "name a Markdown or MDX file") from None
    if content is None:
        hint = f"the whole page is printed without it: kvgen docs > {page}"
        raise KvgenError(f"{page} does not exist", hint)
    return content


def _is_looked_into(_: str, entry: Entry) -> bool:
    return not entry.name.startswith(".") and entry.name != "node_modules"


def _pass(_: str, __: Unread) -> None:
    """Skip a folder that cannot be read: its pages cannot be ours."""


def _plan_page(page: Path, templates: Templates) -> PagePlan:
    place, before = Path(os.path.realpath(page)), _read(page)
    try:
        # Bytes that are not UTF-8 are outside of regions, and stay as they are.
        find = partial(find_snippet, templates=templates)
        text = refresh(before.decode("utf-8", "surrogateescape"), find)
    except KvgenError as error:
        raise KvgenError(f"{page}: {error.message}", error.hint) from None
    after = text.encode("utf-8", "surrogateescape")
    action = Action.SAME if before == after else Action.UPDATE
    return PagePlan(page, place, Plan((Row(place.name, action, before, after),)))


def _done(plan: Plan) -> Plan:
    rows = (row._replace(action=Action.SAME, before=row.after) for row in plan.rows)
    return Plan(tuple(rows))

"""Pages on the disk: planned whole, then written one by one, each at once or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kvgen.docs.regions import refresh
from kvgen.docs.snippets import find_snippet
from kvgen.errors import KvgenError
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.plan import Action, Plan, Row


@dataclass(frozen=True, slots=True)
class PagePlan:
    """A page as it was named, the folder that it really lies in, and what happens to it."""

    page: Path
    folder: Path
    plan: Plan


def plan_pages(pages: Sequence[Path]) -> list[PagePlan]:
    """Plan to refresh the regions of each page; raises KvgenError for the first wrong one."""
    return [_plan_page(page) for page in pages]


def apply_pages(plans: Sequence[PagePlan]) -> None:
    """Write what is planned; a page that changed meanwhile is refused."""
    for planned in plans:
        apply_plan(planned.folder, planned.plan)


def _plan_page(page: Path) -> PagePlan:
    # Whoever names a link means the page behind it, and keeps the link.
    place = page.resolve()
    try:
        before = place.read_bytes()
    except FileNotFoundError:
        hint = f"the whole page is printed without it: kvgen docs > {page}"
        raise KvgenError(f"{page} does not exist", hint) from None
    except OSError as error:
        raise KvgenError(f"{page}: {error.strerror}", "name a Markdown or MDX file") from None
    try:
        # Bytes that are no UTF-8 are none of a region's, and go through as they are.
        text = refresh(before.decode("utf-8", "surrogateescape"), find_snippet)
    except KvgenError as error:
        raise KvgenError(f"{page}: {error.message}", error.hint) from None
    after = text.encode("utf-8", "surrogateescape")
    action = Action.SAME if before == after else Action.UPDATE
    return PagePlan(page, place.parent, Plan((Row(place.name, action, before, after),)))

"""Three versions of a text to one, by ``git merge-file``; what clashes is shown, never guessed."""

from kvgen.scaffold.git import merge_files
from kvgen.scaffold.manifests import ClashError, merge_by_key
from kvgen.scaffold.plan import Merged
from kvgen.scaffold.side import Side

_MARK = b"<<<<<<< "
_MOST_CLASHES = 127  # git's exit status counts them up to here; above it, it failed


def merge(
    path: str, base: bytes | None, mine: bytes, new: bytes, side: Side | None = None
) -> Merged:
    """Merge what kvgen newly makes into what the user made of ``base``: a manifest by key.

    Everything else, and a manifest that cannot be parsed, is merged by line. Line ends, and a last
    newline that is missing, stay as the user has them.
    ``base`` is None for a file that kvgen did not write. Without a ``side``, what clashes is
    no merge.
    """
    if not _is_text(mine):
        return _whole(mine, new, side, "it is no longer text")
    if mine.startswith(_MARK) or b"\n" + _MARK in mine:
        return _unmerged(mine, side, "it holds conflict marks: resolve the conflict first")
    end = b"\r\n" if _is_dos(mine) else b"\n"
    clash = ""
    try:
        by_key = merge_by_key(path, base, mine.replace(end, b"\n"), new, side)
    except ClashError as error:
        by_key, clash = None, f"you and kvgen changed the same keys: {error}"
    if by_key is not None:
        return Merged(_with_ends(by_key, end))
    merged = _merge_lines(base, mine, new, end, side)
    if clash and _MARK not in (merged.content or b""):
        return Merged(None, clash, merged.marked)  # by line, a key could end up there twice
    return merged


def _merge_lines(
    base: bytes | None, mine: bytes, new: bytes, end: bytes, side: Side | None
) -> Merged:
    ended = mine if mine.endswith(b"\n") or not mine else mine + end
    texts = (_with_ends(base or b"", end), ended, _with_ends(new, end))
    try:
        merged = _merge_texts(*texts, side, _reason(base))
    except FileNotFoundError:
        return _unmerged(mine, side, "merging it needs git, which is not installed")
    if merged.content is None or ended == mine:
        return merged
    return Merged(merged.content.removesuffix(end), merged.reason)


def _reason(base: bytes | None) -> str:
    if base is None:
        return "the file existed, and kvgen did not write it"
    return "you and kvgen changed the same lines"


def _whole(mine: bytes, new: bytes, side: Side | None, reason: str) -> Merged:
    """Choose one of two files that cannot be merged."""
    if side is Side.THEIRS:
        return Merged(new, "your version was replaced")
    return _unmerged(mine, side, reason)


def _unmerged(mine: bytes, side: Side | None, reason: str) -> Merged:
    """Keep the user's file if that was said; to take kvgen's would lose more than what clashes."""
    return Merged(mine) if side is Side.MINE else Merged(None, reason)


def _merge_texts(base: bytes, mine: bytes, new: bytes, side: Side | None, reason: str) -> Merged:
    options = {Side.MINE: ["--ours"], Side.THEIRS: ["--theirs"]}.get(side, []) if side else []
    status, merged, complaint = merge_files(base, mine, new, options)
    if not 0 <= status <= _MOST_CLASHES:
        return _unmerged(mine, side, f"git did not merge it: {complaint}")
    if status == 0:
        return Merged(merged)
    if side is Side.MARKS:
        return Merged(merged, "with marks around the conflicts")
    return Merged(None, reason, merged)


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _is_dos(content: bytes) -> bool:
    return b"\r\n" in content and content.count(b"\n") == content.count(b"\r\n")


def _with_ends(content: bytes, end: bytes) -> bytes:
    return content.replace(b"\n", end)

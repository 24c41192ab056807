"""What there is to say about a language; each one's `describe` module says it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from kvgen.quoting import Literal


class Language(NamedTuple):
    """A language that functions are written in; ``name`` is what files and folders say.

    ``trade_off`` is one line for whoever chooses between languages. ``entries`` are the files by
    which a folder is recognised, the surest first. ``handler`` is the file that a user edits, and
    ``kv`` the files of the KV client with their test support: they go into every folder, also into
    one that kvgen did not make. ``filters`` print an answer as a literal in a template, by name.
    ``fence`` is what Markdown calls the language. ``new_func`` is what `telnyx-edge new-func -l`
    takes. ``platform`` is what the platform brings to a function, in a few words. ``stores`` are
    the ways to the KV that there are templates for, each with the packages that it takes.
    """

    name: str
    title: str
    aliases: tuple[str, ...]
    needs: str
    trade_off: str
    entries: tuple[str, ...]
    handler: str
    kv: tuple[str, ...]
    kv_dependencies: tuple[str, ...]
    function_dependencies: tuple[str, ...]
    filters: Mapping[str, Callable[..., Literal]]
    fence: str
    test_command: str
    new_func: str
    platform: str
    stores: Mapping[str, tuple[str, ...]] = MappingProxyType({"rest": ()})

"""Checks func.toml against what the platform reads from it."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from kvgen.check.finding import Finding
from kvgen.check.positions import error_line, parse_toml, toml_line
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.errors import InvalidAnswerError
from kvgen.scaffold.answers import check_name
from kvgen.scaffold.words import did_you_mean, shown

MANIFEST = "func.toml"

_KEYS = {"edge_compute": ("func_id", "func_name"), "telnyx": ("binding",)}
_SECRET_KEYS = ("binding", "name")
_BLOCKS = (*_KEYS, "env_vars", "secrets", "storage")
_MOST_VARIABLES = 64
_LONGEST_VALUE = 5 * 1024  # bytes
_NEW_FUNC = "`telnyx-edge new-func -l LANG -n NAME` in a scratch folder writes one: copy it"

Table = Mapping[str, Any]


def check_manifest(sources: Sources) -> Iterator[Finding]:
    """Yield what is wrong with func.toml."""
    text = sources.text(MANIFEST)
    if text is None:
        if not sources.has(MANIFEST):
            fix = "`telnyx-edge new-func`, or for one of kvgen's `kvgen new PATTERN DIR --force`"
            yield broken("manifest", MANIFEST, None, "does not exist", fix)
        return
    try:
        table = parse_toml(text)
    except ValueError as error:
        yield broken("manifest", MANIFEST, error_line(str(error)), str(error), "correct the line")
        return
    yield from _check_shape(table, text)
    yield from _check_function(table_of(table, "edge_compute"), text)
    yield from _check_variables(table_of(table, "env_vars"), text)


def _check_shape(table: Table, text: str) -> Iterator[Finding]:
    for block, content in table.items():
        line = toml_line(text, block) or toml_line(text, "", block)
        if block not in _BLOCKS:
            message = f"unknown block {shown(block)}{did_you_mean(block, _BLOCKS)}"
            fix = f"the blocks are {', '.join(_BLOCKS)}"
            yield broken("manifest-block", MANIFEST, line, message, fix)
        elif block == "secrets":
            yield from _check_secrets(content, text, line)
        elif not isinstance(content, dict):
            message = f"{block} is not a table"
            yield broken("manifest-type", MANIFEST, line, message, f"write it as [{block}]")
        elif block in _KEYS:
            yield from _check_keys(content, _KEYS[block], block, text)
        elif block == "storage":
            yield from _check_storage(content, text, line)


def _check_keys(content: Table, known: tuple[str, ...], block: str, text: str) -> Iterator[Finding]:
    for key, value in content.items():
        line = toml_line(text, block, key)
        if key not in known:
            message = f"unknown key {shown(key)} in [{block}]{did_you_mean(key, known)}"
            yield broken("manifest-key", MANIFEST, line, message, f"keys are {', '.join(known)}")
        elif not isinstance(value, str):
            message = f"{block}.{key} is not a string"
            yield broken("manifest-type", MANIFEST, line, message, f'write it as {key} = "…"')


def _check_secrets(content: object, text: str, line: int | None) -> Iterator[Finding]:
    if not isinstance(content, list) or not all(isinstance(entry, dict) for entry in content):
        message = "secrets is not a list of tables"
        yield broken("manifest-type", MANIFEST, line, message, "write each as [[secrets]]")
        return
    for entry in content:
        yield from _check_keys(entry, _SECRET_KEYS, "secrets", text)


def _check_storage(content: Table, text: str, line: int | None) -> Iterator[Finding]:
    yield from (
        broken(
            "manifest-block",
            MANIFEST,
            toml_line(text, f"storage.{kind}") or line,
            f"unknown block {shown('storage.' + kind)}{did_you_mean(kind, ['kv'])}",
            "a namespace is bound as [storage.kv.NAME]",
        )
        for kind in content
        if kind != "kv"
    )
    for name, bound in table_of(content, "kv").items():
        block = f"storage.kv.{name}"
        if isinstance(bound, dict):
            yield from _check_keys(bound, ("id",), block, text)
        else:
            message = f"{block} is not a table"
            fix = f"write it as [{block}] with an id"
            yield broken("manifest-type", MANIFEST, toml_line(text, block) or line, message, fix)


def _check_function(block: Table, text: str) -> Iterator[Finding]:
    head = toml_line(text, "edge_compute")
    name, func_id = block.get("func_name"), block.get("func_id")
    if name is None:
        message = "[edge_compute] has no func_name"
        yield broken("func-name", MANIFEST, head, message, 'for example func_name = "my-function"')
    elif isinstance(name, str):
        try:
            check_name(name, "func_")
        except InvalidAnswerError as error:
            line = toml_line(text, "edge_compute", "func_name")
            yield broken("func-name", MANIFEST, line, error.message, "give it a name of that kind")
    if func_id is None:
        message = "[edge_compute] has no func_id"
        yield broken("func-id-missing", MANIFEST, head, message, _NEW_FUNC)
    elif isinstance(func_id, str) and not is_uuid(func_id):
        line = toml_line(text, "edge_compute", "func_id")
        message = f"func_id {shown(func_id)} is not a UUID"
        yield broken("func-id", MANIFEST, line, message, _NEW_FUNC)


def _check_variables(found: Table, text: str) -> Iterator[Finding]:
    if len(found) > _MOST_VARIABLES:
        line = toml_line(text, "env_vars")
        message = f"{len(found)} variables in [env_vars]"
        yield broken("env-count", MANIFEST, line, message, "put several into one, as JSON")
    for name, value in found.items():
        line = toml_line(text, "env_vars", name)
        if not isinstance(value, str):
            message = f"env_vars.{name} is not a string"
            yield broken("manifest-type", MANIFEST, line, message, f'write it as {name} = "…"')
        elif (size := len(value.encode("utf-8"))) > _LONGEST_VALUE:
            message = f"env_vars.{name} has {size:,} bytes"
            yield broken("env-size", MANIFEST, line, message, "keep it in the KV instead")
        elif name == "TELNYX_API_KEY" and value:
            message = "env_vars.TELNYX_API_KEY holds a value"
            fix = "remove the line; [telnyx] binding brings it. Revoke the key if this was shared"
            yield broken("env-secret", MANIFEST, line, message, fix)


def table_of(table: Table, key: str) -> Table:
    """Return a table in a table, empty if there is none."""
    found = table.get(key, {})
    return found if isinstance(found, dict) else {}


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID in its usual form."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False

"""What only you can fill in before a function runs: ids, the origin's address, the credential."""

from collections.abc import Iterator

from kvgen.scaffold.answers import shown
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.check.finding import Finding
from kvgen.scaffold.check.manifest import MANIFEST, Table, is_uuid, table_of
from kvgen.scaffold.check.places import parse_toml, toml_line
from kvgen.scaffold.check.rules import broken
from kvgen.scaffold.check.sources import Sources
from kvgen.scaffold.model import NAMESPACE_PLACEHOLDER


def check_deployment(sources: Sources, binding: str | None) -> Iterator[Finding]:
    """Yield what func.toml lacks before the function runs; one that is no TOML yields nothing.

    ``binding`` is the name of the pattern's KV binding, or None for a function without kvgen.
    """
    text = sources.text(MANIFEST) or ""
    try:
        table = parse_toml(text)
    except ValueError:
        return
    if not text:
        return
    yield from _check_namespace(table, text, binding)
    origin = table_of(table, "env_vars").get("ORIGIN_URL")
    if isinstance(origin, str) and origin.rstrip("/") == _placeholder_origin():
        line = toml_line(text, "env_vars", "ORIGIN_URL")
        message = "ORIGIN_URL is still the placeholder"
        yield broken("origin-missing", MANIFEST, line, message, "put your API's address here")
    if binding and not table_of(table, "telnyx").get("binding"):
        fix = 'add the block [telnyx] with binding = "TELNYX", unless a secret has that name'
        yield broken("binding-missing", MANIFEST, None, "has no [telnyx] binding", fix)


def _check_namespace(table: Table, text: str, binding: str | None) -> Iterator[Finding]:
    namespace = table_of(table, "env_vars").get("KV_NAMESPACE_ID")
    line = toml_line(text, "env_vars", "KV_NAMESPACE_ID")
    # Older documents have the id injected from here, as KV_<BINDING>_ID.
    is_bound = bool(table_of(table_of(table, "storage"), "kv"))
    if namespace == NAMESPACE_PLACEHOLDER or (not namespace and binding and not is_bound):
        what = "is still the placeholder" if namespace else "is missing"
        fix = "`telnyx-edge storage kv create --name NAME` prints the id to put here"
        yield broken("namespace-missing", MANIFEST, line, f"KV_NAMESPACE_ID {what}", fix)
    elif isinstance(namespace, str) and not is_uuid(namespace):
        message = f"KV_NAMESPACE_ID {shown(namespace)} is no UUID"
        fix = "put the id here that `telnyx-edge storage kv create` printed"
        yield broken("namespace-id", MANIFEST, line, message, fix)


def _placeholder_origin() -> str:
    return next(o.default for o in load_pattern("cache").options if o.name == "origin")

"""What only you can fill in before a function runs: ids, the origin's address, the credential."""

from collections.abc import Iterator

from kvgen.check.finding import Finding
from kvgen.check.manifest import MANIFEST, Table, is_uuid, table_of
from kvgen.check.positions import parse_toml, toml_line
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.common import KV_OPTION
from kvgen.scaffold.model import NAMESPACE_PLACEHOLDER, Answers, Variable
from kvgen.scaffold.words import shown


def check_deployment(sources: Sources, answers: Answers | None) -> Iterator[Finding]:
    """Yield what func.toml lacks to run the function; malformed TOML yields nothing.

    ``answers`` are those of the function, or None for one that has nothing of kvgen's.
    """
    text = sources.text(MANIFEST) or ""
    try:
        table = parse_toml(text)
    except ValueError:
        return
    if not text:
        return
    is_bound = answers is not None and answers.common.get(KV_OPTION.name) == "binding"
    if is_bound:
        yield from _check_bound(table, text)
    else:
        yield from _check_namespace(table, text, is_needed=answers is not None)
    if answers is None:
        return
    for name in answers.patterns:
        for variable in load_pattern(name, answers.templates).variables:
            yield from _check_variable(table, text, variable)
    if not is_bound and not table_of(table, "telnyx").get("binding"):
        fix = 'add the block [telnyx] with binding = "TELNYX", unless a secret has that name'
        yield broken("binding-missing", MANIFEST, None, "has no [telnyx] binding", fix)


def _check_variable(table: Table, text: str, variable: Variable) -> Iterator[Finding]:
    name = variable.name
    value = table_of(table, "env_vars").get(name)
    if value is None:
        fix = f'add {name} = "…" to [env_vars], unless a secret has that name'
        yield broken("variable-missing", MANIFEST, None, f"{name} is not set", fix)
    elif isinstance(value, str) and value.rstrip("/") == variable.placeholder:
        line = toml_line(text, "env_vars", name)
        message = f"{name} is still the placeholder"
        yield broken("placeholder", MANIFEST, line, message, "put your own value here")


def _check_bound(table: Table, text: str) -> Iterator[Finding]:
    bound = table_of(table_of(table, "storage"), "kv")
    fix = "`telnyx-edge storage kv create --name NAME` prints the id to put here"
    if not bound:
        message = "no KV namespace is bound"
        yield broken("namespace-missing", MANIFEST, None, message, "add [storage.kv.MY_KV]")
    for name in bound:
        block = f"storage.kv.{name}"
        namespace = table_of(bound, name).get("id")
        line = toml_line(text, block, "id") or toml_line(text, block)
        if namespace in (None, "", NAMESPACE_PLACEHOLDER):
            what = "is still the placeholder" if namespace else "is missing"
            yield broken("namespace-missing", MANIFEST, line, f"{block}.id {what}", fix)
        elif isinstance(namespace, str) and not is_uuid(namespace):
            message = f"{block}.id {shown(namespace)} is not a UUID"
            yield broken("namespace-id", MANIFEST, line, message, fix)


def _check_namespace(table: Table, text: str, *, is_needed: bool) -> Iterator[Finding]:
    namespace = table_of(table, "env_vars").get("KV_NAMESPACE_ID")
    line = toml_line(text, "env_vars", "KV_NAMESPACE_ID")
    if namespace == NAMESPACE_PLACEHOLDER or (not namespace and is_needed):
        what = "is still the placeholder" if namespace else "is missing"
        fix = "`telnyx-edge storage kv create --name NAME` prints the id to put here"
        yield broken("namespace-missing", MANIFEST, line, f"KV_NAMESPACE_ID {what}", fix)
    elif isinstance(namespace, str) and not is_uuid(namespace):
        message = f"KV_NAMESPACE_ID {shown(namespace)} is not a UUID"
        fix = "put the id here that `telnyx-edge storage kv create` printed"
        yield broken("namespace-id", MANIFEST, line, message, fix)

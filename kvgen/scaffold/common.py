"""The options that a function has once, whatever its patterns. Pure."""

from collections.abc import Mapping

from kvgen.errors import InvalidAnswerError
from kvgen.languages.describe import LANGUAGES
from kvgen.languages.language import Language
from kvgen.scaffold.answers import check_option, check_options
from kvgen.scaffold.model import Option, Value
from kvgen.scaffold.words import shown

#: Those of every language.
COMMON_OPTIONS = (
    Option(
        "expiry",
        "choice",
        "both",
        "How lifetimes are stored: in an envelope around the value, by the store itself, or both.",
        ("both", "envelope", "native"),
    ),
    Option("namespace-id", "namespace-id", "", "UUID of the KV namespace, once you have one."),
)

#: One more for languages that have more than one way to the KV.
KV_OPTION = Option(
    "kv",
    "choice",
    "rest",
    "How the KV is reached: its REST API, or the platform's binding (TypeScript only).",
    ("rest", "binding"),
)
ALL_COMMON = (*COMMON_OPTIONS, KV_OPTION)


def common_options(language: Language) -> tuple[Option, ...]:
    """Return the options that a function of a language has once, whatever its patterns."""
    return ALL_COMMON if len(language.stores) > 1 else COMMON_OPTIONS


def check_common(
    language: Language, given: Mapping[str, str], where: str = "--"
) -> dict[str, Value]:
    """Check the options that a function has once; a value for each that its language has."""
    options = common_options(language)
    store = given.get(KV_OPTION.name)
    if store is not None and KV_OPTION not in options:
        if check_option(KV_OPTION, store, where) not in language.stores:
            others = [f"-l {la.name}" for la in LANGUAGES if store in la.stores]
            raise InvalidAnswerError(
                f"{where}kv {shown(store)}: functions in {language.title} support only "
                f"{', '.join(language.stores)}",
                f"leave out {where}kv, or choose {' or '.join(others)}",
            )
        given = {name: text for name, text in given.items() if name != KV_OPTION.name}
    return check_options(options, given, where)

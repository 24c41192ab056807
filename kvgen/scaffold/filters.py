"""The template filters that all languages share: each makes a Literal from an answer. Pure."""

from collections.abc import Callable, Iterable, Mapping

from kvgen.quoting import Literal
from kvgen.scaffold import literals
from kvgen.scaffold.model import Duration


def seconds(duration: Duration) -> Literal:
    """Write a duration as a whole number of seconds."""
    return Literal(duration.seconds)


def toml_lines(variables: Iterable[tuple[Literal, str]]) -> Literal:
    """Write variables as lines of TOML, each with a line end before it."""
    return Literal("".join(f"\n{name} = {literals.toml(text)}" for name, text in variables))


def dotenv_lines(variables: Iterable[tuple[Literal, str]]) -> Literal:
    """Write variables as lines of a ``.env`` file, each with a line end before it."""
    return Literal("".join(f"\n{name}={literals.dotenv(text)}" for name, text in variables))


def toml_list(texts: Iterable[str]) -> Literal:
    """Write texts as an array of TOML on one line."""
    return Literal(f"[{', '.join(map(literals.toml, texts))}]")


def human(duration: Duration) -> Literal:
    """Write a duration for a comment: ``24 hours``, ``5 minutes``, ``10 days``."""
    # Days only from two up: "24 hours" is how people say a day's lifetime.
    for unit, length, least in (("day", 86400, 2), ("hour", 3600, 1), ("minute", 60, 1)):
        count, rest = divmod(duration.seconds, length)
        if count >= least and not rest:
            return Literal(f"{count} {unit}{'' if count == 1 else 's'}")
    return Literal(f"{duration.seconds} second{'' if duration.seconds == 1 else 's'}")


FILTERS: Mapping[str, Callable[..., Literal]] = {
    function.__name__: function
    for function in (
        literals.toml,
        literals.json,
        literals.dotenv,
        literals.sh,
        literals.code,
        toml_lines,
        dotenv_lines,
        toml_list,
        seconds,
        human,
    )
}

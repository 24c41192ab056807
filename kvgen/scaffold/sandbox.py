"""Templates as data: only a short list of constructs is allowed, and output and loops are limited.

Jinja's immutable sandbox is the outer protection. A template is also checked before it is compiled:
it may print names through a filter, join texts, compare, branch and loop, and nothing else. Without
attributes, calls and assignments it cannot reach the interpreter, and values cannot grow. Output
and loops are counted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any

from jinja2 import (
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    Undefined,
    nodes,
    pass_context,
)
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kvgen.errors import KvgenError
from kvgen.languages.describe import LANGUAGES
from kvgen.quoting import Literal
from kvgen.scaffold.filters import FILTERS
from kvgen.scaffold.words import did_you_mean

_LONGEST = 128 * 2**10  # characters of a template
_MOST_OUTPUT = 4 * 2**20  # characters that one prints
_MOST_STEPS = 100_000  # rounds of all its loops

_ALLOWED = (
    *(nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter),
    *(nodes.Concat, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
    *(nodes.If, nodes.CondExpr, nodes.For),
)
_HINT = "a template has {{ answer | filter }}, ~, if and for; whole files are shared, not fragments"
# No template can say these names: they are neither a filter's nor a variable's.
_COUNTED, _STEPS = "in steps", "steps left"


class BadTemplateError(KvgenError):
    """An error in a template, after its path and line."""

    def __init__(self, place: str, line: int | None, message: str) -> None:
        super().__init__(f"{place}:{line or 1}: {message}", _HINT)
        self.place, self.line, self.problem = place, line or 1, message


def compile_template(place: str, source: str) -> Template:
    """Compile the text of a template; ``place`` is its path, for messages.

    Raises BadTemplateError for a malformed template, or one that uses more than it may.
    """
    try:
        if len(source) > _LONGEST:
            raise ValueError(f"it has more than {_LONGEST} characters")
        code = _SANDBOX.compile(source, place, place)
    except Exception as error:  # from Jinja's parser and Python's, and of any kind
        line = error.lineno if isinstance(error, TemplateSyntaxError) else None
        raise BadTemplateError(place, line, _said(error)) from None
    return _SANDBOX.template_class.from_code(_SANDBOX, code, {})


def print_template(template: Template, values: Mapping[str, object]) -> str:
    """Render a compiled template; raises BadTemplateError for what fails or does not end."""
    pieces, size = [], 0
    try:
        for piece in template.generate({**values, _STEPS: repeat(None, _MOST_STEPS)}):
            pieces.append(piece)
            size += len(piece)
            if size > _MOST_OUTPUT:
                raise ValueError(f"it prints more than {_MOST_OUTPUT} characters")
    except Exception as error:  # whatever fails in there, its author has to know where
        place = str(template.filename)
        raise BadTemplateError(place, _line_of(error, place), _said(error)) from None
    return "".join(pieces)


class _Sandbox(ImmutableSandboxedEnvironment):
    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        every = list(template.find_all(nodes.Node))
        for node in every:
            if problem := self._problem(node):
                raise TemplateSyntaxError(problem, node.lineno)
        for loop in (node for node in every if isinstance(node, nodes.For)):
            loop.iter = nodes.Filter(loop.iter, _COUNTED, [], [], None, None, lineno=loop.lineno)
            loop.iter.set_environment(self)
        return template

    def _problem(self, node: nodes.Node) -> str:
        is_target = isinstance(node, nodes.Tuple) and node.ctx == "store"
        if not is_target and not isinstance(node, _ALLOWED):
            return f"{type(node).__name__.lower()!r} is not allowed in a template"
        if isinstance(node, nodes.Filter):
            if node.name not in self.filters:
                known = [name for name in self.filters if name != _COUNTED]
                return f"no filter {node.name!r}{did_you_mean(node.name, known)}"
            # Quoted again and again, a text would double each time.
            taken = node.node
            made = isinstance(taken, nodes.Filter) or (taken and taken.find(nodes.Filter))
            if made or node.args:
                return "a filter cannot follow another filter, and takes no arguments"
        return ""


@pass_context
def _in_steps(context: Context, items: Iterable[object]) -> Iterator[object]:
    for item in items:
        if next(context[_STEPS], _STEPS) is _STEPS:
            raise ValueError(f"it loops more than {_MOST_STEPS} times")
        yield item


def _of_known(print_literal: Callable[..., Literal]) -> Callable[[Any], Literal]:
    def checked(value: Any) -> Literal:
        if isinstance(value, Undefined):
            str(value)  # raises an error with the name
        return print_literal(value)

    return checked


def _only_literals(value: Any) -> Any:
    """Refuse to print what no literal filter has quoted: an answer is data until then."""
    # Jinja hands over an undefined name as well; its own complaint says more than ours.
    if isinstance(value, Literal | Undefined):
        return value
    raise TypeError(f"a template prints {value!r} without a literal filter")


def _said(error: Exception) -> str:
    if isinstance(error, TemplateError):
        return error.message or str(error)
    return str(error) or type(error).__name__


def _line_of(error: Exception, place: str) -> int | None:
    """Return the line of a template that an error comes from: Jinja puts it into the traceback."""
    line, trace = None, error.__traceback__
    while trace:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == place else line
        trace = trace.tb_next
    return line


def _sandbox() -> _Sandbox:
    sandbox = _Sandbox(
        undefined=StrictUndefined,
        finalize=_only_literals,
        optimized=False,  # templates have next to no constants to fold
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    sandbox.globals.clear()
    sandbox.tests.clear()
    sandbox.filters = {_COUNTED: _in_steps}
    for filters in (FILTERS, *(language.filters for language in LANGUAGES)):
        sandbox.filters.update({name: _of_known(function) for name, function in filters.items()})
    return sandbox


_SANDBOX = _sandbox()

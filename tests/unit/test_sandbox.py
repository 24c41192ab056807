"""A template is data: it cannot run a program, read a file or loop without end."""

import pytest

from kvgen.errors import KvgenError
from kvgen.scaffold.sandbox import compile_template, print_template

_ANSWERS = {"header": "X-Count", "letters": "abcdefghijklm", "pairs": (("a", "b"), ("c", "d"))}


def _printed(source):
    return print_template(compile_template("root/a.j2", source), _ANSWERS)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ header | go }}", '"X-Count"'),
        ("{{ (header ~ '!') | js }}", '"X-Count!"'),
        ("{% if header == 'X' or not letters %}a{% elif header %}b{% else %}c{% endif %}", "b"),
        ("{% for _, x in pairs if x != 'b' %}{{ x | json }}{% endfor %}", '"d"'),
        ("{{ ('a' if header else 'b') | py }}", '"a"'),
        ("{% raw %}{{ header }}{% endraw %}{# unsaid #}", "{{ header }}"),
    ],
)
def test_what_a_template_is_for_works(source, text):
    assert _printed(source) == text


# What was published as a way out of one sandbox or another, and what else does harm.
_ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ header.__class__ | json }}",
    "{{ header['__class__'] | json }}",
    "{{ header | attr('__class__') }}",
    "{{ header | map(attribute='__class__') }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'] }}",
    "{{ joiner | json }}",
    "{{ range(1000000000) }}",
    "{{ dict(a=1) }}",
    "{{ namespace() }}",
    "{{ header.format(header) }}",
    "{{ '{0.__class__}' | format(header) }}",
    "{{ '%s' % header }}",
    "{{ header * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ [header, header] | json }}",
    "{{ {'a': header} | json }}",
    "{% set x = header ~ header %}",
    "{% set ns.x = 1 %}",
    "{% macro m() %}{% endmacro %}{{ m() }}",
    "{% call header() %}{% endcall %}",
    "{% filter json %}{% endfilter %}",
    "{% block b %}{% endblock %}",
    "{% extends '/etc/passwd' %}",
    "{% include '/etc/passwd' %}",
    "{% include 'a.j2' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import system %}",
    "{% with x = header %}{% endwith %}",
    "{% for x in letters recursive %}{{ loop(letters) }}{% endfor %}",
    "{{ header is callable }}",
    "{{ header | json | json }}",
    "{{ (header ~ (header | json)) | json }}",
    "{{ header | go(header) }}",
    "{{ header[::-1] | go }}",
    "{% do header.append(1) %}",
    "{{ caller() }}",
    "{{ _ }}",
    "{{ 'in steps' }}",
]


@pytest.mark.parametrize("source", _ESCAPES)
def test_escape_is_refused_with_file_and_line(source):
    with pytest.raises(KvgenError, match=r"^root/a\.j2:2: "):
        _printed(f"one line\n{source}")


_ENDLESS = [
    "{% for a in letters %}" * 12 + "{% endfor %}" * 12,
    "{% for a in letters %}" * 4 + "x" * 10_000 + "{% endfor %}" * 4,
    "{{ " + "(" * 5_000 + "header" + ")" * 5_000 + " }}",
    "{% if header %}" * 2_000 + "{% endif %}" * 2_000,
    "{% for a in letters %}" * 40 + "{% endfor %}" * 40,
    "{{ " + "9" * 5_000 + " }}",
    "x" * 200_000 + "{{ header | go }}",
]


@pytest.mark.parametrize("source", _ENDLESS, ids=lambda source: source[:40])
def test_template_that_does_not_end_or_is_too_large_is_refused(source):
    with pytest.raises(KvgenError, match=r"^root/a\.j2:1: "):
        _printed(source)


def test_complaint_names_what_is_close_and_the_line_of_the_template():
    with pytest.raises(KvgenError, match=r"^root/a\.j2:3: no filter 'jsn'; did you mean 'json'"):
        _printed("a\n\n{{ header | jsn }}")
    with pytest.raises(KvgenError, match=r"^root/a\.j2:2: 'haeder' is undefined"):
        _printed("a\n{{ haeder | json }}")
    with pytest.raises(KvgenError, match=r"^root/a\.j2:2: .* without a literal filter"):
        _printed("a\n{{ header }}")

"""The published figures: tables and charts are what the recorded measurements say."""

from pathlib import Path

from bench import comparison, report
from bench.charts import Bar, chart

_ROOT = Path(__file__).parents[2]
_BENCH, _README = _ROOT / "bench", _ROOT / "README.md"


def test_published_figures_are_those_that_were_recorded(tmp_path):
    (tmp_path / "README.md").write_text(_README.read_text())
    report.write(tmp_path, tmp_path / "README.md", tmp_path / "figures.json")
    assert (tmp_path / "figures.json").read_text() == comparison.PLACE.read_text()
    (tmp_path / "figures.json").unlink()
    for made in filter(Path.is_file, tmp_path.rglob("*")):
        published = _README if made.name == _README.name else _BENCH / made.relative_to(tmp_path)
        assert made.read_text() == published.read_text(), "run python -m bench.report"


def test_bars_are_as_long_as_their_values():
    drawn = chart("a title", [Bar("half", 5, "5 s"), Bar("whole <&", 10, "10 s", "kvgen")])
    assert 'width="210.0"' in drawn
    assert 'width="420.0"' in drawn
    assert "whole &lt;&amp;" in drawn

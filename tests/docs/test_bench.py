"""The published figures: tables and charts are what the recorded measurements say."""

from pathlib import Path

from bench import headline, report
from bench.charts import Bar, chart

_BENCH = Path(__file__).parents[2] / "bench"


def test_results_and_charts_are_those_of_the_recorded_figures(tmp_path):
    report.write(tmp_path)
    for made in filter(Path.is_file, tmp_path.rglob("*")):
        published = _BENCH / made.relative_to(tmp_path)
        assert made.read_text() == published.read_text(), "run python -m bench.report"


def test_ratios_of_the_readme_are_those_of_the_recorded_figures(tmp_path, monkeypatch):
    readme = tmp_path / "README.md"
    readme.write_text(headline.README.read_text())
    published = readme.read_text()
    monkeypatch.setattr(headline, "README", readme)
    headline.refresh(report.recorded())
    assert readme.read_text() == published, "run python -m bench.report"


def test_bars_are_as_long_as_their_values():
    drawn = chart("a title", [Bar("half", 5, "5 s"), Bar("whole <&", 10, "10 s", "kvgen")])
    assert 'width="210.0"' in drawn
    assert 'width="420.0"' in drawn
    assert "whole &lt;&amp;" in drawn

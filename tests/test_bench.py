"""What the benchmarks make of their values; the values themselves are measured, never asserted."""

from bench import report
from bench.figures import Figure, both, ratios


def test_a_figure_is_the_median_of_its_rounds() -> None:
    rate = Figure(name="rate", against="echo", values=ratios([3, 2, 9], [2, 2, 3]), reach=1.5, at="least")
    assert (rate.value, rate.is_met, rate.goal, rate.span) == (1.5, True, "≥ 1.50×", "1.00× – 3.00×")
    memory = Figure(name="memory", against="–", values=[120.4], reach=110, unit="MB")
    assert (memory.is_met, memory.told(memory.value), memory.goal, memory.span) == (False, "120 MB", "≤ 110 MB", "")
    assert both([1, 3, 2], [4, 4, 8], "ms") == "2 ms against 4 ms"


def test_they_become_a_table_and_a_plot() -> None:
    figures = [
        Figure(name="search & find", against="LIKE", values=[0.02], reach=0.5),
        Figure(name="start", against="echo", values=[2.0], reach=1.5),
    ]
    table = report.measured(figures, 5.6)
    assert "| ✓ | search & find | LIKE | 0.02× |  | ≤ 0.50× |  |" in table
    assert "| ✗ | start | echo | 2.00× |" in table
    assert report.plot(figures).startswith("<svg")

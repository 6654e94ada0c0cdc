"""Writes what was measured into docs/benchmarks.md, between two marks, and draws it beside it."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typst

from bench.figures import Figure
from plugins._talk.render.picture import FONTS

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PLOT = DOCS / "benchmarks.md", DOCS / "benchmarks.svg"
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->\n"
TEMPLATE = Path(__file__).with_name("plot.typ")


def write(figures: Sequence[Figure], minutes: float) -> None:
    """Replace the table, and draw the plot anew."""
    page = PAGE.read_text("utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}{measured(figures, minutes)}{END}{tail}", "utf-8")
    PLOT.write_text(plot(figures), "utf-8")


def measured(figures: Sequence[Figure], minutes: float) -> str:
    """The table, with when and where it was measured."""
    where = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    rows = [
        "| | measured | against | median | least – most | to reach | behind it |",
        "|---|---|---|---|---|---|---|",
        *(_row(each) for each in figures),
    ]
    said = f"Measured {datetime.now(UTC):%Y-%m-%d} in {minutes:.0f} minutes on {where}."
    return f"{said}\n\n" + "\n".join(rows) + "\n"


def _row(figure: Figure) -> str:
    cells = (
        "✓" if figure.is_met else "✗",
        figure.name,
        figure.against,
        figure.told(figure.value),
        figure.span,
        figure.goal,
        figure.detail,
    )
    return f"| {' | '.join(cells)} |"


def plot(figures: Sequence[Figure]) -> str:
    """A bar for each figure, as SVG."""
    rows = [
        {"name": each.name, "value": each.told(each.value), "share": _share(each), "met": each.is_met}
        for each in figures
    ]
    drawn = typst.compile(
        str(TEMPLATE), format="svg", font_paths=[str(each) for each in FONTS], sys_inputs={"data": json.dumps(rows)}
    )
    return bytes(drawn).decode()


def _share(figure: Figure) -> float:
    """How much of what is to be reached is used up: at most 1 is reached."""
    return figure.value / figure.reach if figure.at == "most" else figure.reach / figure.value

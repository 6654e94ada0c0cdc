"""Charts of a year's numbers as SVG, by leather; the same numbers stand in tables on the page."""

from collections.abc import Callable
from html import escape
from typing import Any

from plugins._talk.documents.statistics import Statistics
from plugins._talk.foreign_text import shortened
from plugins._talk.lifecycle import talk_name

WIDTH, HEIGHT = 720, 320
COLOURS = ("#3538cd", "#b54708", "#027a48", "#c11574", "#026aa2", "#6941c6")
FONT = "system-ui, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
TICKS = 12
ROW, MARGINS = 30, 90


def items_chart(shown: Statistics) -> str:
    """A line for each section: its items in the talks of the year."""
    import leather  # imported late: few look at charts

    chart = leather.Chart()
    for section, colour in zip(shown.sections, COLOURS * (1 + len(shown.sections) // len(COLOURS)), strict=False):
        points = list(enumerate(section.counts)) or [(0, 0)]
        chart.add_line(points, name=escape(section.name), stroke_color=colour)
    most = max((max(section.counts, default=0) for section in shown.sections), default=0)
    last = max(len(shown.talks) - 1, 1)
    step = max(1, -(-len(shown.talks) // TICKS))
    chart.set_x_scale(leather.Linear(0, last))
    chart.set_x_axis(leather.Axis(ticks=list(range(0, len(shown.talks), step)), tick_formatter=_named(shown)))
    chart.set_y_scale(leather.Linear(0, _ceiling(most)))
    chart.set_y_axis(leather.Axis(ticks=sorted({0, _ceiling(most) // 2, _ceiling(most)})))
    return _titled(chart.to_svg(width=WIDTH, height=HEIGHT), f"{shown.year} 年每期各版块条数")


def sites_chart(shown: Statistics) -> str:
    """A bar for each of the sites that most links are from."""
    import leather

    sites = [(float(count), escape(shortened(name, 24))) for name, count in shown.sites]
    chart = leather.Chart()
    chart.add_bars(sites or [(0.0, "—")], fill_color=COLOURS[0])
    most = _ceiling(max((count for _, count in shown.sites), default=0))
    chart.set_x_scale(leather.Linear(0, most))
    chart.set_x_axis(leather.Axis(ticks=sorted({0, most // 2, most})))
    height = MARGINS + ROW * max(1, len(sites))
    return _titled(chart.to_svg(width=WIDTH, height=height), f"{shown.year} 年链接最多的网站")


def minutes_chart(shown: Statistics) -> str:
    """Two bars for each section with a limit: its planned minutes, and those that it took on average."""
    import leather

    timed = [each for each in shown.minutes if each.planned and each.evenings]
    told = [(each.planned, each.real, escape(shortened(each.section, 16))) for each in timed]
    bars = [pair for planned, real, name in told for pair in ((float(planned), f"{name} 计划"), (real, f"{name} 实际"))]
    chart = leather.Chart()
    chart.add_bars(bars or [(0.0, "—")], fill_color=_planned_or_real)
    most = _ceiling(round(max((value for value, _ in bars), default=0)))
    chart.set_x_scale(leather.Linear(0, most))
    chart.set_x_axis(leather.Axis(ticks=sorted({0, most // 2, most})))
    return _titled(
        chart.to_svg(width=WIDTH, height=MARGINS + ROW * max(1, len(bars))), f"{shown.year} 年计划与实际的分钟"
    )


def _planned_or_real(bar: Any) -> str:
    return COLOURS[0] if str(bar.y).endswith("实际") else "#a3acbd"


def _named(shown: Statistics) -> Callable[[float, int, int], str]:
    def named(place: float, _index: int, _count: int) -> str:
        return talk_name(shown.talks[int(place)]) if int(place) < len(shown.talks) else ""

    return named


def _ceiling(most: int) -> int:
    return max(2, -(-most // 10) * 10 if most > 10 else most + most % 2)


def _titled(drawn: Any, title: str) -> str:
    """The drawing with a title for screen readers, in the page's fonts and colours: leather has these built in."""
    svg = str(drawn).replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)
    for old, new in (("#f9f9f9", "#ffffff"), ("#9c9c9c", "#566072"), ("#666", "#1f2430")):
        svg = svg.replace(f'fill="{old}"', f'fill="{new}"')
    return svg.replace('font-family="Monaco"', f'font-family="{FONT}"')

"""Charts that a browser draws by itself."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from bitjaru.html_report import svg
from bitjaru.html_report.scales import Axes, Scale
from bitjaru.html_report.svg import BOTTOM, COLOURS, LEFT, RIGHT, TOP, WIDTH

MARKED = 30  # points of a line at most that have a mark


def intervals(rows: Sequence[tuple[str, float, float, float]], *, label: str, zero: bool, alt: str) -> str:
    """Draws a value with its interval a line.

    Args:
        rows: Name, value, low and high.
        label: Of the axis.
        zero: Whether 0 is marked, of differences.
        alt: Says in words what is shown.
    """
    left = 20.0 + 9.6 * max(_width(name) for name, *_ in rows)
    height = TOP + 26 * len(rows) + BOTTOM
    values = [value for _, *three in rows for value in three] + ([0.0] if zero else [])
    across = Scale.over(values, left, WIDTH - RIGHT)
    body = [*svg.axis_x(across, height, label)]
    if zero:
        body.append(svg.line(across(0), TOP, across(0), height - BOTTOM, "zero"))
    for number, (name, value, low, high) in enumerate(rows):
        y = TOP + 26 * number + 13
        body.append(f'<text x="{left - 10:.1f}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>')
        body.append(svg.line(across(low), y, across(high), y, "interval"))
        body.append(f'<circle cx="{across(value):.1f}" cy="{y:.1f}" r="4.5" class="c0"/>')
    return svg.svg(body, height, alt)


def lines(series: Mapping[str, Sequence[tuple[float, float]]], axes: Axes, *, order: Sequence[str], alt: str) -> str:
    """Draws one line for each name, through points (x, y).

    Args:
        series: By name.
        axes: What they are.
        order: All names of the page, so that each keeps its colour from chart to chart.
        alt: Says in words what is shown.
    """
    down, across, height = _scales(list(series.values()), len(series), log=axes.log)
    body = [*svg.axis_x(across, height - _legend(len(series)), axes.x, whole=axes.whole), *svg.axis_y(down, axes.y)]
    if axes.diagonal:
        ends = max(across.low, down.low), min(across.high, down.high)
        body.append(svg.line(across(ends[0]), down(ends[0]), across(ends[1]), down(ends[1]), "zero"))
    for name, points in series.items():
        number = order.index(name)
        path = " ".join(f"{across(at):.1f},{down(value):.1f}" for at, value in points)
        body.append(f'<polyline points="{path}" class="line s{number % COLOURS} d{number // COLOURS}"/>')
        body += [svg.mark(across(at), down(value), number) for at, value in points if len(points) <= MARKED]
    return svg.svg([*body, *_names(list(series), order, height)], height, alt)


def scatter(
    groups: Mapping[str, Sequence[tuple[float, float, str]]],
    axes: Axes,
    *,
    order: Sequence[str],
    alt: str,
    front: Sequence[tuple[float, float]] = (),
) -> str:
    """Draws points (x, y), each with words that show under the pointer; a colour and a shape for each group.

    Args:
        groups: By name.
        axes: What they are.
        order: All names of the page, so that each keeps its colour from chart to chart.
        alt: Says in words what is shown.
        front: Points (x, y) that a dashed line of steps joins, x growing.
    """
    points = [[(at, value) for at, value, _ in its] for its in groups.values()]
    down, across, height = _scales(points, len(groups), log=axes.log)
    body = [*svg.axis_x(across, height - _legend(len(groups)), axes.x), *svg.axis_y(down, axes.y)]
    if len(front) > 1:
        body.append(f'<polyline points="{" ".join(_steps(front, across, down))}" class="line zero"/>')
    for name, its in groups.items():
        body += [svg.mark(across(at), down(value), order.index(name), told) for at, value, told in its]
    return svg.svg([*body, *_names(list(groups), order, height)], height, alt)


def parallel(
    axes: Sequence[str],
    rows: Sequence[tuple[float, Sequence[float | None]]],
    ends: Sequence[tuple[str, str]],
    *,
    alt: str,
) -> str:
    """Draws each trial as a line across its knobs; the better, the darker.

    Args:
        axes: Names of the knobs.
        rows: Of each trial, how good it is (0 to 1), and its place on each axis (0 to 1; None: it has no such knob).
        ends: Lowest and highest value of each axis, as text.
        alt: Says in words what is shown.
    """
    height, bottom = 278.0, 200.0
    step = (WIDTH - 140) / max(len(axes) - 1, 1)
    places = [70 + number * step for number in range(len(axes))]
    body = []
    for good, values in sorted(rows, key=lambda row: row[0]):
        points = [
            f"{at:.1f},{bottom - 160 * value:.1f}"
            for at, value in zip(places, values, strict=True)
            if value is not None
        ]
        body.append(
            f'<polyline points="{" ".join(points)}" class="line s0" style="opacity:{0.08 + 0.85 * good**2:.2f}"/>'
        )
    for number, (at, name, (low, high)) in enumerate(zip(places, axes, ends, strict=True)):
        body.append(svg.line(at, bottom - 160, at, bottom, "rule"))
        body += [
            svg.text(at, bottom + 16, low),
            svg.text(at, bottom - 168, high),
            svg.text(at, bottom + 36 + 18 * (number % 2), name, "name"),  # neighbours would run into each other
        ]
    return svg.svg(body, height, alt)


def _steps(front: Sequence[tuple[float, float]], across: Scale, down: Scale) -> Iterator[str]:
    height = front[0][1]
    for at, value in front:
        yield f"{across(at):.1f},{down(height):.1f}"
        yield f"{across(at):.1f},{down(value):.1f}"
        height = value


def _scales(points: Sequence[Sequence[tuple[float, float]]], groups: int, *, log: bool) -> tuple[Scale, Scale, float]:
    height = 312.0 + _legend(groups)
    every = [point for its in points for point in its]
    down = Scale.over([value for _, value in every], 312 - BOTTOM, TOP)
    return down, Scale.over([at for at, _ in every], LEFT, WIDTH - RIGHT, log=log), height


def _legend(groups: int) -> float:
    return 22.0 * math.ceil(groups / 4)


def _names(names: Sequence[str], order: Sequence[str], height: float) -> Iterator[str]:
    for number, name in enumerate(names):
        x, y = 20 + 155 * (number % 4), height - _legend(len(names)) + 22 * (number // 4) + 12
        yield svg.mark(x, y - 4, order.index(name))
        yield f'<text x="{x + 10:.1f}" y="{y:.1f}">{escape(name)}</text>'


def _width(name: str) -> float:
    """Korean letters are as wide as two."""
    return sum(1.8 if ord(letter) > 0x1100 else 1.0 for letter in name)

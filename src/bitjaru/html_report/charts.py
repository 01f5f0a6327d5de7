"""Charts as SVG that a browser draws by itself: colours come from the page's style sheet, light or dark."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 640.0, 56.0, 16.0, 24.0, 46.0
COLOURS = 9  # classes c0 to c8 of the style sheet
STEPS = 5
MARKED = 30  # points of a line at most that have a mark
MARKS = ("circle", "square", "triangle")


@dataclass(frozen=True)
class Axes:
    """What goes across and up, in words.

    Attributes:
        x: Across.
        y: Up.
        log: Whether equal ratios of x are equally far apart.
        whole: Whether x is counted.
        diagonal: Whether x = y is marked.
    """

    x: str
    y: str
    log: bool = False
    whole: bool = False
    diagonal: bool = False


@dataclass(frozen=True)
class Scale:
    """Values to pixels.

    Attributes:
        low: Smallest value.
        high: Largest value.
        start: Its pixel.
        end: Pixel of the largest value.
        log: Whether equal ratios are equally far apart.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float, *, log: bool = False) -> "Scale":
        """Covers some values, with a little room on both sides."""
        low, high = min(values), max(values)
        if log:
            low, high = max(low, 1e-9), max(high, 1e-9)
            return cls(low / 1.2, high * 1.2, start, end, log)
        room = (high - low) * 0.06 or abs(high) * 0.01 or 1.0
        return cls(low - room, high + room, start, end)

    def __call__(self, value: float) -> float:
        """Returns the pixel of a value."""
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        at = math.log(max(value, 1e-9)) if self.log else value
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Returns round values within."""
        if self.log:
            return _log_ticks(self.low, self.high)
        step = 10 ** math.floor(math.log10((self.high - self.low) / STEPS))
        step = next(step * factor for factor in (1, 2, 5, 10) if (self.high - self.low) / (step * factor) <= STEPS + 1)
        first = math.ceil(self.low / step)
        return [number * step for number in range(first, math.floor(self.high / step) + 1)]


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
    body = [*_axis_x(across, height, label)]
    if zero:
        body.append(_line(across(0), TOP, across(0), height - BOTTOM, "zero"))
    for number, (name, value, low, high) in enumerate(rows):
        y = TOP + 26 * number + 13
        body.append(f'<text x="{left - 10:.1f}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>')
        body.append(_line(across(low), y, across(high), y, "interval"))
        body.append(f'<circle cx="{across(value):.1f}" cy="{y:.1f}" r="4.5" class="c0"/>')
    return _svg(body, height, alt)


def lines(series: Mapping[str, Sequence[tuple[float, float]]], axes: Axes, *, order: Sequence[str], alt: str) -> str:
    """Draws one line for each name, through points (x, y).

    Args:
        series: By name.
        axes: What they are.
        order: All names of the page, so that each keeps its colour from chart to chart.
        alt: Says in words what is shown.
    """
    down, across, height = _scales(list(series.values()), len(series), log=axes.log)
    body = [*_axis_x(across, height - _legend(len(series)), axes.x, whole=axes.whole), *_axis_y(down, axes.y)]
    if axes.diagonal:
        ends = max(across.low, down.low), min(across.high, down.high)
        body.append(_line(across(ends[0]), down(ends[0]), across(ends[1]), down(ends[1]), "zero"))
    for name, points in series.items():
        number = order.index(name)
        path = " ".join(f"{across(at):.1f},{down(value):.1f}" for at, value in points)
        body.append(f'<polyline points="{path}" class="line s{number % COLOURS} d{number // COLOURS}"/>')
        body += [_mark(across(at), down(value), number) for at, value in points if len(points) <= MARKED]
    return _svg([*body, *_names(list(series), order, height)], height, alt)


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
    body = [*_axis_x(across, height - _legend(len(groups)), axes.x), *_axis_y(down, axes.y)]
    if len(front) > 1:
        body.append(f'<polyline points="{" ".join(_steps(front, across, down))}" class="line zero"/>')
    for name, its in groups.items():
        body += [_mark(across(at), down(value), order.index(name), told) for at, value, told in its]
    return _svg([*body, *_names(list(groups), order, height)], height, alt)


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
    height, bottom = 260.0, 200.0
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
    for at, name, (low, high) in zip(places, axes, ends, strict=True):
        body.append(_line(at, bottom - 160, at, bottom, "rule"))
        body += [_text(at, bottom + 16, low), _text(at, bottom - 168, high), _text(at, bottom + 36, name, "name")]
    return _svg(body, height, alt)


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
        yield _mark(x, y - 4, order.index(name))
        yield f'<text x="{x + 10:.1f}" y="{y:.1f}">{escape(name)}</text>'


def _mark(x: float, y: float, number: int, name: str | None = None) -> str:
    title = f"<title>{escape(name)}</title>" if name else ""
    colour, shape = f"c{number % COLOURS}", MARKS[number % len(MARKS)]
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="{colour}">{title}</circle>'
    if shape == "square":
        return f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7" class="{colour}">{title}</rect>'
    return f'<path d="M{x:.1f} {y - 4.5:.1f}l4.5 8h-9z" class="{colour}">{title}</path>'


def _axis_x(scale: Scale, height: float, label: str, *, whole: bool = False) -> Iterator[str]:
    bottom = height - BOTTOM
    for tick in scale.ticks():
        if whole and tick != round(tick):
            continue
        yield _line(scale(tick), TOP, scale(tick), bottom, "rule")
        yield _text(scale(tick), bottom + 15, _number(tick))
    yield _text((scale.start + scale.end) / 2, bottom + 38, label, "name")


def _axis_y(scale: Scale, label: str) -> Iterator[str]:
    for tick in scale.ticks():
        yield _line(LEFT, scale(tick), WIDTH - RIGHT, scale(tick), "rule")
        yield f'<text x="{LEFT - 6:.1f}" y="{scale(tick) + 4:.1f}" text-anchor="end">{_number(tick)}</text>'
    yield f'<text x="4" y="8.0" class="name">{escape(label)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _text(x: float, y: float, words: str, kind: str = "tick") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" class="{kind}">{escape(words)}</text>'


def _svg(body: Sequence[str], height: float, alt: str) -> str:
    head = f'<svg viewBox="0 -8 {WIDTH:.0f} {height + 8:.0f}" role="img" aria-label="{escape(alt, quote=True)}">'
    return f"{head}{''.join(body)}</svg>"


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) < 1_000 else f"{value:,.0f}"


def _log_ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [10.0**power * factor for power in powers for factor in (1, 2, 5)]
    within = [tick for tick in ticks if low <= tick <= high]
    return within if len(within) <= 2 * STEPS else [tick for tick in within if f"{tick:e}".startswith("1")]


def _width(name: str) -> float:
    """Korean letters are as wide as two."""
    return sum(1.8 if ord(letter) > 0x1100 else 1.0 for letter in name)

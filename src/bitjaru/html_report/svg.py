"""The elements of a chart as SVG: colours come from the page's style sheet, light or dark."""

from collections.abc import Iterator, Sequence
from html import escape

from bitjaru.html_report.scales import Scale

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 640.0, 56.0, 16.0, 24.0, 46.0
COLOURS = 9  # classes c0 to c8 of the style sheet
MARKS = ("circle", "square", "triangle")


def mark(x: float, y: float, number: int, name: str | None = None) -> str:
    """Draws a point in a group's colour and shape; its words show under the pointer."""
    title = f"<title>{escape(name)}</title>" if name else ""
    colour, shape = f"c{number % COLOURS}", MARKS[(number + number // COLOURS) % len(MARKS)]
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="{colour}">{title}</circle>'
    if shape == "square":
        return f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7" class="{colour}">{title}</rect>'
    return f'<path d="M{x:.1f} {y - 4.5:.1f}l4.5 8h-9z" class="{colour}">{title}</path>'


def axis_x(scale: Scale, height: float, label: str, *, whole: bool = False) -> Iterator[str]:
    """Draws the axis across, with round values."""
    bottom = height - BOTTOM
    digits = 0 if whole else _digits(scale)
    for tick in scale.ticks():
        if whole and tick != round(tick):
            continue
        yield line(scale(tick), TOP, scale(tick), bottom, "rule")
        yield text(scale(tick), bottom + 15, _number(tick, digits))
    yield text((scale.start + scale.end) / 2, bottom + 38, label, "name")


def axis_y(scale: Scale, label: str) -> Iterator[str]:
    """Draws the axis up, with round values."""
    digits = _digits(scale)
    for tick in scale.ticks():
        yield line(LEFT, scale(tick), WIDTH - RIGHT, scale(tick), "rule")
        yield f'<text x="{LEFT - 6:.1f}" y="{scale(tick) + 4:.1f}" text-anchor="end">{_number(tick, digits)}</text>'
    yield f'<text x="4" y="8.0" class="name">{escape(label)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Draws a straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def text(x: float, y: float, words: str, kind: str = "tick") -> str:
    """Writes words in the middle of a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" class="{kind}">{escape(words)}</text>'


def svg(body: Sequence[str], height: float, alt: str) -> str:
    """Joins elements to one chart, which says in words what it shows."""
    head = f'<svg viewBox="0 -8 {WIDTH:.0f} {height + 8:.0f}" role="img" aria-label="{escape(alt, quote=True)}">'
    return f"{head}{''.join(body)}</svg>"


def _digits(scale: Scale) -> int | None:
    """Digits behind the point that all ticks of an even axis need; None where each has as many as it needs."""
    if scale.log:
        return None
    return max((len(_number(tick, None).partition(".")[2]) for tick in scale.ticks()), default=0)


def _number(value: float, digits: int | None) -> str:
    if digits is not None and abs(value) < 1_000:
        return f"{value:z.{digits}f}"
    return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) < 1_000 else f"{value:,.0f}"

"""How every picture looks: sizes, colours, type, axes, and how it gets to disk.

Only Matplotlib's object interface is used. pyplot keeps figures in a global list, which is slow, grows, and is not
safe in threads. Layout engines draw every text twice, so places are given in inches instead.
"""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bitjaru.drawing.fonts import heading
from bitjaru.files import replacing

# Okabe and Ito: apart for colour-blind eyes; in this order neighbours differ in grey as well.
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, BLACK, SKY = "#CC79A7", "#000000", "#56B4E9"
COLOURS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, BLACK, SKY)
INK, SOFT, RULE = "#222222", "#5A5A5A", "#DCDCDC"
DPI = 100
TITLE, TEXT, SMALL = 11, 9, 8.5
LineStyle = str | tuple[int, tuple[float, ...]]
SOLID, DASHED, DOTTED = "-", (0, (4.0, 2.0)), (0, (1.0, 1.5))


def figure(width: float, height: float) -> Figure:
    """Returns an empty white figure, its sides in inches."""
    drawn = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(drawn)
    return drawn


def panel(drawn: Figure, place: tuple[float, float, float, float], *, title: str) -> Axes:
    """Adds axes with a title and nothing else; `rules` adds what is to be read off.

    Args:
        drawn: The figure.
        place: Left, bottom, width and height in inches.
        title: Stands above, to the left; English.
    """
    width, height = drawn.get_size_inches()
    left, bottom, wide, high = place
    axes = drawn.add_axes((left / width, bottom / height, wide / width, high / height))
    # Matplotlib makes seven objects for each tick, and measures them all twice: half of the time of a plot.
    axes.set_axis_off()
    axes.text(0, 1 + 0.1 / high, title, color=INK, transform=axes.transAxes, fontproperties=heading(TITLE))
    return axes


def inches(axes: Axes) -> tuple[float, float]:
    """Returns width and height of axes."""
    return float(axes.bbox.width) / DPI, float(axes.bbox.height) / DPI


def save(drawn: Figure, path: Path) -> None:
    """Writes a figure atomically, in the format that the path's ending names."""
    quick = {"compress_level": 1} if path.suffix == ".png" else None
    with replacing(path) as temporary:
        drawn.savefig(temporary, pil_kwargs=quick)

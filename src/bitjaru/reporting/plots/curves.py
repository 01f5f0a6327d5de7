"""The metrics of one run over its epochs."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bitjaru.drawing.figure import BLUE, DASHED, DOTTED, GREEN, SOFT, SOLID, VERMILION, LineStyle, figure, panel
from bitjaru.drawing.labels import name_ends, remark
from bitjaru.reporting.plots import lines
from bitjaru.reporting.wording import decimals

LOOKS: Mapping[str, tuple[str, LineStyle, str]] = {
    "train": (BLUE, DASHED, "o"),
    "valid": (VERMILION, SOLID, "s"),
    "test": (GREEN, DOTTED, "^"),
}


def curves(history: Mapping[str, Sequence[float]], *, best_epoch: int | None = None) -> Figure:
    """Draws loss and every other metric, training against validation.

    Args:
        history: A value an epoch for each of `train_loss`, `valid_loss`, `train_accuracy`, ….
        best_epoch: From 1; the epoch whose weights were kept.
    """
    names = [name for name, values in history.items() if name.partition("_")[0] in LOOKS and len(values)]
    metrics = list(dict.fromkeys(name.partition("_")[2] for name in names)) or ["loss"]
    metrics.sort(key=lambda metric: metric != "loss")
    drawn = figure(4.3 * len(metrics), 3.3)
    for place, metric in enumerate(metrics):
        axes = panel(drawn, (0.6 + 4.3 * place, 0.55, 3.0, 2.35), title=metric)
        _draw_parts(axes, {part: history[name] for part in LOOKS if (name := f"{part}_{metric}") in names}, best_epoch)
    return drawn


def _draw_parts(axes: Axes, parts: Mapping[str, Sequence[float]], best_epoch: int | None) -> None:
    drawn = {part: lines.line(values) for part, values in parts.items()}
    lines.scale(axes, list(drawn.values()))
    ends = []
    for part, line in drawn.items():
        colour, style, marker = LOOKS[part]
        lines.draw(axes, line, colour=colour, style=style, marker=marker)
        ends.append((lines.last(line), part, colour, style))
    name_ends(axes, ends)
    if best_epoch is not None:
        _mark_best(axes, best_epoch, parts.get("valid", ()))


def _mark_best(axes: Axes, epoch: int, valid: Sequence[float]) -> None:
    axes.axvline(epoch, color=SOFT, linewidth=0.9, linestyle=DOTTED)
    remark(axes, f"best epoch {epoch}" + (f": {decimals(valid[epoch - 1])}" if epoch <= len(valid) else ""))

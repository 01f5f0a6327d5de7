"""From values to pixels, with round values on the way."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

STEPS = 5


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
        found = _log_ticks(self.low, self.high) if self.log else []
        return found if len(found) > 2 else _even_ticks(self.low, self.high)


def _even_ticks(low: float, high: float) -> list[float]:
    step = 10 ** math.floor(math.log10((high - low) / STEPS))
    step = next(step * factor for factor in (1, 2, 5, 10) if (high - low) / (step * factor) <= STEPS + 1)
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [10.0**power * factor for power in powers for factor in (1, 2, 5)]
    within = [tick for tick in ticks if low <= tick <= high]
    return within if len(within) <= 2 * STEPS else [tick for tick in within if f"{tick:e}".startswith("1")]

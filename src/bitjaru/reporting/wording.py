"""Figures as text, the same way in every table and plot."""

MISSING = "–"


def decimals(value: float | None) -> str:
    """Returns an accuracy, loss or other metric with four digits after the point."""
    return MISSING if value is None else f"{value:.4f}"


def count(value: int | None) -> str:
    """Returns a whole number with its thousands apart."""
    return MISSING if value is None else f"{value:,}"


def percent(part: float, whole: float) -> str:
    """Returns the share that `part` is of `whole`."""
    return MISSING if not whole else f"{100 * part / whole:.1f} %"


def duration(seconds: float | None) -> str:
    """Returns seconds as a person would say them: `0.42 s`, `7.2 s`, `2 min 05 s`, `36 min`, `1 h 02 min`."""
    if seconds is None:
        return MISSING
    if seconds < 9.95:
        return f"{seconds:.2f} s" if seconds < 0.995 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    if minutes < 10:
        return f"{minutes} min {rest:02d} s"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours} h {rest:02d} min" if hours else f"{rest} min"


def milliseconds(value: float | None) -> str:
    """Returns milliseconds with two digits after the point, or the first two that are not 0."""
    if value is None:
        return MISSING
    return f"{value:.2f}" if value >= 0.1 or not value else f"{value:.2g}"


def short(value: str) -> str:
    """Returns an override's value, a long fraction cut to four significant digits."""
    if len(value) <= 6:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return value if number.is_integer() else f"{number:.4g}"

"""What a search would do, and for how long, without doing it."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bitjaru.sweep.space.space import Fixed, Knob, Space, holds

Choices = Mapping[str, str]


def combinations(space: Space) -> list[dict[str, str]]:
    """Lists the choices on which knobs depend, one entry an option; one empty entry where there are none."""
    groups = {group for entry in space.entries for one in entry.when for group in one}
    chosen: list[dict[str, str]] = [{}]
    for knob in space.knobs:
        if knob.name in groups and knob.texts is not None:
            chosen = [{**before, knob.name: option} for before in chosen for option in knob.texts]
    return chosen


def active(space: Space, chosen: Choices) -> list[Knob]:
    """Returns the knobs that a trial with these choices gets, those of the choices themselves left out."""
    drawn = [knob for knob in space.knobs if knob.name not in chosen and holds(knob.when, chosen)]
    return [knob for knob in drawn if knob.is_used(chosen)]


def show(
    space: Space,
    console: Console,
    *,
    study: str,
    trials: int,
    done: int,
    n_jobs: int,
) -> None:
    """Prints the plan.

    Args:
        space: What would be searched.
        console: Where to.
        study: Its name.
        trials: The total.
        done: How many the study holds already.
        n_jobs: Trials at a time.
    """
    console.print(f"Study {study}: {trials} trials, {done} of them done, {n_jobs} at a time.")
    for line in _settled(space):
        console.print(f"  fixed: {line}", markup=False, highlight=False)
    table = Table()
    for heading in ("choice", "knob", "range"):
        table.add_column(heading, overflow="fold")
    for chosen in combinations(space):
        label = ", ".join(f"{group}={option}" for group, option in chosen.items()) or "every trial"
        for knob in active(space, chosen):
            table.add_row(Text(label), Text(knob.key), Text(knob.said))  # `[a, b]` is no markup
            label = ""
        if label:
            table.add_row(Text(label), "–", "its defaults")
    console.print(table)


def _settled(space: Space) -> Iterator[str]:
    for entry in space.entries:
        if isinstance(entry, Fixed):
            yield entry.line


def estimate(left: int, n_jobs: int, seconds: Sequence[float | None]) -> str:
    """Says how long the trials that are left will take.

    Args:
        left: How many they are.
        n_jobs: Trials at a time.
        seconds: Estimated length of a trial for each of `combinations`; None where nobody knows.
    """
    known = [one for one in seconds if one is not None]
    if not known:
        return "How long it takes is not known: nothing was measured."
    total = left * sum(known) / len(known) / n_jobs
    each = f"{min(known):.0f} to {max(known):.0f} s a trial"
    return f"About {total / 60:.0f} minutes without pruning, from a few measured steps ({each})."

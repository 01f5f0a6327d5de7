"""One configuration for each choice that a search has: what the platform is asked about before the first trial."""

from collections.abc import Mapping
from typing import Any

from bitjaru.sweep.space import plan
from bitjaru.sweep.space.composition import Composition
from bitjaru.sweep.space.space import Fixed, Space


def every(space: Space, composition: Composition) -> list[Mapping[str, Any]]:
    """Returns them, plain and resolved, in the order of `plan.combinations`."""
    return [composition.settings(_lines(space, composition, chosen)) for chosen in plan.combinations(space)]


def first(space: Space, composition: Composition) -> list[str]:
    """Returns the override lines of the first of them."""
    return _lines(space, composition, plan.combinations(space)[0])


def _lines(space: Space, composition: Composition, chosen: plan.Choices) -> list[str]:
    """Returns the settings that stay, with an option of each searched group: the chosen one, or else the first."""
    groups = [knob for knob in space.knobs if knob.texts and composition.options(knob.key.lstrip("+"))]
    fixed = [entry.line for entry in space.entries if isinstance(entry, Fixed) and not entry.when]
    return [*fixed, *(f"{knob.key}={chosen.get(knob.name, (knob.texts or ('',))[0])}" for knob in groups)]

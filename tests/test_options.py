from dataclasses import FrozenInstanceError
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, PositiveInt, ValidationError

from bitjaru.errors import ConfigError
from bitjaru.options import part


@part
class Broom:
    """A part as the config groups have them."""

    bristles: PositiveInt
    stiffness: Annotated[float, Field(ge=0, lt=1)]
    handle: Literal["wood", "metal"]

    def __post_init__(self) -> None:
        if self.handle == "metal" and self.bristles < 10:
            raise ConfigError(f"A metal handle needs 10 bristles. Received: {self.bristles}.")


KNOBS: dict[str, Any] = {"bristles": 12, "stiffness": 0.5, "handle": "wood"}


def test_a_part_takes_the_values_of_its_knobs() -> None:
    assert vars(Broom(**KNOBS)) == KNOBS


def test_equal_parts_are_equal() -> None:
    assert Broom(**KNOBS) == Broom(**KNOBS)
    assert Broom(**KNOBS) != Broom(**KNOBS | {"bristles": 13})


@pytest.mark.parametrize(
    ("knob", "value"),
    [("bristles", 0), ("bristles", "many"), ("bristles", 1.5), ("stiffness", 1.0), ("handle", "stone")],
)
def test_a_value_out_of_its_range_is_refused_by_name(knob: str, value: object) -> None:
    with pytest.raises(ValidationError, match=knob):
        Broom(**KNOBS | {knob: value})


def test_a_rule_over_several_knobs_keeps_its_own_words() -> None:
    with pytest.raises(ConfigError, match=r"A metal handle needs 10 bristles\. Received: 3\."):
        Broom(**KNOBS | {"handle": "metal", "bristles": 3})


def test_an_unknown_knob_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="colour"):
        Broom(**KNOBS | {"colour": "red"})


@pytest.mark.parametrize("knob", KNOBS)
def test_a_knob_has_no_default_in_python(knob: str) -> None:
    with pytest.raises(ValidationError, match=knob):
        Broom(**{name: value for name, value in KNOBS.items() if name != knob})


def test_knobs_are_given_by_name_only() -> None:
    with pytest.raises(ValidationError):
        Broom(12, 0.5, "wood")  # type: ignore[call-arg]


def test_a_part_does_not_change() -> None:
    broom = Broom(**KNOBS)
    with pytest.raises(FrozenInstanceError):
        broom.bristles = 1  # type: ignore[misc]

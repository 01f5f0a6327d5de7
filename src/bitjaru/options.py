"""The decorator that makes a dataclass a part: what a config node becomes."""

from typing import TypeVar, dataclass_transform

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

Class = TypeVar("Class")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def part(cls: type[Class]) -> type[Class]:
    """Makes `cls` a frozen keyword-only dataclass whose values are checked against its annotations.

    A part has no Python defaults: each knob has one default, in `conf/`. Annotations carry the bounds
    (`PositiveInt`, `Literal["pre", "post"]`, `Annotated[float, Field(ge=0, lt=1)]`); a rule over several
    fields goes into `__post_init__`, which raises `ConfigError`. `bitjaru.configuration` turns pydantic's
    complaints into `ConfigError`.
    """
    made: type[Class] = dataclass(
        cls, frozen=True, kw_only=True, config=ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    )  # type: ignore[assignment]
    return made

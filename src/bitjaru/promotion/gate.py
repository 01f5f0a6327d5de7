"""The gate's thresholds: the option of `conf/gate`."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from bitjaru.architectures.linear import Linear
from bitjaru.options import part

Share = Annotated[float, Field(ge=0, le=1)]


@part
class Gate:
    """What a model must show before it becomes the champion.

    Attributes:
        golden_rows: At least so many test reviews are answered again.
        golden_tolerance: By how much a probability may differ.
        shared_rows: Share of the smaller test part that both models must have answered.
        significance: Level of the paired tests.
        resamples: Of the bootstrap interval.
        seed: Of the bootstrap interval.
        tie_gain: A tie passes if the challenger is smaller or faster by this share.
        baseline: What happens when the model is worse than the linear one.
        megabytes: Of the model's files, at most.
        single_milliseconds: A review asked alone, at most.
        batch_milliseconds: A review in a batch, at most.
        git: Whether a model passes whose code no commit holds: with a warning, or not.
        linear: The baseline; which n-grams it counts, the challenger's data set says.
    """

    golden_rows: PositiveInt
    golden_tolerance: PositiveFloat
    shared_rows: Share
    significance: Annotated[float, Field(gt=0, lt=1)]
    resamples: Annotated[int, Field(ge=100)]
    seed: Annotated[int, Field(ge=0)]
    tie_gain: Share
    baseline: Literal["off", "warn", "require"]
    megabytes: PositiveFloat
    single_milliseconds: PositiveFloat
    batch_milliseconds: PositiveFloat
    git: Literal["warn", "require"]
    linear: Linear

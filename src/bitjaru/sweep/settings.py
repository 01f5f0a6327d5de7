"""The keys of `hydra.sweeper`, checked."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, PositiveFloat, PositiveInt, TypeAdapter, ValidationError

from bitjaru.configuration import explain
from bitjaru.errors import ConfigError
from bitjaru.options import part
from bitjaru.sweep.failure_limits import Limits


@part
class Settings:
    """What a search is told; each key's default stands in `conf/hydra/sweeper/optuna.yaml`."""

    sampler: dict[str, Any]
    pruner: dict[str, Any] | None
    executor: dict[str, Any]
    direction: str | list[str] | None
    objectives: list[str] | None
    storage: str | None
    study_name: str | None
    n_trials: PositiveInt
    n_jobs: PositiveInt
    params: dict[str, Any] | None
    custom_search_space: str | None
    spaces: list[str] | None
    defaults_first: bool
    compare_within: list[str]
    max_failure_rate: Annotated[float, Field(ge=0, le=1)]
    identical_failures: PositiveInt
    retries: Annotated[int, Field(ge=0)]
    timeout: PositiveFloat | None
    trial_timeout: PositiveFloat | None
    plan: bool
    plots: bool
    platform: str | None

    def __post_init__(self) -> None:
        named, directions = self.objectives or ["the task's own"], self.direction
        wanted = 1 if directions is None or isinstance(directions, str) else len(directions)
        if self.objectives is not None and len(named) != wanted:
            raise ConfigError(
                "`hydra.sweeper.direction` must give one direction for each of `hydra.sweeper.objectives`. "
                f"Received: direction={directions} for {', '.join(named)}."
            )

    def check_directions(self, of_task: Sequence[str]) -> None:
        """Checks what is set against the task, whose own objectives count where none are named.

        Raises:
            ConfigError: If their number differs.
        """
        if self.objectives is None and isinstance(self.direction, list) and len(self.direction) != len(of_task):
            raise ConfigError(
                f"`hydra.sweeper.direction` must give one direction for each objective. Received: direction="
                f"{self.direction} for the task's own, which is to {' and '.join(of_task)}. Name others with "
                "hydra.sweeper.objectives=[…]."
            )

    @property
    def limits(self) -> Limits:
        """How much may go wrong, and for how long."""
        return Limits(
            max_failure_rate=self.max_failure_rate,
            identical_failures=self.identical_failures,
            retries=self.retries,
            trial_timeout=self.trial_timeout,
            timeout=self.timeout,
        )

    @property
    def lines(self) -> list[str]:
        """`params` as override lines."""
        return [f"{key}={'null' if value is None else value}" for key, value in (self.params or {}).items()]


def check(node: Mapping[str, Any]) -> Settings:
    """Checks a node.

    Raises:
        ConfigError: If a key is unknown or missing, or a value cannot be used; names every one of them.
    """
    try:
        return TypeAdapter(Settings).validate_python(dict(node))
    except ValidationError as error:
        raise ConfigError(explain(error, "hydra.sweeper")) from error

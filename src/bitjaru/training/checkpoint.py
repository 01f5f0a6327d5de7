"""The whole state of a training on disk, after every epoch."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from bitjaru.files import NOT_ARRAYS, replacing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """What a training needs besides the model's own variables."""

    best_weights: list[Any] | None
    history: dict[str, list[float]]


@dataclass(frozen=True)
class Checkpoint:
    """One file with weights, optimizer state, dropout seeds, best weights and history; arrays only, no pickle.

    Attributes:
        path: Of the file, without its ending.
    """

    path: Path

    def write(self, model: keras.Model, best_weights: list[Any] | None, history: dict[str, list[float]]) -> None:
        """Replaces the checkpoint atomically."""
        arrays = {f"model_{place}": np.asarray(variable) for place, variable in enumerate(_variables(model))}
        best = {f"best_{place}": weight for place, weight in enumerate(best_weights or ())}
        with replacing(self.path.with_suffix(".npz")) as temporary, temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, history=np.array(json.dumps(history)), **arrays, **best)

    def restore(self, model: keras.Model) -> State | None:
        """Sets the model back to the checkpoint.

        Returns:
            The rest of the state; None where there is no checkpoint, or none of this model.
        """
        try:
            # Opened here, since NumPy leaves a file open that turns out to be none of its own.
            with self.path.with_suffix(".npz").open("rb") as file, np.load(file, allow_pickle=False) as saved:
                arrays = dict(saved)
                history = json.loads(str(arrays["history"]))
        except FileNotFoundError:
            return None
        except NOT_ARRAYS as error:
            log.warning("The checkpoint %s cannot be read (%s): the run starts anew.", self.path, error)
            return None
        variables = _variables(model)
        values = [arrays.get(f"model_{place}") for place in range(len(variables))]
        if any(value is None or value.shape != tuple(v.shape) for value, v in zip(values, variables, strict=True)):
            log.warning("The checkpoint %s is of another model: the run starts anew.", self.path)
            return None
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        best = [arrays[f"best_{place}"] for place in range(sum(name.startswith("best_") for name in arrays))]
        return State(best or None, history)


def _variables(model: keras.Model) -> list[Any]:
    """Weights, the states of the random number generators behind dropout, and the optimizer's memory."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]

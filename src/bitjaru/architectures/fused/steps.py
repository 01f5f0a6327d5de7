"""A loop over time whose gradient is written by hand."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

Step = Callable[..., tuple[Sequence[Any], Sequence[Any]]]  # (time, *states) to (states, what is kept of this step)


def over_time(step: Step, states: Sequence[Any], length: Any, *, kept: int, backwards: bool = False) -> Any:
    """Runs `step` once for every time step.

    Args:
        step: Takes the time and the states; returns the next states, and the tensors that are kept.
        states: Those before the first step, each (B, U).
        length: T, a scalar tensor.
        kept: How many tensors each step keeps.
        backwards: Whether the last step comes first.

    Returns:
        The states after the last step, and the kept tensors, each (T, B, D), in the order of time.
    """

    def body(count: Any, states: Any, arrays: Any) -> Any:
        time = length - 1 - count if backwards else count
        states, values = step(time, *states)
        return count + 1, list(states), [array.write(time, kept) for array, kept in zip(arrays, values, strict=True)]

    arrays = [tf.TensorArray(states[0].dtype, size=length) for _ in range(kept)]
    _, states, arrays = tf.while_loop(lambda count, *_: count < length, body, (0, list(states), arrays))
    return states, [array.stack() for array in arrays]


def before(initial: Any, states: Any) -> Any:
    """Returns the state before each step, (T, B, U), given the one before the first step and those after each."""
    return tf.concat([initial[None], states[:-1]], axis=0)

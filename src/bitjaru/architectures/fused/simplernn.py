"""The recurrence of a simple recurrent layer (Elman 1990)."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from bitjaru.architectures.fused.product import Product
from bitjaru.architectures.fused.steps import before, over_time


def recur(projected: Any, kernel: Any, initial: Any, mask: Any, dropout: Sequence[Any]) -> Any:
    """Runs over all steps.

    Args:
        projected: Inputs times kernel plus bias, (T, B, U).
        kernel: The recurrent one, (U, U).
        initial: The state, (B, U).
        mask: (T, B, 1), bool; a step that is false leaves the state as it was. None for no mask.
        dropout: One mask of the state, or none.

    Returns:
        The states, (T, B, U).
    """
    length = tf.shape(projected)[0]

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def states_of(projected: Any, kernel: Any, first: Any) -> Any:
        product = Product(kernel, dropout)

        def step(time: Any, state: Any) -> Any:
            new = tf.tanh(projected[time] + product(state))
            if mask is not None:
                new = tf.where(mask[time], new, state)
            return (new,), (new,)

        _, (states,) = over_time(step, (first,), length, kept=1)

        def gradient(of_states: Any) -> Any:
            slope = 1 - states * states
            seen = None if mask is None else tf.cast(mask, slope.dtype)
            if seen is not None:
                slope *= seen

            def step_back(time: Any, of_state: Any) -> Any:
                of_state += of_states[time]
                of_sum = of_state * slope[time]
                earlier = product.to_state(of_sum)
                if seen is not None:
                    earlier += of_state * (1 - seen[time])
                return (earlier,), (of_sum,)

            last = (tf.zeros_like(first),)
            (of_first,), (of_sums,) = over_time(step_back, last, length, kept=1, backwards=True)
            return of_sums, product.to_kernel(before(first, states), of_sums), of_first

        return states, gradient

    return states_of(projected, kernel, initial)

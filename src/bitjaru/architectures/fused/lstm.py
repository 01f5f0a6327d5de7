"""The recurrence of an LSTM (Hochreiter & Schmidhuber 1997), gates in Keras's order i f c o."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from bitjaru.architectures.fused.product import Product
from bitjaru.architectures.fused.steps import before, over_time


def recur(projected: Any, kernel: Any, initial: Sequence[Any], mask: Any, dropout: Sequence[Any]) -> Any:
    """Runs over all steps.

    Args:
        projected: Inputs times kernel plus bias, (T, B, 4·U).
        kernel: The recurrent one, (U, 4·U).
        initial: State and carry, each (B, U).
        mask: (T, B, 1), bool; a step that is false leaves state and carry as they were. None for no mask.
        dropout: 4 masks of the state, or none.

    Returns:
        The states (T, B, U) and the last carry (B, U).
    """
    length = tf.shape(projected)[0]

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def states_of(projected: Any, kernel: Any, first_state: Any, first_carry: Any) -> Any:
        product = Product(kernel, dropout)

        def step(time: Any, state: Any, carry: Any) -> Any:
            i, f, c, o = tf.split(projected[time] + product(state), 4, axis=1)
            i, f, c, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(c), tf.sigmoid(o)
            new_carry = f * carry + i * c
            new_state = o * tf.tanh(new_carry)
            if mask is not None:
                new_state = tf.where(mask[time], new_state, state)
                new_carry = tf.where(mask[time], new_carry, carry)
            return (new_state, new_carry), (new_state, new_carry, tf.concat([i, f, c, o], axis=1))

        (_, last_carry), (states, carries, gates) = over_time(step, (first_state, first_carry), length, kept=3)

        def gradient(of_states: Any, of_last_carry: Any) -> Any:
            by_gate, by_state, forget, stay = _slopes(gates, carries, first_carry, mask)

            def step_back(time: Any, of_state: Any, of_carry: Any) -> Any:
                of_state += of_states[time]
                of_carry += of_state * by_state[time]
                of_gates = tf.concat([of_carry, of_carry, of_carry, of_state], axis=1) * by_gate[time]
                before_product = product.to_state(of_gates)
                if mask is not None:
                    before_product += of_state * stay[time]
                return (before_product, of_carry * forget[time]), (of_gates,)

            last = (tf.zeros_like(first_state), of_last_carry)
            (of_first_state, of_first_carry), (of_gates,) = over_time(step_back, last, length, kept=1, backwards=True)
            of_kernel = product.to_kernel(before(first_state, states), of_gates)
            return of_gates, of_kernel, of_first_state, of_first_carry

        return (states, last_carry), gradient

    return states_of(projected, kernel, *initial)


def _slopes(gates: Any, carries: Any, first_carry: Any, mask: Any) -> Any:
    """Returns for all steps what the loop backwards multiplies with.

    Returns:
        What a gate's sum, (T, B, 4·U), and the carry, (T, B, U), move the carry or the state by; the share of the
        carry that goes on; and where a masked step hands the gradient on. Masked steps have no slope.
    """
    i, f, c, o = tf.split(gates, 4, axis=2)
    squashed = tf.tanh(carries)
    by_gate = tf.concat(
        [c * i * (1 - i), before(first_carry, carries) * f * (1 - f), i * (1 - c * c), squashed * o * (1 - o)], axis=2
    )
    by_state = o * (1 - squashed * squashed)
    if mask is None:
        return by_gate, by_state, f, None
    seen = tf.cast(mask, gates.dtype)
    return by_gate * seen, by_state * seen, tf.where(mask, f, tf.ones_like(f)), 1 - seen

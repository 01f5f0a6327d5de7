"""The recurrence of a GRU (Cho et al. 2014), gates in Keras's order z r h, the reset after the product."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from bitjaru.architectures.fused.product import Product
from bitjaru.architectures.fused.steps import before, over_time


def recur(projected: Any, kernel: Any, bias: Any, initial: Any, mask: Any, dropout: Sequence[Any]) -> Any:
    """Runs over all steps.

    Args:
        projected: Inputs times kernel plus bias, (T, B, 3·U).
        kernel: The recurrent one, (U, 3·U).
        bias: The recurrent one, (3·U,).
        initial: The state, (B, U).
        mask: (T, B, 1), bool; a step that is false leaves the state as it was. None for no mask.
        dropout: 3 masks of the state, or none.

    Returns:
        The states, (T, B, U).
    """
    length = tf.shape(projected)[0]

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def states_of(projected: Any, kernel: Any, bias: Any, first: Any) -> Any:
        product = Product(kernel, dropout)

        def step(time: Any, state: Any) -> Any:
            from_input, from_state = projected[time], product(state) + bias
            x_z, x_r, x_h = tf.split(from_input, 3, axis=1)
            h_z, h_r, h_h = tf.split(from_state, 3, axis=1)
            z, r = tf.sigmoid(x_z + h_z), tf.sigmoid(x_r + h_r)
            h = tf.tanh(x_h + r * h_h)
            new = z * state + (1 - z) * h
            if mask is not None:
                new = tf.where(mask[time], new, state)
            return (new,), (new, tf.concat([z, r, h, h_h], axis=1))

        _, (states, gates) = over_time(step, (first,), length, kept=2)

        def gradient(of_states: Any) -> Any:
            earlier = before(first, states)
            by_product, by_candidate, stay = _slopes(gates, earlier, mask)

            def step_back(time: Any, of_state: Any) -> Any:
                of_state += of_states[time]
                of_product = tf.tile(of_state, (1, 3)) * by_product[time]
                return (of_state * stay[time] + product.to_state(of_product),), (of_state, of_product)

            last = (tf.zeros_like(first),)
            (of_first,), (of_state, of_product) = over_time(step_back, last, length, kept=2, backwards=True)
            of_z_and_r = of_product[:, :, : 2 * first.shape[-1]]
            of_projected = tf.concat([of_z_and_r, of_state * by_candidate], axis=2)
            of_bias = tf.reduce_sum(of_product, axis=(0, 1))
            return of_projected, product.to_kernel(earlier, of_product), of_bias, of_first

        return states, gradient

    return states_of(projected, kernel, bias, initial)


def _slopes(gates: Any, earlier: Any, mask: Any) -> Any:
    """Returns for all steps what the loop backwards multiplies the state's gradient with.

    Returns:
        That of the recurrent product, (T, B, 3·U); of the candidate's sum and of the state before, each (T, B, U).
        Masked steps have no slope, and hand the gradient on to the state before.
    """
    z, r, h, h_h = tf.split(gates, 4, axis=2)
    by_candidate = (1 - z) * (1 - h * h)
    by_product = tf.concat([(earlier - h) * z * (1 - z), by_candidate * h_h * r * (1 - r), by_candidate * r], axis=2)
    if mask is None:
        return by_product, by_candidate, z
    seen = tf.cast(mask, gates.dtype)
    return by_product * seen, by_candidate * seen, tf.where(mask, z, tf.ones_like(z))

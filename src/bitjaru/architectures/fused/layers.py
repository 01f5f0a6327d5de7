"""Keras's recurrent layers with a training step of their own. Import this module before loading a saved model.

Weights, config and saved files are Keras's, and so are the dropout masks, which come from the same seeds. Only the loop
over time differs, and only while training: the inputs of all steps meet the kernel in one product before the loop, the
gradient of the loop is written by hand, and the gradient of each kernel is one product over all steps after it. Results
are Keras's but for the order of sums (about 1e-6).

What differs: activations, biases and `reset_after` must be Keras's defaults; `unroll` has no effect while training; and
a review whose first steps are masked shows the initial state there, where Keras shows zeros. These are the same unless
an initial state is given.
"""

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from bitjaru.architectures.fused import gru, lstm, simplernn
from bitjaru.architectures.fused.product import flat


@keras.saving.register_keras_serializable(package="bitjaru")
class LSTM(keras.layers.LSTM):  # type: ignore[misc]
    """`keras.layers.LSTM`, (B, T, E) to (B, U) or (B, T, U)."""

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Makes Keras's weights."""
        _refuse_other_equations(self)
        super().build(sequences_shape, initial_state_shape)

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        """Returns the last state, all states, and state and carry after the last step."""
        if not training:
            return super().inner_loop(sequences, initial_state, mask, training)
        loop = _loop(self, sequences, initial_state, mask, self.cell.bias)
        states, carry = lstm.recur(loop.projected, loop.kernel, initial_state, loop.seen, loop.dropout)
        return *_outputs(self, states, loop.seen), [states[-1], carry]


@keras.saving.register_keras_serializable(package="bitjaru")
class GRU(keras.layers.GRU):  # type: ignore[misc]
    """`keras.layers.GRU`, (B, T, E) to (B, U) or (B, T, U)."""

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Makes Keras's weights."""
        _refuse_other_equations(self)
        super().build(sequences_shape, initial_state_shape)

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        """Returns the last state, all states, and the state after the last step."""
        if not training:
            return super().inner_loop(sequences, initial_state, mask, training)
        of_input, of_state = tf.unstack(tf.convert_to_tensor(self.cell.bias))
        loop = _loop(self, sequences, initial_state, mask, of_input)
        states = gru.recur(loop.projected, loop.kernel, of_state, initial_state[0], loop.seen, loop.dropout)
        return *_outputs(self, states, loop.seen), [states[-1]]


@keras.saving.register_keras_serializable(package="bitjaru")
class SimpleRNN(keras.layers.SimpleRNN):  # type: ignore[misc]
    """`keras.layers.SimpleRNN`, (B, T, E) to (B, U) or (B, T, U)."""

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Makes Keras's weights."""
        _refuse_other_equations(self)
        super().build(sequences_shape, initial_state_shape)

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        """Returns the last state, all states, and the state after the last step."""
        if not training:
            return super().inner_loop(sequences, initial_state, mask, training)
        loop = _loop(self, sequences, initial_state, mask, self.cell.bias)
        states = simplernn.recur(loop.projected, loop.kernel, initial_state[0], loop.seen, loop.dropout)
        return *_outputs(self, states, loop.seen), [states[-1]]


class _Loop(NamedTuple):
    """What every recurrence takes: inputs times kernel (T, B, G·U), recurrent kernel, mask, dropout of the state."""

    projected: Any
    kernel: Any
    seen: Any
    dropout: Any


def _loop(layer: Any, sequences: Any, initial_state: Any, mask: Any, bias: Any) -> _Loop:
    inputs, seen = _in_time(layer, sequences, mask)
    kernel = tf.convert_to_tensor(layer.cell.recurrent_kernel)
    return _Loop(_project(layer.cell, inputs) + bias, kernel, seen, _state_masks(layer.cell, initial_state[0]))


def _refuse_other_equations(layer: Any) -> None:
    known = {"activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True, "reset_after": True}
    config = layer.get_config()
    if wrong := {name: config[name] for name in known if config.get(name, known[name]) != known[name]}:
        raise ValueError(
            f"A fused layer must have tanh, sigmoid, biases and `reset_after`. Received: {wrong}. "
            f"Use `keras.layers.{type(layer).__name__}`."
        )


def _in_time(layer: Any, sequences: Any, mask: Any) -> Any:
    """Returns inputs (T, B, E) and mask (T, B, 1) or None, in the order in which the layer reads."""
    mask = mask[0] if isinstance(mask, list | tuple) else mask
    inputs = tf.transpose(sequences, (1, 0, 2))
    seen = None if mask is None else tf.transpose(tf.cast(mask, tf.bool))[:, :, None]
    if layer.go_backwards:
        return inputs[::-1], None if seen is None else seen[::-1]
    return inputs, seen


def _project(cell: Any, inputs: Any) -> Any:
    """Returns inputs (T, B, E), dropped out as Keras does it, times kernel: (T, B, G·U)."""
    masks = _masks(cell.get_dropout_mask(inputs[0])) if cell.dropout else []
    kernel = tf.convert_to_tensor(cell.kernel)
    kernels = tf.split(kernel, len(masks) or 1, axis=1)
    dropped = [inputs * mask for mask in masks] or [inputs]
    gates = tf.concat([tf.matmul(flat(kept), part) for kept, part in zip(dropped, kernels, strict=True)], axis=1)
    return tf.reshape(gates, (*tf.unstack(tf.shape(inputs)[:2]), kernel.shape[1]))


def _state_masks(cell: Any, state: Any) -> Any:
    return _masks(cell.get_recurrent_dropout_mask(state)) if cell.recurrent_dropout else []


def _masks(drawn: Any) -> list[Any]:
    """Keras's cells draw one mask, or one for each gate."""
    return list(drawn) if isinstance(drawn, list) else [drawn]


def _outputs(layer: Any, states: Any, seen: Any) -> tuple[Any, Any]:
    """Returns the last output (B, U) and all of them (B, T, U), zeros at masked steps where the layer wants that."""
    if seen is not None and layer.return_sequences and layer.zero_output_for_mask:
        states = tf.where(seen, states, tf.zeros_like(states))
    return states[-1], tf.transpose(states, (1, 0, 2))

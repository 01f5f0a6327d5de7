"""The product of the state with the recurrent kernel, and its two gradients."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf


class Product:
    """State (B, U) to the G gates side by side, (B, G·U).

    Whatever is the same in every step is computed here, before the loop.

    Args:
        kernel: (U, G·U).
        dropout: G masks (B, U) that the state is multiplied with before it meets the kernel of each gate, as Keras's
            cells do it; empty for none.
    """

    def __init__(self, kernel: Any, dropout: Sequence[Any]) -> None:
        self._dropout = dropout
        self._kernels = self._parted(kernel)
        self._transposed = [tf.transpose(kernel) for kernel in self._kernels]

    def __call__(self, state: Any) -> Any:
        """Returns the product, (B, G·U)."""
        products = [tf.matmul(kept, kernel) for kept, kernel in zip(self._dropped(state), self._kernels, strict=True)]
        return tf.concat(products, axis=1)

    def to_state(self, gradient: Any) -> Any:
        """Returns the gradient of the state, (B, U), from that of the product, (B, G·U)."""
        pairs = zip(self._parted(gradient), self._transposed, strict=True)
        products = [tf.matmul(part, transposed) for part, transposed in pairs]
        if not self._dropout:
            return products[0]
        return tf.add_n([product * mask for product, mask in zip(products, self._dropout, strict=True)])

    def to_kernel(self, states: Any, gradients: Any) -> Any:
        """Returns the gradient of the kernel, in one product over all steps.

        Args:
            states: Before each step, (T, B, U).
            gradients: Of each step's product, (T, B, G·U).
        """
        pairs = zip(self._dropped(states), self._parted(flat(gradients)), strict=True)
        return tf.concat([tf.matmul(flat(kept), part, transpose_a=True) for kept, part in pairs], axis=1)

    def _dropped(self, states: Any) -> Sequence[Any]:
        return [states * mask for mask in self._dropout] or [states]

    def _parted(self, gates: Any) -> Any:
        return tf.split(gates, len(self._dropout) or 1, axis=1)


def flat(tensor: Any) -> Any:
    """Turns (T, B, D) into (T·B, D)."""
    return tf.reshape(tensor, (-1, tensor.shape[-1]))

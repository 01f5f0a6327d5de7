"""What the optimizers here have in common: an embedding is updated by a step of its own.

TensorFlow gives the gradient of an `Embedding` as `IndexedSlices`: row numbers, and one slice for each occurrence of a
word, not one for each row. Keras turns them into a table as large as the embedding, several times a step.
This module imports TensorFlow, so parts import it only inside `build`.
"""

from typing import Any

import keras
import tensorflow as tf


class EmbeddingStep(keras.optimizers.Optimizer):  # type: ignore[misc]
    """Hands on the gradients of embeddings; every other weight gets exactly Keras's update.

    Stands before the Keras optimizer among the bases.

    Args:
        learning_rate: A number or a schedule.
        embedding_multiplier: Of the learning rate, for embeddings.
        optimizer: What else the Keras optimizer takes.
    """

    def __init__(self, learning_rate: Any = 0.001, *, embedding_multiplier: float = 1.0, **optimizer: Any) -> None:
        super().__init__(learning_rate=learning_rate, **optimizer)
        self.embedding_multiplier = embedding_multiplier

    def get_config(self) -> dict[str, Any]:
        """Returns what `__init__` takes."""
        return {**super().get_config(), "embedding_multiplier": self.embedding_multiplier}

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Updates one variable."""
        if not isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        values, rate = tf.cast(gradient.values, variable.dtype), tf.cast(learning_rate, variable.dtype)
        self.update_embedding(gradient.indices, values, variable, self.embedding_multiplier * rate)

    def update_embedding(self, rows: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Updates one embedding.

        Args:
            rows: Row numbers, (R,).
            gradient: Of these rows, (R, E).
            variable: The embedding, (V, E).
            learning_rate: A scalar.
        """
        raise NotImplementedError

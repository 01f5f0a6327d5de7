"""What a traced training step is made of."""

from typing import Any

import keras
import tensorflow as tf

READING = ("ReadVariableOp", "Placeholder")  # a variable itself, or a constant that was made before the step


def arrays_made_in_a_step(model: keras.Model, inputs: Any, targets: Any, *, shape: tuple[int, ...]) -> list[str]:
    """Returns the operations of a training step that make an array of this shape."""
    model.optimizer.build(model.trainable_variables)
    step = tf.function(lambda inputs, targets: model.train_step((inputs, targets)))
    graph = step.get_concrete_function(tf.constant(inputs), tf.constant(targets)).graph
    return [
        operation.type
        for operation in graph.get_operations()
        for output in operation.outputs
        if output.shape.rank == len(shape) and output.shape == shape and operation.type not in READING
    ]

"""Keras's recurrent layers with a training step of their own: one custom gradient over all time steps."""

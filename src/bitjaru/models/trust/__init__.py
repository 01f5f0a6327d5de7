"""What a model's files must be before they are loaded: a config of values, a Keras file of known layers, signed."""

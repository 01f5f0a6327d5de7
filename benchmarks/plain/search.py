"""A search by hand in plain Keras: the same model with one learning rate after the other, in one process.

python search.py ARRAYS RATE ...
"""

import sys

import keras
import numpy as np
from keras import layers


def main() -> None:
    """Trains each model for an epoch, and prints its accuracies."""
    with np.load(sys.argv[1], allow_pickle=False) as file:
        arrays = dict(file)
    for rate in map(float, sys.argv[2:]):
        keras.backend.clear_session()
        keras.utils.set_random_seed(42)
        model = keras.Sequential(
            [
                layers.Embedding(int(arrays["words"]), 128),
                layers.LSTM(128, dropout=0.2, recurrent_dropout=0.2),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
        valid = (arrays["x_valid"], arrays["y_valid"])
        fitted = model.fit(arrays["x_train"], arrays["y_train"], batch_size=32, validation_data=valid, verbose=0)
        _, accuracy = model.evaluate(arrays["x_test"], arrays["y_test"], batch_size=512, verbose=0)
        print(f"{rate:.2g} valid {fitted.history['val_accuracy'][0]:.4f} test {accuracy:.4f}")


if __name__ == "__main__":
    main()

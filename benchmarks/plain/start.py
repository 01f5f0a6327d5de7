"""A bare script: imports Keras with TensorFlow, reads arrays and fits an LSTM.

python start.py ARRAYS
"""

import sys

import keras
import numpy as np
from keras import layers


def main() -> None:
    """Fits for one epoch."""
    with np.load(sys.argv[1], allow_pickle=False) as arrays:
        x, y, words = arrays["x_train"], arrays["y_train"], int(arrays["words"])
    keras.utils.set_random_seed(42)
    model = keras.Sequential(
        [
            layers.Embedding(words, 128, mask_zero=True),
            layers.LSTM(128, dropout=0.2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=64, verbose=0)


if __name__ == "__main__":
    main()

"""What `benchmarks/training.py` measures bitjaru against: the recipes as a user of the library would write them."""

import time
from typing import Any

WARM_UP = 32  # batches before the clock starts, for every contender the same
RECIPES: dict[str, tuple[str, int]] = {  # optimizer and batch size of each
    "nsmc_lstm": ("adam", 32),
    "imdb_lstm": ("rmsprop", 128),
    "imdb_simplernn": ("rmsprop", 128),
    "imdb_stacked_simplernn": ("rmsprop", 128),
    "imdb_cnn_lstm": ("adam", 64),
}


def keras_epoch(recipe: str, arrays: dict[str, Any], seed: int) -> dict[str, float]:
    """The document's script in plain Keras."""
    import keras

    keras.utils.set_random_seed(seed)
    optimizer, batch = RECIPES[recipe]
    model = keras.Sequential([*_layers(recipe, int(arrays["words"])), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    few = WARM_UP * batch
    model.fit(arrays["x"][:few], arrays["y"][:few], batch_size=batch, verbose=0)
    started = time.perf_counter()
    model.fit(arrays["x"], arrays["y"], batch_size=batch, verbose=0)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "accuracy": model.evaluate(arrays["x_test"], arrays["y_test"], batch_size=512, verbose=0)[1],
    }


def _layers(recipe: str, words: int) -> list[Any]:
    """Returns the layers that the document names, without the head."""
    from keras import layers

    if recipe == "nsmc_lstm":
        return [layers.Embedding(words, 128), layers.LSTM(128, dropout=0.2, recurrent_dropout=0.2)]
    after_embedding = {
        "imdb_lstm": [layers.LSTM(32)],
        "imdb_simplernn": [layers.SimpleRNN(64)],
        "imdb_stacked_simplernn": [
            *(layers.SimpleRNN(32, return_sequences=True) for _ in range(3)),
            layers.SimpleRNN(32),
        ],
        "imdb_cnn_lstm": [
            layers.Conv1D(32, 5, padding="same", activation="relu"),
            layers.MaxPooling1D(2),
            layers.LSTM(50),
            layers.Dropout(0.2),
            layers.Dense(25, activation="sigmoid"),
        ],
    }
    return [layers.Embedding(words, 32), *after_embedding[recipe]]


def torch_epoch(recipe: str, arrays: dict[str, Any], seed: int) -> dict[str, float]:
    """`nsmc_lstm` in PyTorch with its sparse embedding; dropout on the embedded words, none on the state.

    The embedding starts as Keras's does: from PyTorch's own start, N(0, 1), rows that few reviews touch learn little.
    """
    del recipe
    import torch
    from torch import nn

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    embedding = nn.Embedding(int(arrays["words"]), 128, sparse=True)
    nn.init.uniform_(embedding.weight, -0.05, 0.05)
    lstm, head, dropout = nn.LSTM(128, 128, batch_first=True), nn.Linear(128, 1), nn.Dropout(0.2)
    optimizers = [
        torch.optim.SparseAdam(embedding.parameters(), lr=0.001),
        torch.optim.Adam([*lstm.parameters(), *head.parameters()], lr=0.001),
    ]
    measure = nn.BCEWithLogitsLoss()
    x, y = torch.from_numpy(arrays["x"]), torch.from_numpy(arrays["y"]).float()

    def logits(ids: Any) -> Any:
        _, (state, _) = lstm(dropout(embedding(ids)))
        return head(state[0])[:, 0]

    def train(rows: Any) -> None:
        for batch in rows.split(32):
            for optimizer in optimizers:
                optimizer.zero_grad()
            measure(logits(x[batch]), y[batch]).backward()
            for optimizer in optimizers:
                optimizer.step()

    train(torch.arange(min(len(x), 32 * WARM_UP)))
    started = time.perf_counter()
    train(torch.randperm(len(x)))
    seconds = time.perf_counter() - started
    dropout.eval()
    with torch.no_grad():
        right = sum(
            int(((logits(ids) > 0) == (truth > 0)).sum())
            for ids, truth in zip(
                torch.from_numpy(arrays["x_test"]).split(512),
                torch.from_numpy(arrays["y_test"]).split(512),
                strict=True,
            )
        )
    return {"seconds": seconds, "accuracy": right / len(arrays["y_test"])}

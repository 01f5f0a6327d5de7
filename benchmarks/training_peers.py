"""What `benchmarks/training.py` measures bitjaru against: the recipes as a user of the library would write them."""

import time
from typing import Any


def keras_epoch(recipe: str, arrays: dict[str, Any]) -> dict[str, float]:
    """The document's script in plain Keras."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(1)
    words = int(arrays["x"].max()) + 1
    models = {
        "nsmc_lstm": [layers.Embedding(words, 128), layers.LSTM(128, dropout=0.2, recurrent_dropout=0.2)],
        "imdb_lstm": [layers.Embedding(words, 32), layers.LSTM(32)],
        "imdb_simplernn": [layers.Embedding(words, 32), layers.SimpleRNN(64)],
        "imdb_stacked_simplernn": [
            layers.Embedding(words, 32),
            *(layers.SimpleRNN(32, return_sequences=True) for _ in range(3)),
            layers.SimpleRNN(32),
        ],
    }
    optimizer, batch = ("adam", 32) if recipe == "nsmc_lstm" else ("rmsprop", 128)
    model = keras.Sequential([*models[recipe], layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    few = 5 * batch
    model.fit(arrays["x"][:few], arrays["y"][:few], batch_size=batch, verbose=0)
    started = time.perf_counter()
    model.fit(arrays["x"], arrays["y"], batch_size=batch, verbose=0)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "accuracy": model.evaluate(arrays["x_test"], arrays["y_test"], batch_size=512, verbose=0)[1],
    }


def torch_epoch(recipe: str, arrays: dict[str, Any]) -> dict[str, float]:
    """`nsmc_lstm` in PyTorch with its sparse embedding; dropout on the embedded words, none on the state."""
    del recipe
    import torch
    from torch import nn

    torch.manual_seed(1)
    torch.set_num_threads(1)
    embedding = nn.Embedding(int(arrays["x"].max()) + 1, 128, sparse=True)
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

    train(torch.arange(min(len(x), 32 * 5)))
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

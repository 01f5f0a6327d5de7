"""What `benchmarks/views.py` measures bitjaru against: plain Keras, and PyTorch as its users would write it."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bitjaru.data.examples import Examples

WIDTH = 64  # numbers a token of the bag has
Views = Mapping[str, tuple[int, int]]  # columns and words of each
VIEWS: Views = {"syllables": (140, 4_000), "morphemes": (80, 40_000), "ngrams": (600, 300_000)}


def keras_epoch(examples: Examples, words: int, batch_size: int) -> float:
    """Returns the seconds of an epoch as plain Keras trains it, after some steps that warm up."""
    import keras

    keras.backend.clear_session()
    layers: list[Any] = [
        keras.layers.Embedding(words, WIDTH, mask_zero=True),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    model = keras.Sequential(layers)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    some = slice(0, 3 * batch_size)
    model.fit(examples.inputs[some], examples.targets[some], batch_size=batch_size, verbose=0)
    started = time.perf_counter()
    model.fit(examples.inputs, examples.targets, batch_size=batch_size, verbose=0)
    return time.perf_counter() - started


def torch_epoch(examples: Examples, views: Views, batch_size: int) -> float:
    """Returns the seconds of an epoch in PyTorch: some views of `experiment=nsmc_best`, with sparse gradients.

    In a process of its own: TensorFlow and PyTorch do not always bear each other in one.
    """
    with tempfile.NamedTemporaryFile(suffix=".npz") as file:
        np.savez(file, allow_pickle=False, inputs=examples.inputs, targets=examples.targets)
        file.flush()
        asked = [file.name, json.dumps(views), str(batch_size)]
        printed = subprocess.run([sys.executable, __file__, *asked], check=True, stdout=subprocess.PIPE).stdout
    return float(printed)


@dataclass(frozen=True)
class Encoder:
    """A view in PyTorch: its layers, which of them embeds, how many features it has, and how ids (B, T) become them."""

    layers: Any
    features: int
    forward: Callable[[Any], Any]

    @property
    def rows(self) -> Any:
        """Returns the weights of the embedding, whose gradients are sparse."""
        return self.layers["embedding"].weight


def _epoch(views: Views, examples: Examples, batch_size: int) -> float:
    """Returns the seconds of an epoch, after some steps that warm up; each batch is cut to its longest review."""
    import torch
    from torch import nn

    torch.manual_seed(1)
    encoders = [ENCODERS[name](words) for name, (_, words) in views.items()]
    head, dropout = nn.Linear(sum(each.features for each in encoders), 1), nn.Dropout(0.5)
    embedded = {id(each.rows) for each in encoders}
    weights = [weight for each in encoders for weight in each.layers.parameters() if id(weight) not in embedded]
    optimizers = [
        torch.optim.SparseAdam([each.rows for each in encoders], lr=0.001),
        torch.optim.Adam([*weights, *head.parameters()], lr=0.001),
    ]
    x, y = torch.from_numpy(examples.inputs).long(), torch.from_numpy(examples.targets).float()
    columns = torch.split(x, [length for length, _ in views.values()], dim=1)

    def train(rows: Any) -> None:
        for batch in rows.split(batch_size):
            for optimizer in optimizers:
                optimizer.zero_grad()
            features = [each.forward(_cut(ids[batch])) for each, ids in zip(encoders, columns, strict=True)]
            logits = head(dropout(torch.cat(features, dim=1)))[:, 0]
            nn.functional.binary_cross_entropy_with_logits(logits, y[batch]).backward()
            for optimizer in optimizers:
                optimizer.step()

    train(torch.arange(3 * batch_size))
    started = time.perf_counter()
    train(torch.randperm(len(x)))
    return time.perf_counter() - started


def _cut(ids: Any) -> Any:
    """Without the columns in which no review of the batch has a token; one stays for a batch of empty ones."""
    longest = max(1, int((ids != 0).sum(dim=1).max()))
    return ids[:, -longest:]


def _bag(words: int) -> Encoder:
    import torch
    from torch import nn

    layers = nn.ModuleDict({"embedding": nn.EmbeddingBag(words, WIDTH, mode="sum", sparse=True)})

    def forward(ids: Any) -> Any:
        kept = (ids != 0) & (torch.rand(ids.shape) > 0.33)
        counts = kept.sum(dim=1)
        offsets = torch.cat([torch.zeros(1, dtype=torch.long), counts.cumsum(0)[:-1]])
        return layers["embedding"](ids[kept], offsets) / counts.clamp(min=1).sqrt()[:, None]

    return Encoder(layers, WIDTH, forward)


def _convolutions(words: int) -> Encoder:
    import torch
    from torch import nn

    windows = {f"of_{size}": nn.Conv1d(128, 100, size, padding=size - 1) for size in range(1, 6)}
    layers = nn.ModuleDict({"embedding": nn.Embedding(words, 128, sparse=True), **windows})

    def forward(ids: Any) -> Any:
        vectors = layers["embedding"](ids).transpose(1, 2)
        return torch.cat([layers[name](vectors).relu().amax(dim=2) for name in windows], dim=1)

    return Encoder(layers, 500, forward)


def _recurrent(words: int) -> Encoder:
    import torch
    from torch import nn

    lstm = nn.LSTM(128, 256, batch_first=True, bidirectional=True)
    embedding = nn.Embedding(words, 128, sparse=True)
    layers = nn.ModuleDict({"embedding": embedding, "lstm": lstm, "attention": nn.Linear(512, 1)})

    def forward(ids: Any) -> Any:
        states, _ = lstm(nn.functional.dropout(embedding(ids), 0.3))
        empty = (ids == 0)[:, :, None]
        weights = layers["attention"](states).masked_fill(empty, -1e9).softmax(dim=1)
        return torch.cat([states.masked_fill(empty, -1e9).amax(dim=1), (weights * states).sum(dim=1)], dim=1)

    return Encoder(layers, 1_024, forward)


ENCODERS: Mapping[str, Callable[[int], Encoder]] = {
    "syllables": _convolutions,
    "morphemes": _recurrent,
    "ngrams": _bag,
}


if __name__ == "__main__":
    with np.load(sys.argv[1], allow_pickle=False) as arrays:
        print(_epoch(json.loads(sys.argv[2]), Examples(arrays["inputs"], arrays["targets"]), int(sys.argv[3])))

"""Answers sentences with an exported model: ONNX Runtime, NumPy and the tokenizer. TensorFlow is not imported.

python answer.py FOLDER "a review" …
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

from bitjaru.configuration import build_part, build_reading
from bitjaru.models import manifest
from bitjaru.models.bundle import read_config

folder, texts = Path(sys.argv[1]), sys.argv[2:]
manifest.check(folder)  # the files are those that were exported
config = read_config(folder)
dataset, views = build_part(config, "dataset"), build_reading(config).views
classes = json.loads((folder / "reading.json").read_text(encoding="utf-8"))["classes"]
words = {name: json.loads((folder / f"vocabularies/{name}.json").read_text(encoding="utf-8")) for name in views}
places = {name: {word: place for place, word in enumerate(known)} for name, known in words.items()}


def row(text: str) -> list[int]:
    """Returns a text's ids, those of one view after those of another."""
    ids: list[int] = []
    for name, view in views.items():
        (tokens,) = view.tokenizer.tokenize([dataset.clean(text)])
        own = [places[name].get(token, 1) for token in tokens[-view.max_len :]]
        own = own if max(own, default=1) > 1 else []  # nothing known: an empty review
        padding = [0] * (view.max_len - len(own))
        ids += padding + own if view.padding == "pre" else own + padding
    return ids


session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
(answers,) = session.run(["probabilities"], {"ids": np.array([row(text) for text in texts], np.int32)})
for text, shares in zip(texts, answers.tolist(), strict=True):
    of_class = [1 - shares[0], shares[0]] if len(shares) == 1 else shares
    best = int(np.argmax(of_class))
    sys.stdout.write(f"{classes[best]}\t{of_class[best]:.6f}\t{text}\n")

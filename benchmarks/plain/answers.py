"""The documents' `predict_sentiment`, for one review after the other: `python answers.py BUNDLE TEXTS ROWS`."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import keras
import psutil
from PyKomoran import Komoran

import bitjaru.architectures.fused.layers
import bitjaru.architectures.layers  # noqa: F401 - both tell Keras of the layers that the model has

STEMS = {"VV", "VA", "VX", "VCP", "VCN"}
DROPPED = {
    *("IC", "JKS", "JKC", "JKG", "JKO", "JKB", "JKV", "JKQ", "JX", "EF", "ETN", "ETM", "XSA"),
    *("SF", "SP", "SS", "SE", "SO", "SL", "SH", "SW", "NF", "NV", "SN", "NA"),
}
LENGTH, UNKNOWN = 40, 1


def main() -> None:
    """Prints the seconds, and which reviews are positive."""
    bundle = Path(sys.argv[1])
    texts = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))[: int(sys.argv[3])]
    words = json.loads((bundle / "vocabulary.json").read_text(encoding="utf-8"))
    ids = {word: place for place, word in enumerate(words)}
    model = keras.saving.load_model(bundle / "model.keras", compile=False)
    komoran = Komoran("STABLE")
    predict_sentiment(texts[0], komoran, ids, model)
    started = time.perf_counter()
    positive = [predict_sentiment(text, komoran, ids, model) > 0.5 for text in texts]
    print(json.dumps({"seconds": time.perf_counter() - started, "positive": positive}), flush=True)
    end()


def predict_sentiment(text: str, komoran: Any, ids: dict[str, int], model: Any) -> float:
    """Returns the probability that a review is positive."""
    pairs = [(pair.get_first(), pair.get_second()) for pair in komoran.get_list(text)]
    tokens = [f"{morph}다" if tag in STEMS else morph for morph, tag in pairs if tag not in DROPPED]
    encoded = keras.utils.pad_sequences([[ids.get(token, UNKNOWN) for token in tokens]], maxlen=LENGTH)
    return float(model.predict(encoded, verbose=0)[0, 0])


def end() -> None:
    """Ends Java, and then this process before py4j logs every Java object that it can no longer free."""
    java = psutil.Process().children()[0]
    java.kill()
    java.wait()
    os._exit(0)


if __name__ == "__main__":
    main()

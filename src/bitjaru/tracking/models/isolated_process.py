"""Loads a model as anybody would and answers texts: a program of its own, which imports nothing of ours.

`bitjaru.tracking.models.isolated` runs it by its path, so that the code beside the model's files answers
and not the project's.
"""

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

BATCH = 2_000


def main(source: str, asked: Path, told: Path) -> None:
    """Reads a list of texts from `asked` and writes answers and figures to `told`.

    Args:
        source: Where the model is, as MLflow takes it.
        asked: JSON: `texts` to answer, `timed` to measure with.
        told: JSON: `labels` and `probabilities` (N), `megabytes`, milliseconds a review `single` and in a `batch`.
    """
    import mlflow

    questions = json.loads(asked.read_text(encoding="utf-8"))
    folder = mlflow.artifacts.download_artifacts(source)
    model = mlflow.pyfunc.load_model(folder)
    answers = [_answer(model, questions["texts"][at : at + BATCH]) for at in range(0, len(questions["texts"]), BATCH)]
    content = {
        "labels": [label for frame in answers for label in frame["label"]],
        "probabilities": [share for frame in answers for share in frame["probability"]],
        "megabytes": sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file()) / 1e6,
        **_speed(model, questions["timed"]),
    }
    told.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _answer(model: Any, texts: list[str]) -> Any:
    import pandas

    return model.predict(pandas.DataFrame({"text": texts}))


def _speed(model: Any, texts: list[str]) -> dict[str, float]:
    """After a first call that warms up; of batches the fastest, since only another program makes one slower."""
    if not texts:
        return {}
    _answer(model, texts[:1])
    _answer(model, texts)
    singles = [_seconds(model, [text]) for text in texts[:32]]
    batches = [_seconds(model, texts) for _ in range(5)]
    return {"single": statistics.median(singles) * 1000, "batch": min(batches) * 1000 / len(texts)}


def _seconds(model: Any, texts: list[str]) -> float:
    started = time.perf_counter()
    _answer(model, texts)
    return time.perf_counter() - started


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

"""One run, from a config to a tracked, saved and evaluated model."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bitjaru.configuration import Parts, build
from bitjaru.models.answers import FOLDER as ANSWERS
from bitjaru.models.answers import Answers, keys_of
from bitjaru.models.card import write_card
from bitjaru.models.golden_set import Golden
from bitjaru.outcome import Outcome
from bitjaru.runs.record import Record, Request
from bitjaru.terminal import EpochLines
from bitjaru.training import Listener
from bitjaru.training.tensorflow_start import start_tensorflow

if TYPE_CHECKING:
    import keras

    from bitjaru.preparation.prepare import Prepared
    from bitjaru.training.evaluation import Evaluation

BUNDLE = "bundle"
SPEED = "milliseconds_per_review"
log = logging.getLogger(__name__)


def run(
    request: Request, *, listeners: Sequence[Listener] = (), prepare: "Callable[[Parts], Prepared] | None" = None
) -> Outcome:
    """Trains, evaluates, saves and tracks one model.

    The outcome stands in the run's folder and in MLflow however the run ends.

    Args:
        request: What to run, and where.
        listeners: Hear of every epoch, after the run's own.
        prepare: Prepares the data, or has it from an earlier run; None: `bitjaru.preparation.prepare.prepare`.

    Raises:
        ConfigError: Before anything is read or tracked, if a key or value cannot be used.
        BitjaruError: If the data, the tokenizer, the store or the training fails.
        KeyboardInterrupt: After everything that was learned has been stored.
    """
    parts = build(request.config)
    with Record(request, parts) as record:
        _run(request, parts, record, listeners, prepare)
    outcome = record.outcome()
    log.info("%s", _summary(outcome, parts.task.objective, request.folder))
    return outcome


def _run(
    request: Request,
    parts: Parts,
    record: Record,
    listeners: Sequence[Listener],
    prepare: "Callable[[Parts], Prepared] | None",
) -> None:
    from bitjaru.preparation import prepare as preparation
    from bitjaru.runs import run_report

    folder, tracked = request.folder, record.tracked
    record.data = data = (prepare or preparation.prepare)(parts)
    tracked.data(data.corpus)
    tracked.tag({"token_cache_key": data.token_key})
    counted = run_report.show_data(data, max_len=parts.settings.max_len, folder=folder)
    rows = {part: len(reviews) for part, reviews in data.corpus.splits.items()}
    record.data = data = data.once_shown()
    try:
        model = build_model_of(parts, data)
        from bitjaru.training.epochs import Training  # TensorFlow has been started by now

        record.weights = model.count_params()
        run_report.write_layers(model, folder)
        training = Training(parts.trainer, model, data.examples, parts.task, seed=parts.settings.seed, folder=folder)
        record.fit = training.run(
            [tracked.log, EpochLines(parts.trainer.epochs), *listeners], begun=tracked.send_meanwhile
        )
    finally:  # pictures wait until the model is trained, and a run that fails in training has those of its data too
        run_report.draw_data(counted, max_len=parts.settings.max_len, folder=folder)
    run_report.draw_curves(record.fit, folder)
    if record.fit.stopped is None:
        evaluations = _evaluate(model, parts, data, record)
        run_report.draw_evaluation(evaluations, data.corpus.classes, folder)
        _answer_first_texts(model, parts, data, folder)
        _keep_evidence(evaluations, data, folder)
        engine = parts.tokenizer.engine
        write_card(request.config, data.corpus, rows, evaluations, engine=engine, folder=folder / BUNDLE)
    tracked.artifacts(folder / run_report.FOLDER, run_report.FOLDER)
    if record.fit.stopped != "pruned":
        _save(model, request, parts, data)
        tracked.model(folder / BUNDLE, examples=data.corpus.splits.train.texts[: preparation.SHOWN])
    if record.fit.stopped == "interrupted":
        raise KeyboardInterrupt


def build_model_of(parts: Parts, data: "Prepared") -> "keras.Model":
    """Builds the run's model, with the weights that its seed gives."""
    start_tensorflow()
    import keras

    from bitjaru.training.model import build_model

    keras.backend.clear_session()  # earlier runs of this process would leave their graphs behind
    keras.utils.set_random_seed(parts.settings.seed)
    return build_model(
        parts.task,
        parts.architecture,
        parts.optimizer,
        vocabulary_size=len(data.vocabulary),
        length=None if parts.trims else parts.settings.max_len,
    )


def _evaluate(model: "keras.Model", parts: Parts, data: "Prepared", record: Record) -> dict[str, "Evaluation"]:
    from bitjaru.training.evaluation import evaluate, milliseconds_per_review

    evaluations = {}
    for part, examples in data.examples.items():
        if part == "train" and (data.examples.valid or data.examples.test):
            continue  # only where there is nothing else do figures speak of what was learned from
        evaluations[part] = evaluate(model, examples, parts.task)
        record.metrics |= {f"{part}_{name}": value for name, value in evaluations[part].metrics.items()}
    record.metrics[SPEED] = milliseconds_per_review(model, data.examples.train)
    return evaluations


def _answer_first_texts(model: "keras.Model", parts: Parts, data: "Prepared", folder: Path) -> None:
    """Keeps a golden set beside the model, by which a promotion is judged, and a few answers for people to read."""
    from bitjaru.runs.run_report import write_samples
    from bitjaru.training.evaluation import predict

    *_, (reviews, tokens) = (both for _, both in data.corpus.splits.zip(data.tokens).items())
    length, padding = parts.settings.max_len, parts.settings.padding
    first = np.arange(min(len(reviews), Golden.size(model.output_shape[-1])))
    inputs = parts.task.inputs(tokens.take(first), data.vocabulary, length=length, padding=padding)
    Golden.first(reviews.texts, predict(model, inputs), tokens).save(folder / BUNDLE)
    samples = parts.task.samples(
        partial(predict, model), reviews, tokens, data.vocabulary, length=length, padding=padding
    )
    write_samples(samples, folder)


def _keep_evidence(evaluations: Mapping[str, "Evaluation"], data: "Prepared", folder: Path) -> None:
    """Keeps the answers review by review in the bundle: a promotion compares two models by them."""
    for part, reviews in data.corpus.splits.items():
        if part in evaluations and len(evaluations[part].targets) == len(reviews):
            evaluation = evaluations[part]
            kept = Answers(keys_of(reviews.texts), evaluation.targets, evaluation.kept)
            kept.save(folder / BUNDLE / ANSWERS / f"{part}.npz")


def _save(model: "keras.Model", request: Request, parts: Parts, data: "Prepared") -> None:
    from bitjaru.models.bundle import Bundle

    bundle = Bundle(request.config, parts.dataset, parts.tokenizer, parts.task, data.vocabulary, model)
    bundle.save(request.folder / BUNDLE)


def _summary(outcome: Outcome, objective: str, folder: Path) -> str:
    figures = [
        f"{part} {objective} {outcome.metrics[f'{part}_{objective}']:.4f}"
        for part in ("train", "valid", "test")
        if f"{part}_{objective}" in outcome.metrics
    ]
    return f"{outcome.status}: {', '.join([*figures, f'{outcome.seconds:.1f} s'])}. Everything of this run: {folder}"

"""One run, from a config to a tracked, saved and evaluated model."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bitjaru.configuration import Parts, build
from bitjaru.models.card import write_card
from bitjaru.outcome import Outcome
from bitjaru.runs import description
from bitjaru.runs.record import Record, Request
from bitjaru.training import Listener

if TYPE_CHECKING:
    from bitjaru.preparation.prepare import Prepared

BUNDLE = "bundle"
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
    from bitjaru.models.bundle import Bundle
    from bitjaru.preparation import prepare as preparation
    from bitjaru.runs import run_report
    from bitjaru.runs.fitting import fit
    from bitjaru.runs.judgement import answer_first_texts, judge, keep_answers

    folder, tracked = request.folder, record.tracked
    record.data = data = (prepare or preparation.prepare)(parts)
    tracked.data(data.corpus)
    tracked.tag({"token_cache_key": ", ".join(view.token_key for view in data.views.values())})
    counted = run_report.show_data(data, max_len=parts.settings.max_len, folder=folder)
    rows = {part: len(reviews) for part, reviews in data.corpus.splits.items()}
    record.data = data = data.once_shown()
    try:
        fitted = fit(parts, data, record, listeners, folder)
    finally:  # pictures wait until the model is trained, and a run that fails in training has those of its data too
        run_report.draw_data(counted, max_len=parts.settings.max_len, folder=folder)
    run_report.draw_curves(fitted.fit, folder)
    if fitted.fit.stopped is None:
        judgement = judge(fitted, parts, data)
        record.metrics |= judgement.metrics
        run_report.draw_evaluation(judgement.kept, data.corpus.classes, folder)
        run_report.write_samples(answer_first_texts(fitted, parts, data, folder / BUNDLE), folder)
        keep_answers(judgement, data, folder / BUNDLE)
        card = write_card(
            request.config,
            data.corpus,
            rows,
            judgement.kept,
            judgement.whole,
            reads=fitted.model.reads,
            folder=folder / BUNDLE,
        )
        tracked.tag({description.TAG: description.of_run(request.overrides, card)})
    tracked.artifacts(folder / run_report.FOLDER, run_report.FOLDER)
    if fitted.fit.stopped != "pruned":
        Bundle(request.config, parts.dataset, parts.task, fitted.model).save(folder / BUNDLE)
        tracked.model(folder / BUNDLE, examples=data.corpus.splits.train.texts[: preparation.SHOWN])
    if fitted.fit.stopped == "interrupted":
        raise KeyboardInterrupt


def _summary(outcome: Outcome, objective: str, folder: Path) -> str:
    figures = [
        f"{part} {objective} {outcome.metrics[f'{part}_{objective}']:.4f}"
        for part in ("train", "valid", "test")
        if f"{part}_{objective}" in outcome.metrics
    ]
    return f"{outcome.status}: {', '.join([*figures, f'{outcome.seconds:.1f} s'])}. Everything of this run: {folder}"

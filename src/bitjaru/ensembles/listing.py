"""An ensemble as something to look at: its members, what accuracy costs, and how it stands to the best single model."""

from collections.abc import Sequence
from pathlib import Path

from bitjaru.ensembles.candidates import Candidates
from bitjaru.ensembles.selection import Ensemble, Library, judge
from bitjaru.models.answers import Answers, accuracy
from bitjaru.reporting.paired import Pairs, mcnemar
from bitjaru.reporting.sheet import Column, Sheet
from bitjaru.reporting.statistics import Interval
from bitjaru.reporting.wording import decimals
from bitjaru.tracking.registry.candidate import Candidate


def members_sheet(candidates: Candidates, library: Library, kept: Ensemble) -> Sheet:
    """Lists the members, and the ensemble below them."""
    rows = []
    for member, share in kept.shares.items():
        run, single = candidates.runs[member], judge(library, {member: 1})
        rows.append((run.name, run.run_id, f"{share:.0%}", *_figures(single)))
    count = len(candidates.runs)
    notes = [
        f"Chosen out of {count:,} runs by the Brier score on half of the validation part; the other half confirms.",
        "Milliseconds: a review in a batch; members that share a tokenizer pay for it once.",
    ]
    if candidates.left_out:
        notes.append(f"Left out: {'; '.join(f'{name}: {why}' for name, why in candidates.left_out.items())}")
    return Sheet(
        title=f"ensemble of {len(rows)}",
        columns=[
            Column("run", figures=False),
            Column("id", figures=False),
            *(Column(name) for name in ("share", "chosen by", "confirmed", "Brier", "ms")),
        ],
        rows=[*rows, ("together", "", "100%", *_figures(kept))],
        styles=[*("" for _ in rows), "bold"],
        notes=notes,
    )


def front_sheet(candidates: Candidates, front: Sequence[Ensemble], kept: Ensemble) -> Sheet:
    """Lists what accuracy costs."""
    rows = []
    shown = sorted({*front, kept}, key=lambda ensemble: ensemble.milliseconds)
    for ensemble in shown:
        names = ", ".join(f"{candidates.runs[member].name} {share:.0%}" for member, share in ensemble.shares.items())
        rows.append((f"{ensemble.milliseconds:.2f}", decimals(ensemble.confirmed), names))
    return Sheet(
        title="accuracy against milliseconds",
        columns=[Column("ms"), Column("confirmed"), Column("members", figures=False, breaks=True)],
        rows=rows,
        styles=["bold" if ensemble.counts == kept.counts else "" for ensemble in shown],
        notes=[
            "No other is both quicker and better; bold: the lowest Brier score. Smaller: `--milliseconds`, `--members`."
        ],
    )


def comparison_sheet(
    run: Candidate, part: str, answers: tuple[Answers, Answers], pairs: Pairs, difference: Interval
) -> Sheet:
    """Sets the ensemble beside the best single model.

    Args:
        run: The single model.
        part: Of the data.
        answers: Of the ensemble and of the single model, to the same reviews.
        pairs: Who was right on them.
        difference: Of the accuracies.
    """
    own, others = answers
    test = mcnemar(pairs)
    points = [100 * value for value in (difference.value, difference.low, difference.high)]
    said = (
        f"Difference {points[0]:+z.2f} points [{points[1]:+z.2f}, {points[2]:+z.2f}]. {test.method}: p = {test.p:.2g}; "
        f"only the ensemble right on {pairs.first_only:,}, only the other on {pairs.second_only:,}."
    )
    return Sheet(
        title=f"against the best single model, all {part} reviews",
        columns=[Column("", figures=False), Column(f"{part} accuracy"), Column("rows")],
        rows=[
            ("ensemble", decimals(accuracy(own)), f"{len(own):,}"),
            (f"{run.name} ({run.run_id})", decimals(accuracy(others)), f"{len(others):,}"),
        ],
        notes=[said],
    )


def draw(library: Library, front: Sequence[Ensemble], kept: Ensemble, path: Path) -> None:
    """Draws accuracy against milliseconds: single models, the ensembles that none beats, and the one that was kept."""
    from bitjaru.reporting import plots

    singles = [judge(library, {each: 1}) for each in range(len(library.probabilities))]
    drawn = plots.against_milliseconds(
        {
            "single models": [(single.milliseconds, single.confirmed) for single in singles],
            "best at their price": [(each.milliseconds, each.confirmed) for each in front],
            "the ensemble": [(kept.milliseconds, kept.confirmed)],
        }
    )
    plots.save(drawn, path)


def _figures(ensemble: Ensemble) -> list[str]:
    figures = (ensemble.chosen, ensemble.confirmed, ensemble.brier)
    return [*map(decimals, figures), f"{ensemble.milliseconds:.2f}"]

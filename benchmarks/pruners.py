"""What each pruner would have made of a search that ran without one.

    python benchmarks/pruners.py DATABASE [DATABASE ...] [--study NAME] [--within architecture]

Takes the trials of finished studies (`mlruns/optuna.db` with `--study`, or what `pruning.py --studies FOLDER` leaves in
FOLDER/*/random.db) one after another, in their order, and lets every option of `conf/hydra/sweeper/pruner` judge them
after each epoch, comparing within an architecture as a search does. Curves and parameters are those that were measured,
so that the figures are exact, but a sampler would have drawn other parameters after pruned trials. What is given: the
share of the epochs that it runs, in how many of the studies the best value is still found, and how much lower it is.

`threshold` is left out, as its bounds are one data set's.
"""

import argparse
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import optuna
from omegaconf import OmegaConf
from optuna.trial import FrozenTrial, TrialState

from bitjaru.sweep.methods import building

PRUNERS = Path(__file__).resolve().parents[1] / "conf/hydra/sweeper/pruner"
LEFT_OUT = {"none", "threshold"}


@dataclass(frozen=True)
class Outcome:
    """What a pruner made of one study.

    Attributes:
        share: Epochs that it ran, of those that there were.
        lost: How much the best value is lower than without it.
    """

    share: float
    lost: float


def main() -> None:
    """Prints a Markdown table, a row for each pruner."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", nargs="+", metavar="DATABASE")
    parser.add_argument("--study", default="pruning")
    parser.add_argument("--within", nargs="*", default=["architecture"])
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    studies = [optuna.load_study(study_name=options.study, storage=f"sqlite:///{one}") for one in options.databases]
    print("| pruner | epochs it runs | of each study | best trial found | best value lower by, each study |")
    print("|---|---:|---|---:|---|")
    for name in sorted(path.stem for path in PRUNERS.glob("*.yaml") if path.stem not in LEFT_OUT):
        print(row(name, [replayed(study, name, tuple(options.within)) for study in studies]), flush=True)


def row(name: str, outcomes: Sequence[Outcome]) -> str:
    """Returns a row of the table."""
    shares, lost = [outcome.share for outcome in outcomes], [outcome.lost for outcome in outcomes]
    found = f"{sum(one == 0 for one in lost)} of {len(lost)}"
    each = ", ".join(f"{share:.0%}" for share in shares)
    return (
        f"| {name} | {statistics.median(shares):.0%} | {each} | {found} | {', '.join(f'{one:.4f}' for one in lost)} |"
    )


def replayed(study: optuna.Study, name: str, within: tuple[str, ...]) -> Outcome:
    """Lets a pruner judge the trials of a study that ran to their end."""
    node = OmegaConf.to_container(OmegaConf.load(PRUNERS / f"{name}.yaml"))
    assert isinstance(node, Mapping)
    pruner = building.pruner({str(key): value for key, value in node.items()}, objectives=1, within=within)
    again = optuna.create_study(direction=study.direction, pruner=pruner)
    best = max if study.direction == optuna.study.StudyDirection.MAXIMIZE else min
    curves = [(one, list(one.intermediate_values.values())) for one in study.trials if one.state == TrialState.COMPLETE]
    left = [curve[: judged(again, one, best(curve), within)] for one, curve in curves]
    lost = abs(best(best(curve) for _, curve in curves) - best(best(curve) for curve in left))
    return Outcome(sum(map(len, left)) / sum(len(curve) for _, curve in curves), lost)


def judged(study: optuna.Study, measured: FrozenTrial, value: float, within: Sequence[str]) -> int:
    """Runs a measured trial in another study; returns how many epochs it was allowed."""
    kind = {group: measured.distributions[group] for group in within if group in measured.distributions}
    study.enqueue_trial({group: measured.params[group] for group in kind})
    trial = study.ask(kind)
    epochs = len(measured.intermediate_values)
    for done, (epoch, reported) in enumerate(sorted(measured.intermediate_values.items()), start=1):
        trial.report(reported, epoch)
        if done < epochs and trial.should_prune():
            study.tell(trial, state=TrialState.PRUNED)
            return done
    study.tell(trial, value)
    return epochs


if __name__ == "__main__":
    main()

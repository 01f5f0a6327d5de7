"""A run, and the runs of a grid or search, as something to look at in a notebook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig, OmegaConf

from bitjaru.configuration import build_part
from bitjaru.models.bundle import Bundle
from bitjaru.models.explanation import Explanation, explain
from bitjaru.outcome import FILE, Outcome
from bitjaru.tasks import Answer

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

BUNDLE, CONFIG = "bundle", "config.yaml"


class Model:
    """A trained model that takes raw sentences.

    Attributes:
        bundle: The model with its tokenizer and vocabulary.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Returns an answer for each of N texts: `label`, `probability`, `by_class`.

        Raises:
            TypeError: If it is given one text instead of a list of them.
        """
        if isinstance(texts, str):
            raise TypeError(f"`predict` takes a list of texts. Received: {texts!r}. Write predict([text]).")
        return self.bundle.predict(list(texts))

    def explain(self, text: str) -> Explanation:
        """Answers a text, and tells what each of its tokens did to the answer."""
        return explain(self.bundle, text)


@dataclass(frozen=True)
class Run:
    """A run that ended.

    Attributes:
        folder: Of everything that it left.
        outcome: How it ended.
    """

    folder: Path
    outcome: Outcome

    @property
    def metrics(self) -> Mapping[str, float]:
        """Its final figures: `valid_accuracy`, `test_accuracy`, …."""
        return self.outcome.metrics

    @property
    def history(self) -> "pd.DataFrame":
        """A row an epoch, from 1, and a column a figure."""
        import pandas as pd

        table = pd.DataFrame(dict(self.outcome.history))
        table.index = pd.RangeIndex(1, len(table) + 1, name="epoch")
        return table

    @cached_property
    def model(self) -> Model:
        """The trained model.

        Raises:
            BundleError: If the run left none.
        """
        return Model(Bundle.load(self.folder / BUNDLE))

    def curves(self) -> "Figure":
        """Draws loss and metrics over the epochs; a notebook shows it where it is the last line of a cell."""
        from bitjaru.reporting import plots

        return _shown(plots.curves(self.outcome.history, best_epoch=self.outcome.best_epoch))

    def explain(self, text: str) -> Explanation:
        """Answers a text, and tells what each of its tokens did to the answer."""
        return self.model.explain(text)

    def __repr__(self) -> str:
        figures = ", ".join(f"{name} {value:.4f}" for name, value in _figures(self.outcome).items())
        return f"Run({_name(self.outcome)}, {self.outcome.status}, {figures})"

    def _repr_html_(self) -> str:
        rows = {"status": self.outcome.status, **{k: f"{v:.4f}" for k, v in _figures(self.outcome).items()}}
        rows |= {"seconds": f"{self.outcome.seconds:.1f}", "folder": str(self.folder)}
        cells = "".join(f"<tr><th>{escape(key)}</th><td>{escape(value)}</td></tr>" for key, value in rows.items())
        return f"<b>{escape(_name(self.outcome))}</b><table>{cells}</table>"


@dataclass(frozen=True)
class Runs:
    """The runs of a grid or a search that ended.

    Attributes:
        folder: Of everything that they left.
        runs: In the order in which they were started.
    """

    folder: Path
    runs: Sequence[Run]

    @classmethod
    def of(cls, folder: Path) -> "Runs":
        """Reads the runs below a folder."""
        places = sorted((path.parent for path in folder.glob(f"*/{FILE}")), key=_number)
        return cls(folder, [Run(place, Outcome.load(place)) for place in places])

    @property
    def best(self) -> Run:
        """The finished run with the best validation objective: the highest accuracy, or the lowest perplexity.

        Raises:
            LookupError: If none finished.
        """
        finished = [run for run in self.runs if run.outcome.status == "FINISHED" and run.outcome.objective is not None]
        if not finished:
            raise LookupError(f"A best run must have finished. Received: {len(self.runs)} runs in {self.folder}, none.")
        return max(finished, key=lambda run: self._sign * (run.outcome.objective or 0.0))

    @property
    def table(self) -> "pd.DataFrame":
        """A row a run, the best first: architecture, overrides, status, figures, seconds."""
        import pandas as pd

        rows = [
            {
                "run": run.outcome.number,
                "architecture": run.outcome.choices.get("architecture"),
                "overrides": " ".join(run.outcome.overrides),
                "status": run.outcome.reason or run.outcome.status,
                "objective": run.outcome.objective,
                **_figures(run.outcome),
                "seconds": run.outcome.seconds,
            }
            for run in self.runs
        ]
        return pd.DataFrame(rows).sort_values("objective", ascending=self._sign < 0, ignore_index=True)

    @cached_property
    def _sign(self) -> int:
        """1 where more of the objective is better, -1 where less is."""
        config = next((run.folder / CONFIG for run in self.runs if (run.folder / CONFIG).is_file()), None)
        task = None if config is None else build_part(DictConfig(OmegaConf.load(config)), "task")
        return -1 if task is not None and task.direction == "minimize" else 1

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False)


def _shown(figure: "Figure") -> "Figure":
    """Without pyplot, which has a state of its own, no notebook knows how to show a figure."""

    def png() -> bytes:
        written = BytesIO()
        figure.savefig(written, format="png", dpi=110)
        return written.getvalue()

    setattr(figure, "_repr_png_", png)  # noqa: B010 - a figure has no such attribute of its own
    return figure


def _figures(outcome: Outcome) -> dict[str, float]:
    wanted = ("valid_accuracy", "test_accuracy", "test_accuracy_all", "valid_loss")
    return {name: outcome.metrics[name] for name in wanted if name in outcome.metrics}


def _name(outcome: Outcome) -> str:
    return f"{outcome.choices.get('architecture', 'run')} on {outcome.choices.get('dataset', 'data')}"


def _number(folder: Path) -> tuple[bool, int, str]:
    name = folder.name
    return not name.isdigit(), int(name) if name.isdigit() else 0, name

"""How MLflow loads a model that takes raw text: `mlflow.pyfunc` finds this module by its name in `MLmodel`."""

import numbers
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

    from bitjaru.models.bundle import Bundle
    from bitjaru.tasks import Answer

# A server asks from several threads; neither Keras nor an analyser's process promises to bear that.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class RawText:
    """Answers a column of texts.

    Attributes:
        bundle: Tokenizer, vocabulary, model and task.
    """

    bundle: "Bundle"

    def predict(self, model_input: "pandas.DataFrame", params: Mapping[str, Any] | None = None) -> "pandas.DataFrame":
        """Answers every row, in order.

        Args:
            model_input: N rows with the column `text`; other columns are not looked at. A missing text is
                answered as an empty one, a number as its digits.
            params: With `probabilities` true, a column `probability of CLASS` for every class comes with it.

        Returns:
            N rows with the columns `label`, `probability` and `no_known_token`, which says that the model knew
            nothing of the text and answered an empty one, and the index of the input.

        Raises:
            mlflow.exceptions.MlflowException: If a value is neither text nor number: bad input, HTTP 400.
        """
        import pandas

        column = model_input["text"]
        texts = [_text(value, absent) for value, absent in zip(column, column.isna(), strict=True)]
        answers = self.answers(texts)
        table: dict[str, Any] = {
            "label": pandas.Series([answer.label for answer in answers], dtype=object),
            "probability": pandas.Series([answer.probability for answer in answers], dtype=float),
            "no_known_token": pandas.Series([answer.no_known_token for answer in answers], dtype=bool),
        }
        if answers and params and params.get("probabilities"):
            for name in answers[0].by_class:
                table[f"probability of {name}"] = [answer.by_class[name] for answer in answers]
        return pandas.DataFrame(table).set_index(model_input.index)

    def answers(self, texts: Sequence[str]) -> "Sequence[Answer]":
        """Answers texts, in their order, whoever else asks meanwhile."""
        with _ONE_AT_A_TIME:
            return self.bundle.predict(texts) if texts else []


def _text(value: Any, absent: bool) -> str:
    if absent:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | numbers.Number):
        from mlflow.exceptions import MlflowException

        raise MlflowException.invalid_parameter_value(
            f"Every `text` must be a string. Received: {str(value)[:80]!r}, a {type(value).__name__}."
        )
    return str(value)


def _load_pyfunc(path: str) -> RawText:
    """Loads the model whose bundle is the folder `path`; called by MLflow."""
    from bitjaru.models.bundle import Bundle

    return RawText(Bundle.load(Path(path)))

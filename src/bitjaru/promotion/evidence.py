"""All that the checks look at."""

from dataclasses import dataclass
from functools import cached_property

from bitjaru.answers import Answers
from bitjaru.configuration import build_part
from bitjaru.errors import DataError
from bitjaru.promotion import linear_run
from bitjaru.promotion.contender import Contender
from bitjaru.promotion.gate import Gate
from bitjaru.promotion.reevaluation import evaluate_anew
from bitjaru.reviews import Corpus
from bitjaru.tracking.candidate import Candidate
from bitjaru.tracking.destination import Tracking


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Challenger and champion, and the data between them. What is costly is made when a check asks for it.

    Attributes:
        gate: The thresholds.
        tracking: Where the baseline is tracked.
        run: That made the challenger.
        challenger: Its model.
        champion: The model to beat; None where there is none yet.
        new_data: Whether the champion may be evaluated on the challenger's data.
    """

    gate: Gate
    tracking: Tracking
    run: Candidate
    challenger: Contender
    champion: Contender | None
    new_data: bool

    @property
    def same_ground(self) -> bool:
        """Whether both models were judged on the same split of the same data."""
        other = self.champion
        return other is None or (
            self.challenger.data_sha256 == other.data_sha256 and self.challenger.split() == other.split()
        )

    @cached_property
    def test(self) -> Answers | None:
        """The challenger's answers to its test part."""
        return self.challenger.answers("test")

    @cached_property
    def champions(self) -> Answers | None:
        """The champion's answers: those of its training, or to the challenger's data where that is new."""
        if self.champion is None or self.test is None:
            return None
        if self.same_ground:
            return self.champion.answers("test")
        return evaluate_anew(self.champion, self.corpus, self.test) if self.new_data else None

    @cached_property
    def corpus(self) -> Corpus:
        """The challenger's data, loaded again.

        Raises:
            DataError: If it is not the data of the training.
        """
        corpus: Corpus = build_part(self.challenger.config, "dataset").load()
        if corpus.sha256 != self.challenger.data_sha256:
            raise DataError(
                f"The data must be that of the training. Received: sha256 {corpus.sha256[:12]}…, trained with "
                f"{str(self.challenger.data_sha256)[:12]}…. Train again on the data as it is now."
            )
        return corpus

    @cached_property
    def linear(self) -> Answers:
        """The linear baseline's answers to the test part; trained once per data set."""
        return linear_run.answers(self.gate.linear, self.corpus, self.challenger.split(), self.tracking)

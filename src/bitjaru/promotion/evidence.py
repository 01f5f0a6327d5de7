"""All that the checks look at."""

from dataclasses import dataclass, replace
from functools import cached_property

from bitjaru.configuration import build_part
from bitjaru.data.reviews import Corpus
from bitjaru.errors import BundleError, DataError
from bitjaru.models.answers import Answers
from bitjaru.promotion import linear_run
from bitjaru.promotion.contender import Contender
from bitjaru.promotion.gate import Gate
from bitjaru.promotion.reevaluation import evaluate_anew
from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.registry.candidate import Candidate


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

    @cached_property
    def difference(self) -> str | None:
        """Why the champion's answers of its training cannot be compared with the challenger's; None if they can."""
        if self.champion is None or self.test is None:
            return None
        if self.challenger.data_sha256 != self.champion.data_sha256:
            return "The data differs."
        try:
            if self.challenger.split() != self.champion.split():
                return "The split differs."
            kept = self.champion.answers("test")
        except BundleError as error:
            return f"The champion cannot be read. {error}"
        if kept is None:
            return "The champion kept no answers."
        share = shared_rows(self.test, kept)
        return None if share >= self.gate.shared_rows else f"Only {share:.1%} of the test reviews are the same."

    @cached_property
    def test(self) -> Answers | None:
        """The challenger's answers to its test part."""
        return self.challenger.answers("test")

    @cached_property
    def champions(self) -> Answers | None:
        """The champion's answers: those of its training, or to the challenger's data where that is new."""
        if self.champion is None or self.test is None:
            return None
        if self.difference is None:
            return self.champion.answers("test")
        return self.anew if self.new_data else None

    @cached_property
    def anew(self) -> Answers:
        """The champion's answers to the challenger's test part, asked for now."""
        if self.champion is None or self.test is None:
            raise DataError("A champion is evaluated anew on a test part. Received: one of them is missing.")
        return evaluate_anew(self.champion, self.corpus, self.test)

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
        ngrams = self.challenger.config.ngrams
        linear = replace(self.gate.linear, ngrams_of=ngrams.of, longest=ngrams.longest)
        return linear_run.answers(linear, self.corpus, self.tracking)

    @property
    def lack(self) -> str:
        """Why there are no answers to a test part, and how to get them."""
        if "test" not in self.run.rows:
            return (
                "The data has no test part. Train with one: `dataset.test.fraction=0.2`, or `dataset.test_file=` "
                "where the data has such a file."
            )
        return "This task keeps no answers review by review, so that no two models can be compared on them."


def shared_rows(one: Answers, other: Answers) -> float:
    """Returns which share of the smaller test part both have answered."""
    both, _ = one.shared(other)
    return len(both) / max(1, min(len(one), len(other)))

"""Where finalists err."""

import numpy as np
import pytest

from bitjaru.errors import DataError
from bitjaru.finals.analysis.mistakes import mistakes
from bitjaru.finals.analysis.scores import Scores
from bitjaru.models.answers import Answers, keys_of

TEXTS = [
    "재미없다",
    "정말 좋은 영화였어요",
    "처음에는 지루했지만 끝까지 보고 나니 참 좋은 작품이었다",
    "그럭저럭 볼만한 작품",
    "안 보는 게 낫다",
    "별로",
]
TRUTH = np.array([0, 1, 1, 1, 0, 0], np.int32)


def answers(*positive: float) -> Answers:
    return Answers(keys_of(TEXTS), TRUTH, np.array(positive)[:, None])


FIRST = answers(0.1, 0.9, 0.1, 0.9, 0.9, 0.1)  # wrong on 2 and 4
SECOND = answers(0.1, 0.9, 0.02, 0.2, 0.1, 0.1)  # wrong on 2 and 3
SCORES = Scores.of([[FIRST, FIRST], [SECOND, SECOND]], ["first", "second"], [1, 2])


def test_mistakes_of_all_and_of_one_are_told_apart() -> None:
    found = mistakes(SCORES, TEXTS, "ko")
    assert (found.by_all, list(found.by_one)) == (1, [1, 1])
    (example,) = found.examples
    assert (example.text, example.truth) == (TEXTS[2], 1)
    assert list(example.wrong) == pytest.approx([0.1, 0.02])


def test_reviews_with_negation_and_with_concession_are_looked_at_apart() -> None:
    kinds = {kind.name: kind for kind in mistakes(SCORES, TEXTS, "ko").kinds}
    assert (kinds["negation"].reviews, list(kinds["negation"].wrong)) == (2, [0.5, 0.0])
    assert (kinds["concession"].reviews, list(kinds["concession"].wrong)) == (1, [1.0, 1.0])
    assert kinds["neither"].reviews == 3
    assert sum(kinds[name].reviews for name in ("short", "middle", "long")) == 6
    assert [kind.name for kind in mistakes(SCORES, TEXTS, "eo").kinds] == ["short", "middle", "long"]


def test_finals_on_different_reviews_are_refused() -> None:
    other = Answers(keys_of(["다른 글"] * 6), TRUTH, FIRST.probabilities)
    with pytest.raises(DataError, match=r"must answer the same test reviews.*second with seed 2"):
        Scores.of([[FIRST, FIRST], [SECOND, other]], ["first", "second"], [1, 2])


def test_a_share_of_one_half_is_no_positive_answer_and_seeds_stay_apart() -> None:
    half = answers(0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
    scores = Scores.of([[half, FIRST]], ["first"], [1, 2])
    assert scores.accuracies.tolist() == [[0.5, pytest.approx(4 / 6)]]

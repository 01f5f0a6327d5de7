"""Sentiment: two classes, one probability."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import SPECIALS, Vocabulary
from bitjaru.tasks import Answer
from bitjaru.tasks.sentiment import Sentiment

TASK = Sentiment(classes=("negative", "positive"))


def test_every_review_is_one_example_with_its_label_as_target() -> None:
    tokens = Tokens.from_rows([["좋다"], [], ["나쁘다", "좋다"]])
    vocabulary = Vocabulary.build(tokens, size=None)
    examples = TASK.examples(tokens, np.array([1, 0, 0], np.int32), vocabulary, length=2, padding="pre")
    assert examples.inputs.tolist() == [[0, 2], [0, 0], [3, 2]]
    assert examples.targets.tolist() == [1, 0, 0]


def test_the_score_is_what_hand_calculation_gives() -> None:
    score = TASK.score(np.array([1, 0, 1, 0]), np.array([[0.9], [0.2], [0.4], [0.6]]))
    assert score["accuracy"] == 0.5
    assert score["loss"] == pytest.approx(-np.log([0.9, 0.8, 0.4, 0.4]).mean())
    assert score["auc"] == 0.75


def test_confusion_counts_true_class_by_answered_class() -> None:
    counts = TASK.confusion(np.array([1, 0, 1, 0, 0]), np.array([[0.9], [0.2], [0.4], [0.6], [0.1]]))
    assert counts.tolist() == [[2, 1], [1, 1]]


def test_an_answer_is_the_likelier_class_and_its_own_probability() -> None:
    answers = TASK.answers(np.array([[0.75], [0.25]]), Vocabulary(SPECIALS))
    assert answers == [
        Answer("positive", 0.75, by_class={"negative": 0.25, "positive": 0.75}),
        Answer("negative", 0.75, by_class={"negative": 0.75, "positive": 0.25}),
    ]


def test_three_classes_are_scored_as_scikit_learn_scores_them() -> None:
    from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss, roc_auc_score

    random = np.random.default_rng(3)
    targets = random.integers(0, 3, 60).astype(np.int32)
    shares = random.dirichlet(np.ones(3), 60) * 0.6 + 0.4 * np.eye(3)[targets] * random.random((60, 1))
    shares /= shares.sum(axis=1, keepdims=True)
    task = Sentiment(classes=("bad", "middling", "good"))
    score, said = task.score(targets, shares), shares.argmax(axis=1)
    assert task.loss == "sparse_categorical_crossentropy"
    assert score["accuracy"] == pytest.approx(np.mean(said == targets))
    assert score["loss"] == pytest.approx(log_loss(targets, shares))
    assert score["macro_f1"] == pytest.approx(f1_score(targets, said, average="macro"))
    assert score["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(targets, said))
    assert score["auc"] == pytest.approx(roc_auc_score(targets, shares, multi_class="ovr"))
    assert task.confusion(targets, shares).sum() == 60
    (answer,) = task.answers(np.array([[0.2, 0.3, 0.5]]), Vocabulary(SPECIALS))
    assert answer == Answer("good", 0.5, by_class={"bad": 0.2, "middling": 0.3, "good": 0.5})


def test_a_certain_but_wrong_answer_has_a_finite_loss() -> None:
    assert np.isfinite(TASK.score(np.array([1, 0]), np.array([[0.0], [1.0]]))["loss"])


def test_without_both_classes_the_area_under_the_curve_says_nothing() -> None:
    assert TASK.score(np.array([1, 1]), np.array([[0.3], [0.9]]))["auc"] == 0.5


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=2, max_size=40))
def test_the_area_is_the_share_of_pairs_in_the_right_order_with_ties_as_half(rows: list[tuple[bool, int]]) -> None:
    targets = np.array([label for label, _ in rows], np.int32)
    scores = np.array([score for _, score in rows]) / 10
    positive, negative = scores[targets == 1], scores[targets == 0]
    if not len(positive) or not len(negative):
        return
    pairs = np.sign(positive[:, None] - negative[None, :])
    assert TASK.score(targets, scores[:, None])["auc"] == pytest.approx((pairs.mean() + 1) / 2)

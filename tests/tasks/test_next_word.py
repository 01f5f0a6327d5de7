"""The next word: every beginning of a text is an example, and a model that knows them all can write."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitjaru.configuration import build_part, compose_config
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import SPECIALS, Vocabulary
from bitjaru.datasets.proverbs import PROVERBS
from bitjaru.errors import DataError
from bitjaru.models.bundle import Bundle
from bitjaru.runs import single_run
from bitjaru.runs.record import Request
from bitjaru.tasks import Answer, Writer
from bitjaru.tasks.generation import Decoding
from bitjaru.tasks.next_word import NextWord

GREEDY = Decoding(temperature=0.0, top_k=None, seed=0)
TASK = NextWord(unknown_words=False, decoding=GREEDY, samples_shown=3)
WITH_UNKNOWN = NextWord(unknown_words=True, decoding=GREEDY, samples_shown=3)

# The word index as the document prints it, and the sentences as rows of these numbers.
PRINTED_INDEX = {
    "말이": 1,
    "경마장에": 2,
    "있는": 3,
    "뛰고": 4,
    "있다": 5,
    "그의": 6,
    "법이다": 7,
    "가는": 8,
    "고와야": 9,
    "오는": 10,
    "곱다": 11,
}
ROWS = ([2, 3, 1, 4, 5], [6, 1, 7], [8, 1, 9, 10, 1, 11])
WORD_OF = {number: word for word, number in PRINTED_INDEX.items()}
LINES = [[WORD_OF[number] for number in row] for row in ROWS]


def examples_of(task: NextWord, tokens: Tokens, vocabulary: Vocabulary, length: int = 5) -> Any:
    labels = np.full(len(tokens), -1, np.int32)
    return task.examples(tokens, labels, vocabulary, length=length, padding="pre")


def vocabulary_of(tokens: Tokens, *, unknown_words: bool = False) -> Vocabulary:
    return Vocabulary.build(tokens, size=None, unknown_words=unknown_words)


def test_the_documents_corpus_has_the_printed_word_index_and_eleven_examples() -> None:
    tokens = Tokens.from_rows(LINES)
    vocabulary = vocabulary_of(tokens)
    assert {word: number for number, word in enumerate(vocabulary.words) if number} == PRINTED_INDEX
    assert len(vocabulary) == 12
    assert max(tokens.lengths) == 6
    examples = examples_of(TASK, tokens, vocabulary)
    assert len(examples) == 11
    assert [*examples.inputs[0], examples.targets[0]] == [0, 0, 0, 0, 2, 3]
    assert [*examples.inputs[-1], examples.targets[-1]] == [8, 1, 9, 10, 1, 11]


@pytest.mark.slow
def test_the_documents_system_learns_its_corpus_and_gives_each_line_back(tmp_path: Path) -> None:
    """The recipe itself, on the three sentences: 1,892 weights, and accuracy 1.0 after 200 epochs as printed."""
    file = tmp_path / "sentences.txt"
    file.write_text("".join(f"{' '.join(line)}\n" for line in LINES), encoding="utf-8")
    config = compose_config(["experiment=proverbs_simplernn", f"dataset.path={file}", "max_len=5", "tracking=off"])
    outcome = single_run.run(
        Request(config=config, folder=tmp_path / "run", number=None, choices={"task": "next_word"}, overrides=[])
    )
    assert outcome.weights == 12 * 10 + 32 * (32 + 10 + 1) + 12 * 33
    assert outcome.rows == {"train": 11}
    assert outcome.history["train_accuracy"][-1] == 1.0
    assert outcome.metrics["train_accuracy"] == 1.0
    assert outcome.metrics["train_perplexity"] == pytest.approx(np.exp(outcome.metrics["train_loss"]))
    bundle = Bundle.load(tmp_path / "run" / "bundle")
    (answer,) = bundle.predict(["가는"])
    assert (answer.label, answer.probability > 0.5) == ("말이", True)
    samples = (tmp_path / "run" / "report" / "samples.md").read_text(encoding="utf-8")
    for line in LINES:
        assert f"| {line[0]} | {' '.join(line)} | {' '.join(line)} | yes |" in samples


@given(st.lists(st.lists(st.sampled_from("가나다라"), max_size=7), min_size=1, max_size=8), st.integers(1, 5))
def test_every_beginning_of_a_text_predicts_the_word_that_follows(rows: list[list[str]], length: int) -> None:
    tokens = Tokens.from_rows(rows)
    vocabulary = Vocabulary((*SPECIALS[:1], *"가나다"))
    known = [[word for word in row if word != "라"] for row in rows]
    expected = [(row[:end], row[end]) for row in known for end in range(1, len(row))]
    if not expected:
        with pytest.raises(DataError, match="two known words"):
            examples_of(TASK, tokens, vocabulary, length)
        return
    examples = examples_of(TASK, tokens, vocabulary, length)
    number = vocabulary.words.index
    assert examples.targets.tolist() == [number(target) for _, target in expected]
    for row, (beginning, _) in zip(examples.inputs.tolist(), expected, strict=True):
        seen = [number(word) for word in beginning[-length:]]
        assert row == [0] * (length - len(seen)) + seen


def test_unknown_words_are_left_out_or_share_an_id() -> None:
    rows = Tokens.from_rows([["가", "모", "나"]])
    known = Tokens.from_rows([["가", "나"]])
    left_out = examples_of(TASK, rows, vocabulary_of(known), 2)
    assert (left_out.inputs.tolist(), left_out.targets.tolist()) == ([[0, 1]], [2])
    shared = examples_of(WITH_UNKNOWN, rows, vocabulary_of(known, unknown_words=True), 2)
    assert (shared.inputs.tolist(), shared.targets.tolist()) == ([[0, 2], [2, 1]], [1, 3])


def test_the_score_of_what_is_kept_is_that_of_all_probabilities() -> None:
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(7), size=50)
    targets = random.integers(0, 7, 50).astype(np.int32)
    halves = [TASK.kept(targets[part], probabilities[part]) for part in (slice(0, 20), slice(20, 50))]
    score = TASK.score(targets, np.concatenate(halves))
    losses = [-np.log(row[target]) for row, target in zip(probabilities, targets, strict=True)]
    assert score["loss"] == pytest.approx(np.mean(losses))
    assert score["perplexity"] == pytest.approx(np.exp(np.mean(losses)))
    assert score["accuracy"] == np.mean(probabilities.argmax(axis=1) == targets)


def test_knowing_nothing_is_as_perplexing_as_there_are_words() -> None:
    kept = TASK.kept(np.array([3], np.int32), np.full((1, 40), 1 / 40))
    assert TASK.score(np.array([3], np.int32), kept)["perplexity"] == pytest.approx(40)


def test_an_answer_is_a_word_and_never_a_special() -> None:
    vocabulary = Vocabulary((*SPECIALS, "가", "나"))
    assert WITH_UNKNOWN.answers(np.array([[0.5, 0.2, 0.1, 0.2]]), vocabulary) == [Answer("나", 0.2)]


def test_lower_loss_is_better_and_there_is_no_confusion_matrix() -> None:
    assert (TASK.objective, TASK.direction) == ("loss", "minimize")
    score_table: object = TASK.confusion(np.zeros(1, np.int32), np.zeros((1, 2)))  # type: ignore[func-returns-value]
    assert score_table is None


def test_the_task_writes_and_sentiment_does_not() -> None:
    assert isinstance(TASK, Writer)
    assert not isinstance(build_part(compose_config(["task=sentiment"]), "task"), Writer)


def test_sentiment_refuses_texts_without_labels() -> None:
    sentiment = build_part(compose_config(["task=sentiment"]), "task")
    tokens = Tokens.from_rows(LINES)
    with pytest.raises(DataError, match="task=next_word"):
        sentiment.examples(
            tokens, np.full(3, -1, np.int32), vocabulary_of(tokens, unknown_words=True), length=3, padding="pre"
        )


def test_every_beginning_of_a_proverb_has_one_right_continuation() -> None:
    followers: dict[tuple[str, ...], str] = {}
    for line in (proverb.split() for proverb in PROVERBS):
        for end in range(1, len(line)):
            assert followers.setdefault(tuple(line[:end]), line[end]) == line[end]
    assert all(len(proverb.split()) >= 2 for proverb in PROVERBS)
    assert not any(first == second for first, second in pairwise(sorted(PROVERBS)))

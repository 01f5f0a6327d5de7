"""How words are chosen, and how text is written from them."""

import numpy as np
import pytest

from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import SPECIALS, Vocabulary
from bitjaru.tasks.generation import Decoding, write_on

VOCABULARY = Vocabulary((*SPECIALS, "가", "나", "다"))
LIKELY = np.array([[0.0, 0.0, 0.2, 0.5, 0.3]])


def decoding(temperature: float = 0.0, top_k: int | None = None, seed: int = 0) -> Decoding:
    return Decoding(temperature=temperature, top_k=top_k, seed=seed)


def shares(chosen: Decoding, draws: int = 20_000) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    ids = chosen.choose(np.repeat(LIKELY, draws, axis=0), np.random.default_rng(chosen.seed))
    return np.bincount(ids, minlength=5) / draws


def test_without_temperature_the_likeliest_word_is_chosen() -> None:
    assert shares(decoding(), 10).tolist() == [0, 0, 0, 1, 0]


def test_at_temperature_1_words_are_drawn_as_likely_as_the_model_says() -> None:
    np.testing.assert_allclose(shares(decoding(1.0)), LIKELY[0], atol=0.02)


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_a_temperature_raises_probabilities_to_the_power_of_its_inverse(temperature: float) -> None:
    powers = LIKELY[0] ** (1 / temperature)
    np.testing.assert_allclose(shares(decoding(temperature)), powers / powers.sum(), atol=0.02)


def test_top_k_draws_among_the_likeliest_only() -> None:
    np.testing.assert_allclose(shares(decoding(1.0, top_k=2)), [0, 0, 0, 0.625, 0.375], atol=0.02)


def test_top_1_is_greedy_at_any_temperature() -> None:
    assert shares(decoding(5.0, top_k=1), 100).tolist() == [0, 0, 0, 1, 0]


def test_a_tiny_temperature_does_not_overflow() -> None:
    assert shares(decoding(1e-4), 100)[3] == 1


def next_in_turn(tokens: Tokens) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A model that likes padding best, and then 나 after 가, 다 after 나, 가 after 다."""
    after = {"가": 3, "나": 4, "다": 2}
    rows = np.full((len(tokens), 5), 0.01)
    rows[:, 0] = 0.9
    for row, text in enumerate(tokens):
        rows[row, after[text[-1]]] = 0.06
    return rows


def test_each_text_is_written_on_by_its_own_number_of_words_and_never_by_specials() -> None:
    written = write_on([["가"], ["다"]], next_in_turn, VOCABULARY, words=[3, 1], decoding=decoding())
    assert written == [["가", "나", "다", "가"], ["다", "가"]]


def test_nothing_to_write_asks_nothing() -> None:
    assert write_on([["가"]], next_in_turn, VOCABULARY, words=[0], decoding=decoding()) == [["가"]]


def test_a_seed_writes_the_same_text_again_and_another_one_another() -> None:
    def text(seed: int) -> list[list[str]]:
        return write_on([["가"]], next_in_turn, VOCABULARY, words=[30], decoding=decoding(2.0, seed=seed))

    assert text(1) == text(1)
    assert text(1) != text(2)

"""A vocabulary without words."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bitjaru.data.hashed_vocabulary import HashedVocabulary, read_vocabulary
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.errors import BundleError

TOKENS = Tokens.from_rows([["영화", "좋다"], [], ["영화", "\ud800", ""]])


def test_every_word_has_one_id_and_none_is_that_of_padding_or_of_unknown_words() -> None:
    vocabulary = HashedVocabulary(50)
    many = Tokens.from_rows([[str(number) for number in range(2_000)]])
    ids = vocabulary.ids(many)
    assert (ids.min(), ids.max(), len(set(ids.tolist()))) == (2, 49, 48)
    first, again = vocabulary.ids(TOKENS)[[0, 2]]
    assert first == again
    assert vocabulary.knows(TOKENS).all()
    assert len(vocabulary.ids(Tokens.from_rows([[]]))) == 0
    np.testing.assert_array_equal(vocabulary.ids(TOKENS.take(np.array([2]))), vocabulary.ids(TOKENS)[2:])


def test_another_process_gives_the_same_ids() -> None:
    script = (
        "from bitjaru.data.hashed_vocabulary import HashedVocabulary; from bitjaru.data.tokens import Tokens;"
        "print(HashedVocabulary(10**6).ids(Tokens.from_rows([['영화', '좋다']])).tolist())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(HashedVocabulary(10**6).ids(Tokens.from_rows([["영화", "좋다"]])).tolist())


def test_either_kind_is_read_as_what_it_is(tmp_path: Path) -> None:
    for vocabulary in (HashedVocabulary(77), Vocabulary(("[PAD]", "[OOV]", "영화"))):
        vocabulary.save(tmp_path / "vocabulary.json")
        assert read_vocabulary(tmp_path / "vocabulary.json") == vocabulary


@pytest.mark.parametrize("content", ['{"hashed": 1}', '{"size": 9}', "3", '["영화"]', "{", '{"hashed": "9"}'])
def test_what_is_no_vocabulary_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "vocabulary.json").write_text(content, encoding="utf-8")
    with pytest.raises(BundleError, match="must hold a vocabulary"):
        read_vocabulary(tmp_path / "vocabulary.json")

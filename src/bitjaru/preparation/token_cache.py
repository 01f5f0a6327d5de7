"""Tokens of whole data sets, found once and kept on disk."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bitjaru.data.reviews import Splits
from bitjaru.data.tokens import Tokens
from bitjaru.preparation import token_files
from bitjaru.terminal import progress
from bitjaru.tokenizers import Tokenizer
from bitjaru.tokenizers.cache_key import key_of

SHOWN_EVERY = 500
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tokenized:
    """The tokens of each part of a data set.

    Attributes:
        tokens: Of each part; they share one list of words.
        key: SHA-256 of everything that decides them; the name of the files in the cache.
        hit: Whether they came from the cache.
    """

    tokens: Splits[Tokens]
    key: str
    hit: bool


def tokenize(tokenizer: Tokenizer, splits: Splits[Sequence[str]], folder: Path) -> Tokenized:
    """Tokenizes every distinct text once, or takes its tokens from the cache.

    Several processes that want the same tokens wait for the first one. A damaged file is replaced; a folder
    that cannot be used is not used. Both are warned of.

    Args:
        tokenizer: Its class, options and engine are part of the key.
        splits: The texts of each part; how they are split does not matter to the key.
        folder: Of the cache; made if it is not there.

    Raises:
        TokenizerError: If the analyser cannot start or answers wrongly.
    """
    texts = sorted({text for _, part in splits.items() for text in part})
    key = key_of(tokenizer, texts)
    tokens, hit = _find_or_make(tokenizer, texts, folder / f"{key}.parquet")
    log.info("Tokens of %s texts by %s %s (key %.12s)", f"{len(texts):,}", tokenizer.engine, _origin(hit), key)
    row_of = {text: row for row, text in enumerate(texts)}

    def of(part: Sequence[str]) -> Tokens:
        return tokens.take(np.fromiter(map(row_of.__getitem__, part), np.int64, len(part)))

    return Tokenized(splits.map(of), key, hit)


def _origin(hit: bool) -> str:
    return "from the cache" if hit else "made"


def _find_or_make(tokenizer: Tokenizer, texts: Sequence[str], path: Path) -> tuple[Tokens, bool]:
    if (found := _find(path, len(texts), warn=False)) is not None:
        return found, True
    with _alone(path) as usable:
        # Another process may have made them while this one waited.
        if (found := _find(path, len(texts), warn=True)) is not None:
            return found, True
        tokens = _make(tokenizer, texts)
        if usable:
            _keep(tokens, path)
        return tokens, False


def _find(path: Path, texts: int, *, warn: bool) -> Tokens | None:
    try:
        return token_files.read(path, texts=texts)
    except FileNotFoundError:
        return None
    except token_files.Damaged as damage:
        if warn:
            log.warning("The token cache `%s` is damaged (%s) and will be made again.", path, damage)
        return None


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Waits until no other process makes this file; yields whether the folder can be used at all."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_suffix(".lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            log.info("Another process makes the same tokens; waiting for it.")
            lock.acquire()
    except (OSError, NotImplementedError) as error:
        _warn_unusable(path, error)
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _make(tokenizer: Tokenizer, texts: Sequence[str]) -> Tokens:
    with progress(f"Tokenizing {len(texts):,} texts with {tokenizer.engine}", len(texts)) as advance:

        def counted(rows: Iterable[list[str]]) -> Iterator[list[str]]:
            for number, row in enumerate(rows, start=1):
                yield row
                if number % SHOWN_EVERY == 0:
                    advance(SHOWN_EVERY)
            advance(len(texts) % SHOWN_EVERY)

        return Tokens.from_rows(counted(tokenizer.tokenize(texts)))


def _keep(tokens: Tokens, path: Path) -> None:
    try:
        token_files.write(tokens, path)
    except OSError as error:
        _warn_unusable(path, error)


def _warn_unusable(path: Path, error: Exception) -> None:
    log.warning(
        "Tokens are not kept for the next run: `%s` must be a folder with room that can be written (%s). "
        "Name another one in BITJARU_CACHE.",
        path.parent,
        error,
    )

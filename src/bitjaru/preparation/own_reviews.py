"""What a command does not say of a file of one's own reviews is found in it, said, and added to the command."""

import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bitjaru import project
from bitjaru.configuration import build_part, compose_config
from bitjaru.datasets.own.frames import Source
from bitjaru.datasets.own.inspection import Inspection, inspect
from bitjaru.errors import DataError
from bitjaru.tokenizers import Tokenizer

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_/-]*|/[A-Za-z0-9_/.-]+")
CHOSEN, QUOTES = "dataset=file", "'\""
TOKENIZERS = {"ko": "kiwi", "en": "words"}
ANY_LANGUAGE = "character"
SAMPLE = 2_000  # reviews that are tokenized to find lengths
SHARE = 0.95  # of the reviews that are read whole, and of the words that are known
SHORTEST, LONGEST, FEWEST_WORDS = 10, 500, 1_000
SPLITS = "dataset_dict.json"  # which `save_to_disk` writes where there are several
NAMES = {"train": ("train",), "valid": ("validation", "valid", "dev"), "test": ("test",)}
LARGE = 200_000_000  # bytes from which on memory is spoken of; a CSV of 1 GB took 2.8 GB
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lengths:
    """What the tokens of a sample of the reviews say.

    Attributes:
        max_len: Tokens within which 95 % of them are whole.
        vocab_size: Words that are 95 % of all tokens.
        quantiles: Of their lengths: 5, 50, 95, 100 %.
        frequent: The most frequent tokens, with how often each came.
    """

    max_len: int
    vocab_size: int
    quantiles: Sequence[int]
    frequent: Sequence[tuple[str, int]]


def is_meant(arguments: Sequence[str]) -> bool:
    """Tells whether a command is for a file of one's own."""
    return CHOSEN in arguments


def with_splits(arguments: Sequence[str]) -> list[str]:
    """Names the splits of a folder of Hugging Face's `save_to_disk` that has several, where the command does not.

    Raises:
        DataError: If it has no training split.
    """
    known = given(arguments)
    folder = source_of(known).path
    if not (folder / SPLITS).is_file():
        return list(arguments)
    found = {part: name for part, names in NAMES.items() for name in names if (folder / name).is_dir()}
    if "train" not in found:
        there = ", ".join(sorted(each.name for each in folder.iterdir() if each.is_dir())) or "none"
        raise DataError(f"A folder of several splits must have one called train. Received: {folder} with {there}.")
    paths = {"path" if part == "train" else f"{part}_path": folder / name for part, name in found.items()}
    added = {"dataset.name": _name(folder)} | {f"dataset.{key}": _quoted(str(path)) for key, path in paths.items()}
    others = [each for each in arguments if not each.startswith("dataset.path=")]
    return [*others, *(f"{key}={value}" for key, value in added.items() if key == "dataset.path" or key not in known)]


def completed(arguments: Sequence[str], *, found: Inspection | None = None) -> list[str]:
    """Adds to a command's overrides what it leaves open, found in the file.

    Args:
        arguments: Of the command.
        found: What is in the file, where it was looked into before.

    Raises:
        DataError: If the file cannot be read, or something is not clear.
    """
    arguments = with_splits(arguments)
    known = given(arguments)
    source = source_of(known)
    if found is None and (told := memory(source)):
        log.info("%s", told)
    found = found or inspect(source, of_dataset(known))
    added = [line for line in overrides(found, known) if line.partition("=")[0] not in known]
    log.info("%s: %s reviews. Found, and added: %s", source.path, f"{len(found.texts):,}", " ".join(added))
    if found.unlabelled:
        log.info("%s reviews without a label are left out.", f"{found.unlabelled:,}")
    others = [each for each in arguments if not each.startswith("dataset.path=")]
    # Whoever asks for the data again may do so from elsewhere.
    return [others[0], f"dataset.path={_quoted(str(source.path.resolve()))}", *others[1:], *added]


def memory(source: Source) -> str:
    """Says of a large file what memory its reviews will take; nothing of others."""
    size = source.size()
    if size <= LARGE:
        return ""
    return f"{source.path} holds {size / 1e9:.1f} GB: its reviews will be in memory, about {3 * size / 1e9:.1f} GB."


def overrides(found: Inspection, known: Mapping[str, str]) -> list[str]:
    """Returns everything that a command for this file can say."""
    tokenizer = known.get("tokenizer", TOKENIZERS.get(found.language, ANY_LANGUAGE))
    lines = [
        f"dataset.name={_name(Path(known['dataset.path'].strip(QUOTES)))}",
        f"dataset.language={found.language}",
        f"dataset.text_column={_quoted(found.text_column)}",
        f"dataset.label_column={_quoted(found.label_column)}",
        f"dataset.values=[{','.join(map(_quoted, found.values))}]",
        f"dataset.classes=[{','.join(map(_quoted, found.classes))}]",
        f"tokenizer={tokenizer}",
    ]
    if found.language == "en":
        lines += ["ngrams.of=words", "ngrams.longest=2"]
    if not {"max_len", "vocab_size"} <= set(known):
        its = lengths(found.texts, build_part(compose_config([f"tokenizer={tokenizer}"]), "tokenizer"))
        lines += [f"max_len={its.max_len}", f"vocab_size={its.vocab_size}"]
    return lines


def lengths(texts: Sequence[str], tokenizer: Tokenizer) -> Lengths:
    """Tokenizes a sample of reviews."""
    rows = np.random.default_rng(0).permutation(len(texts))[:SAMPLE]
    tokens = list(tokenizer.tokenize([texts[row] for row in rows]))
    counts = np.array([len(each) for each in tokens])
    words = Counter(word for each in tokens for word in each)
    often = np.cumsum(sorted(words.values(), reverse=True))
    known = int(np.searchsorted(often, SHARE * often[-1])) + 1 if len(often) else 0
    wanted = int(np.ceil(np.quantile(counts, SHARE) / 10) * 10)
    return Lengths(
        max_len=min(max(wanted, SHORTEST), LONGEST),
        vocab_size=max(-(-known // 100) * 100, FEWEST_WORDS),
        quantiles=[int(value) for value in np.quantile(counts, (0.05, 0.5, 0.95, 1.0))],
        frequent=words.most_common(10),
    )


def source_of(known: Mapping[str, str]) -> Source:
    """Returns the file that the overrides name."""
    separator = known.get("dataset.separator", "null").strip(QUOTES).replace("\\t", "\t")
    return Source(
        Path(known["dataset.path"].strip(QUOTES)).expanduser(),
        known.get("dataset.encoding", "utf-8"),
        None if separator == "null" else separator,
    )


def given(arguments: Sequence[str]) -> dict[str, str]:
    """Returns what a command says, by key."""
    pairs = (each.lstrip("+").partition("=") for each in arguments if "=" in each and not each.startswith("-"))
    return {"dataset.path": "reviews.csv"} | {key: value for key, _, value in pairs}


def of_dataset(known: Mapping[str, str]) -> dict[str, str]:
    """Returns what it says of the data set."""
    prefix = "dataset."
    own = {key.removeprefix(prefix): value.strip(QUOTES) for key, value in known.items() if key.startswith(prefix)}
    return {key: value for key, value in own.items() if value != "null"}


def _name(path: Path) -> str:
    stem = path.name.split(".")[0] or "reviews"
    return "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in stem)


def _quoted(value: str) -> str:
    """Writes a value for Hydra: a plain word or whole number as it is, anything else in quotation marks."""
    plain = PLAIN.fullmatch(value) and value.lower() not in ("true", "false", "null", "nan", "inf")
    if plain and not (value[0].isdigit() and str(int(value)) != value if value.isdigit() else value[0].isdigit()):
        return value
    return project.quoted(value, mark='"')  # the shell's own are single ones

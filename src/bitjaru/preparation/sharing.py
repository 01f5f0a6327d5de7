"""Prepared data as files that several processes map into memory: made once, and held once however many read them."""

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitjaru.data.examples import Examples
from bitjaru.data.hashed_vocabulary import read_vocabulary
from bitjaru.data.reviews import Corpus, Reviews, Splits
from bitjaru.data.text_array import Texts
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.files import sealed, unsealed
from bitjaru.preparation.encoding import Read
from bitjaru.preparation.prepare import LeftOut, Prepared

ABOUT, VOCABULARY, FIRST = "about.json", "vocabulary.json", "first_tokens.json"
LOADED, KEPT = "loaded", "kept"  # the corpus before and after reviews were dropped
log = logging.getLogger(__name__)
SAID = [field.name for field in fields(Corpus) if field.name != "splits"]


def write(data: Prepared, folder: Path) -> None:
    """Writes prepared data into a new folder, which stands there whole or not at all.

    Raises:
        OSError: If it cannot be written, or another process was quicker.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}.unfinished-"))
    try:
        _write(data, unfinished)
        unfinished.replace(folder)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)  # on a full disk it would take the room of the trials
        raise


def read(folder: Path) -> Prepared | None:
    """Returns what `write` wrote, its arrays mapped into memory and not to be changed.

    None if it did not, or if a file is another one than was written, which is warned of.
    """
    if not folder.is_dir():
        return None
    try:
        about = unsealed(json.loads((folder / ABOUT).read_text(encoding="utf-8")))
        if changed := [name for name, its in about["sums"].items() if _sum(folder / name) != its]:
            raise ValueError(f"{', '.join(changed)} changed")
    except (OSError, ValueError, KeyError) as error:
        log.warning("The data that the search prepared is damaged and is prepared again (%s: %s).", folder, error)
        return None
    files, parts = _Files(folder), about["parts"]
    words = files.texts("words")[:]
    loaded = _corpus(about, files, LOADED)
    dropped = (folder / f"{KEPT}_{parts[0]}_labels.npy").exists()
    return Prepared(
        loaded=loaded,
        corpus=_corpus(about, files, KEPT) if dropped else loaded,
        tokens=_splits(
            {part: Tokens(words, files.array(f"{part}_codes"), files.array(f"{part}_token_offsets")) for part in parts}
        ),
        vocabulary=Vocabulary.load(folder / VOCABULARY),
        views={name: _view(folder / name, key) for name, key in about["token_keys"].items()},
        examples=_splits({part: files.examples(part) for part in parts}),
        left_out={
            part: LeftOut(rows=files.array(f"{part}_left_out_rows"), examples=files.examples(f"{part}_left_out"))
            for part in about["left_out"]
        },
    )


def _write(data: Prepared, folder: Path) -> None:
    files = _Files(folder)
    corpora = {LOADED: data.loaded} if data.corpus is data.loaded else {LOADED: data.loaded, KEPT: data.corpus}
    for name, corpus in corpora.items():
        for part, reviews in corpus.splits.items():
            files.write_texts(f"{name}_{part}", reviews.texts)
            files.write(f"{name}_{part}_labels", reviews.labels)
    files.write_texts("words", data.tokens.train.words)  # all parts have one list of them
    for part, (tokens, examples) in data.tokens.zip(data.examples).items():
        files.write(f"{part}_codes", tokens.codes)
        files.write(f"{part}_token_offsets", tokens.offsets)
        files.write_examples(part, examples)
    for part, left in data.left_out.items():
        files.write(f"{part}_left_out_rows", left.rows)
        files.write_examples(f"{part}_left_out", left.examples)
    data.vocabulary.save(folder / VOCABULARY)
    for name, view in data.views.items():
        _write_view(view, folder / name)
    about = {name: getattr(data.loaded, name) for name in SAID} | {"parts": [*data.rows]}
    about |= {"token_keys": {name: view.token_key for name, view in data.views.items()}, "left_out": [*data.left_out]}
    about["sums"] = {path.relative_to(folder).as_posix(): _sum(path) for path in folder.rglob("*") if path.is_file()}
    (folder / ABOUT).write_text(json.dumps(sealed(about)), encoding="utf-8")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_view(view: Read, folder: Path) -> None:
    folder.mkdir()
    view.vocabulary.save(folder / VOCABULARY)
    (folder / FIRST).write_text(json.dumps(list(view.first)), encoding="utf-8")


def _view(folder: Path, token_key: str) -> Read:
    first = Tokens.from_rows(json.loads((folder / FIRST).read_text(encoding="utf-8")))
    return Read(vocabulary=read_vocabulary(folder / VOCABULARY), token_key=token_key, first=first)


class _Files:
    """A folder of arrays."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, array: NDArray[Any]) -> None:
        np.save(self._folder / f"{name}.npy", array, allow_pickle=False)

    def write_texts(self, name: str, texts: Any) -> None:
        packed = Texts.of(texts)
        self.write(f"{name}_content", packed.content)
        self.write(f"{name}_offsets", packed.offsets)

    def write_examples(self, name: str, examples: Examples) -> None:
        self.write(f"{name}_targets", examples.targets)
        if examples.inputs.dtype == object:  # texts, for a model that reads them itself
            self.write_texts(f"{name}_inputs", examples.inputs)
        else:
            self.write(f"{name}_inputs", examples.inputs)

    def examples(self, name: str) -> Examples:
        targets = self.array(f"{name}_targets")
        if (self._folder / f"{name}_inputs_content.npy").exists():
            return Examples(np.array(self.texts(f"{name}_inputs")[:], dtype=object), targets)
        return Examples(self.array(f"{name}_inputs"), targets)

    def array(self, name: str) -> NDArray[Any]:
        mapped: NDArray[Any] = np.load(self._folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        return mapped

    def texts(self, name: str) -> Texts:
        return Texts(self.array(f"{name}_content"), self.array(f"{name}_offsets"))


def _corpus(about: Mapping[str, Any], files: _Files, name: str) -> Corpus:
    reviews = {
        part: Reviews(files.texts(f"{name}_{part}"), files.array(f"{name}_{part}_labels")) for part in about["parts"]
    }
    said = {name: about[name] for name in SAID} | {"classes": tuple(about["classes"])}
    return Corpus(splits=_splits(reviews), **said)


def _splits(parts: Mapping[str, Any]) -> Splits[Any]:
    return Splits(parts["train"], parts.get("valid"), parts.get("test"))

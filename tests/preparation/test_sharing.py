"""Prepared data in files, mapped into memory by those who read them."""

from pathlib import Path

import numpy as np
import pytest
from options import options
from small_datasets import write_all

from bitjaru.configuration import build, compose_config
from bitjaru.preparation import sharing
from bitjaru.preparation.prepare import Prepared, prepare

SAMPLE = "dataset.rows=300"
OVERRIDES = [
    (SAMPLE, "task=next_word"),
    (SAMPLE, "dataset.minimum_tokens=8"),
    (SAMPLE, "dataset.validation.fraction=0"),
    *((f"dataset={name}", "tokenizer=whitespace") for name in options("dataset")),
]


def prepared(*overrides: str) -> Prepared:
    return prepare(build(compose_config(overrides)))


@pytest.mark.parametrize("overrides", OVERRIDES, ids=str)
def test_what_is_read_is_what_was_written(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overrides: tuple[str, ...]
) -> None:
    published = write_all(tmp_path / "published")
    monkeypatch.setenv("BITJARU_DATA", str(published))
    monkeypatch.chdir(published)
    data = prepared(*overrides)
    sharing.write(data, tmp_path / "data")
    read = sharing.read(tmp_path / "data")
    assert read is not None
    assert (read.vocabulary, read.rows) == (data.vocabulary, data.rows)
    assert [(name, view.vocabulary, view.token_key, list(view.first)) for name, view in read.views.items()] == [
        (name, view.vocabulary, view.token_key, list(view.first)) for name, view in data.views.items()
    ]
    assert list(read.left_out) == list(data.left_out)
    for part, left in data.left_out.items():
        np.testing.assert_array_equal(read.left_out[part].rows, left.rows)
        np.testing.assert_array_equal(read.left_out[part].examples.inputs, left.examples.inputs)
    assert (read.corpus is read.loaded) == (data.corpus is data.loaded)
    for name in ("loaded", "corpus"):
        before, after = getattr(data, name), getattr(read, name)
        assert [getattr(after, said) for said in sharing.SAID] == [getattr(before, said) for said in sharing.SAID]
        for (part, ours), (_, theirs) in zip(before.splits.items(), after.splits.items(), strict=True):
            assert list(theirs.texts) == list(ours.texts), part
            np.testing.assert_array_equal(theirs.labels, ours.labels)
    for (_, ours), (_, theirs) in zip(data.tokens.items(), read.tokens.items(), strict=True):
        assert list(theirs) == list(ours)
    for (_, ours), (_, theirs) in zip(data.examples.items(), read.examples.items(), strict=True):
        np.testing.assert_array_equal(theirs.inputs, ours.inputs)
        np.testing.assert_array_equal(theirs.targets, ours.targets)


def test_arrays_are_mapped_and_cannot_be_changed(home: Path, tmp_path: Path) -> None:
    sharing.write(prepared(SAMPLE), tmp_path / "data")
    read = sharing.read(tmp_path / "data")
    assert read is not None
    assert isinstance(read.examples.train.inputs, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        read.examples.train.inputs[0, 0] = 1


def test_what_broke_off_is_not_read_and_takes_no_room(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, shared = prepared(SAMPLE), tmp_path / "shared"

    def breaks_off(path: Path, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "replace", breaks_off)
    with pytest.raises(OSError, match="No space left"):
        sharing.write(data, shared / "data")
    assert sharing.read(shared / "data") is None
    assert list(shared.iterdir()) == []


def test_of_two_that_write_the_same_the_first_is_read(home: Path, tmp_path: Path) -> None:
    data, shared = prepared(SAMPLE), tmp_path / "shared"
    sharing.write(data, shared / "data")
    with pytest.raises(OSError, match="not empty"):
        sharing.write(data, shared / "data")
    assert [path.name for path in shared.iterdir()] == ["data"]
    assert sharing.read(shared / "data") is not None

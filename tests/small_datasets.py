"""Small files in the format of each published data set, and the config nodes that read them."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from omegaconf import OmegaConf
from options import CONF

from bitjaru.configuration import build_part, register_resolvers
from bitjaru.datasets import Dataset
from bitjaru.errors import DataError

ROWS = 40


def node(option: str) -> dict[str, Any]:
    """Returns the `dataset` node of an option."""
    plain = OmegaConf.to_container(OmegaConf.load(CONF / "dataset" / f"{option}.yaml"))
    assert isinstance(plain, dict)
    return dict(plain["dataset"])


def dataset(option: str, changes: Mapping[str, Any] | None = None) -> Dataset:
    """Builds an option, some keys (`validation.fraction`) changed, as the command line does."""
    register_resolvers()
    config = OmegaConf.create({"dataset": node(option)})
    for key, value in (changes or {}).items():
        OmegaConf.update(config, f"dataset.{key}", value, merge=False)
    part: Dataset = build_part(config, "dataset")
    return part


def complaint(part: Dataset) -> str:
    """Returns what loading complains about, which must have its three parts."""
    with pytest.raises(DataError) as caught:
        part.load()
    must, _, rest = str(caught.value).partition("Received: ")
    assert "must" in must
    assert ". " in rest, f"no advice in: {caught.value}"
    return str(caught.value)


def nsmc_text(rows: int, *, first: int = 0) -> str:
    """Returns a table with a header; every tenth document is empty, one is quoted."""
    lines = ["id\tdocument\tlabel"]
    for row in range(first, first + rows):
        document = "" if row % 10 == 3 else f'"정말 ""재미"" {row}"' if row % 10 == 4 else f"정말 재미있는 영화 {row}"
        lines.append(f"{row}\t{document}\t{row % 2}")
    return "\n".join(lines) + "\n"


def naver_text(rows: int) -> str:
    """Returns ratings and reviews without a header; every tenth review has no Hangul."""
    return "".join(f"{(1, 2, 4, 5)[row % 4]}\t{'ok!! 10' if row % 10 == 3 else words(row)}\n" for row in range(rows))


def words(row: int) -> str:
    """Spells a number in Hangul letters, so that cleaning leaves different texts different."""
    return "좋아요!! " + "".join("영일이삼사오육칠팔구"[int(digit)] for digit in str(row)) + " ABC"


def imdb_arrays(rows: int) -> dict[str, Any]:
    """Returns Keras's arrays: lists of ranks, sorted by class as in the published file; one row has no words."""

    def ranks(first: int) -> Any:
        lists = np.empty(rows, object)
        lists[:] = [[] if row == 7 else [first + row, 1, 2] for row in range(rows)]
        return lists

    labels = np.repeat([1, 0], rows // 2)
    return {"x_train": ranks(3), "y_train": labels, "x_test": ranks(3 + rows), "y_test": labels}


def write_all(folder: Path) -> Path:
    """Writes every data set in the layout that BITJARU_DATA has."""
    for name in ("nsmc", "naver_shopping"):
        (folder / name).mkdir(parents=True)
    (folder / "nsmc/ratings_train.txt.gz").write_bytes(gzip.compress(nsmc_text(ROWS).encode()))
    (folder / "nsmc/ratings_test.txt").write_text(nsmc_text(ROWS, first=ROWS), encoding="utf-8")
    (folder / "naver_shopping/naver_shopping.txt").write_text(naver_text(ROWS), encoding="utf-8")
    write_imdb(folder)
    own = "".join(f"내 리뷰 {words(row)},{row % 2}\n" for row in range(60))
    (folder / "reviews.csv").write_text(f"text,label\n{own}", encoding="utf-8")
    return folder


def write_imdb(folder: Path) -> None:
    """Writes `imdb.npz` and a word index: rank 1 is `the`, 2 `film`, r is `word-r`."""
    np.savez(folder / "imdb.npz", **imdb_arrays(ROWS))
    known = {"the": 1, "film": 2} | {f"word{rank}": rank for rank in range(3, 3 + 2 * ROWS)}
    (folder / "imdb_word_index.json").write_text(json.dumps(known), encoding="utf-8")

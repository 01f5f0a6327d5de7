"""Tokens in two Parquet files: the codes of each text, and the words that the codes stand for."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bitjaru.data.tokens import Tokens
from bitjaru.files import replacing
from bitjaru.tokenizers.cache_key import fingerprint

if TYPE_CHECKING:
    import pyarrow

CHECKSUM = b"sha256"


class Damaged(Exception):  # noqa: N818  it is what the files are
    """The files are there and do not hold the tokens that were written."""


def write(tokens: Tokens, path: Path) -> None:
    """Writes the words beside `path` and the codes to `path`, each atomically, the codes last.

    Raises:
        OSError: If the folder cannot be written or is full.
    """
    import pyarrow
    import pyarrow.parquet

    codes = pyarrow.LargeListArray.from_arrays(tokens.offsets, tokens.codes)
    table = pyarrow.table({"codes": codes}).replace_schema_metadata({CHECKSUM: _checksum(tokens)})
    words = pyarrow.table({"word": pyarrow.array(tokens.words, pyarrow.large_string())})
    for content, place in ((words, words_path(path)), (table, path)):
        with replacing(place) as temporary:
            pyarrow.parquet.write_table(content, temporary, compression="zstd", use_dictionary=False)


def read(path: Path, *, texts: int) -> Tokens:
    """Reads the tokens of this many texts.

    Raises:
        FileNotFoundError: If they were never written.
        Damaged: If they are not what was written.
    """
    import pyarrow
    import pyarrow.parquet

    # Arrow's own pool would keep what reading took, four times the tokens, and give it to nobody but Arrow.
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    try:
        table = pyarrow.parquet.read_table(path)
        words = pyarrow.parquet.read_table(words_path(path))
        tokens = _tokens(table, words)
        intact = table.schema.metadata[CHECKSUM] == _checksum(tokens) and len(tokens) == texts
    except FileNotFoundError:
        raise
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, pyarrow.ArrowException) as error:
        raise Damaged(str(error)) from error
    if not intact:
        raise Damaged("its checksum is another one")
    return tokens


def words_path(path: Path) -> Path:
    """Returns where the words of the codes in `path` are."""
    return path.with_suffix(f".words{path.suffix}")


def _tokens(table: "pyarrow.Table", words: "pyarrow.Table") -> Tokens:
    codes = table["codes"].combine_chunks()
    return Tokens(tuple(words["word"].to_pylist()), codes.values.to_numpy(), codes.offsets.to_numpy())


def _checksum(tokens: Tokens) -> bytes:
    content = hashlib.sha256(fingerprint(tokens.words).encode())
    content.update(tokens.offsets.astype("<i8", copy=False).tobytes())
    content.update(np.ascontiguousarray(tokens.codes, "<i4").tobytes())
    return content.hexdigest().encode()

"""Answering a whole file, batch by batch: it is never held in memory."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bitjaru.errors import DataError
from bitjaru.files import replacing
from bitjaru.models.files.file_rows import Row, Table
from bitjaru.tasks import Answer
from bitjaru.terminal import progress

COLUMNS = ("predicted_label", "predicted_probability", "no_known_token", "reason")
BATCH = 2_048
Answering = Callable[[Sequence[str]], Sequence[Answer]]


@dataclass(frozen=True)
class Counts:
    """How many rows came out: answered, and kept with a reason."""

    answered: int
    bad: int


def answer_file(source: Path, target: Path, predict: Answering, *, column: str, separator: str | None) -> Counts:
    """Writes every row of a CSV file with four more columns; those of an earlier answer are replaced.

    Args:
        source: With a header.
        target: Takes the place of what stands there once all is answered.
        predict: Answers N texts in their order.
        column: That holds the texts.
        separator: Between cells; None takes a tab for `.tsv` and `.txt`, else a comma.

    Raises:
        DataError: If a file cannot be read or written.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise DataError(f"The answers must go into another file. Received: {target} for both.")
    try:
        size = source.stat().st_size
        with (
            progress(f"Answering {source.name}", size) as advance,
            replacing(target) as temporary,
            Table(source, column=column, separator=separator, advance=advance) as table,
        ):
            return _write(table, temporary, predict)
    except OSError as error:
        raise DataError(f"A file must be readable or writable. Received: {error}.") from error


def _write(table: Table, path: Path, predict: Answering) -> Counts:
    kept = [place for place, name in enumerate(table.header) if name not in COLUMNS]
    answered = bad = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        plain = csv.writer(file, lineterminator="\n")
        # A carriage return needs quotes that Python's writer forgets where lines end without one.
        quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        plain.writerow([*(table.header[place] for place in kept), *COLUMNS])
        for batch in _batches(table):
            texts = [row.text for row in batch if row.text is not None]
            answers = iter(predict(texts) if texts else ())
            for row in batch:
                cells = [*(row.cells[place] for place in kept), *_answer(row, answers)]
                (quoted if any("\r" in cell for cell in cells) else plain).writerow(cells)
            answered += len(texts)
            bad += len(batch) - len(texts)
    return Counts(answered, bad)


def _answer(row: Row, answers: Iterator[Answer]) -> tuple[str, str, str, str]:
    if row.text is None:
        return "", "", "", row.reason
    answer = next(answers)
    return answer.label, f"{answer.probability:.6f}", str(answer.no_known_token).lower(), ""


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        yield batch

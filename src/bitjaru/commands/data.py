"""`bitjaru data`: what stands in a file of reviews, before anything is trained."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bitjaru.datasets.own.inspection import Inspection
    from bitjaru.preparation.own_reviews import Lengths
    from bitjaru.reporting.sheet import Sheet


def data(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, Parquet, JSON Lines, Excel, or a save_to_disk folder.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(help="What you know: dataset.encoding=cp949 dataset.label_column=stars …"),
    ] = None,
) -> None:
    """Shows what would be trained on: columns, classes, lengths, duplicates, frequent tokens, and the command."""
    from bitjaru import project
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.datasets.own.inspection import inspect
    from bitjaru.preparation import own_reviews
    from bitjaru.reporting.sheet import show
    from bitjaru.terminal import console

    arguments = own_reviews.with_splits([own_reviews.CHOSEN, f"dataset.path={file}", *(overrides or [])])
    given = own_reviews.given(arguments)
    source = own_reviews.source_of(given)
    if told := own_reviews.memory(source):
        typer.echo(told, err=True)
    found = inspect(source, own_reviews.of_dataset(given))
    whole = own_reviews.completed(arguments, found=found)
    tokenizer = next(each for each in reversed(whole) if each.startswith("tokenizer="))
    lengths = own_reviews.lengths(found.texts, build_part(compose_config([tokenizer]), "tokenizer"))
    out = console()
    show(_sheet(file, found, lengths, tokenizer), out)
    out.print("\nTo train on it:", style="bold")
    out.print(
        f"  {shlex.join(project.typed([own_reviews.CHOSEN, f'dataset.path={file.resolve()}', *(overrides or [])]))}",
        highlight=False,
        soft_wrap=True,
    )
    out.print("which is, with what was found:")
    out.print(f"  {shlex.join(project.typed(whole))}", highlight=False, soft_wrap=True)


def _sheet(file: Path, found: "Inspection", lengths: "Lengths", tokenizer: str) -> "Sheet":
    from bitjaru.reporting.sheet import Column, Sheet
    from bitjaru.reporting.wording import percent

    total = len(found.texts)
    rows = [
        ("file", found.how),
        ("columns", ", ".join(found.columns)),
        ("reviews", f"{total:,} in {found.text_column!r}; {found.empty:,} rows without text"),
        *([("left out", f"{found.unlabelled:,} reviews without a label")] if found.unlabelled else []),
        ("duplicates", f"{found.duplicates:,} ({percent(found.duplicates, total)}), but for case, spaces and signs"),
        ("language", found.language),
        *(
            (f"class {name}", f"{count:,} ({percent(count, total)}) in {found.label_column!r}")
            for name, count in found.counts.items()
        ),
        (
            "tokens a review",
            f"{', '.join(map(str, lengths.quantiles))} (5, 50, 95, 100 %; {tokenizer.partition('=')[2]})",
        ),
        ("frequent tokens", ", ".join(f"{word} {count:,}" for word, count in lengths.frequent)),
        ("max_len, vocab_size", f"{lengths.max_len}, {lengths.vocab_size:,}: whole for 95 % of reviews and of tokens"),
    ]
    return Sheet(
        title=str(file), columns=[Column("what", figures=False), Column("found", figures=False, breaks=True)], rows=rows
    )

"""What `bitjaru doctor` does: mends what a crash or an absent server left, and says what is missing."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bitjaru.errors import BitjaruError
from bitjaru.terminal import console
from bitjaru.tracking.runs import recovery
from bitjaru.tracking.runs.run import Run
from bitjaru.tracking.runs.synchronization import send

WELL, ILL = 0, 1


def run(roots: Sequence[Path]) -> int:
    """Looks after every run below `roots`, then at the machine.

    Returns:
        0 if all is well now, 1 if something is left to do.
    """
    out = console()
    found = [root for root in roots if root.is_dir()]
    troubles = [*_close(found, out), *_send(found, out), *_machine(out)]
    for trouble in troubles:
        out.print(Text.assemble(("✗", "red"), f" {trouble}"))
    if not troubles:
        out.print(Text.assemble(("✓", "green"), " All is well."))
    return ILL if troubles else WELL


def _close(roots: Sequence[Path], out: Console) -> Iterator[str]:
    """A run that nobody is at stays RUNNING in MLflow for ever."""
    for folder in (folder for root in roots for folder in recovery.abandoned(root)):
        try:
            Run.reopen(folder).end("KILLED", "the process died")
        except BitjaruError as error:
            yield str(error)
        else:
            out.print(Text.assemble(("✓", "green"), f" Closed a run whose process died: {folder}"))


def _send(roots: Sequence[Path], out: Console) -> Iterator[str]:
    for left in (left for root in roots for left in recovery.unsent(root)):
        try:
            sent = send(left.folder)
        except BitjaruError as error:
            yield f"MLflow still lacks {len(left.operations)} records of {left.folder}: {error}"
        else:
            out.print(Text.assemble(("✓", "green"), f" Sent {sent} records of {left.folder}"))


def _machine(out: Console) -> Iterator[str]:
    from bitjaru.drawing.fonts import families
    from bitjaru.tokenizers.java.runtime import ADVICE, runtimes

    if java := next((path for path in runtimes() if path.exists()), None):
        out.print(Text.assemble(("✓", "green"), f" Java: {java}"))
    else:
        yield f"The tokenizers komoran and okt need Java. {ADVICE}"
    out.print(Text.assemble(("✓", "green"), f" Fonts: {', '.join(families())}"))

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


def run(roots: Sequence[Path], *, anew: bool) -> int:
    """Looks after every run below `roots`, then at the machine.

    Args:
        roots: Folders with runs.
        anew: Whether runs that their store does not have any more are sent from their beginning.

    Returns:
        0 if all is well now, 1 if something is left to do.
    """
    out = console()
    found = [root for root in roots if root.is_dir()]
    troubles = [
        *(wrong for root in found for wrong in recovery.damaged(root)),
        *_close(found, out),
        *_forgotten(found, out, anew=anew),
        *_send(found, out),
        *_altered(found),
        *_machine(out),
    ]
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


def _forgotten(roots: Sequence[Path], out: Console, *, anew: bool) -> Iterator[str]:
    """A store that was deleted has none of what was sent."""
    try:
        lost = [folder for root in roots for folder in recovery.forgotten(root)]
    except BitjaruError as error:
        yield str(error)
        return
    if lost and not anew:
        yield f"MLflow has {len(lost)} runs no more, the first of them in {lost[0]}. To send them anew: --anew."
        return
    for folder in lost:
        recovery.forget(folder)
    if lost:
        out.print(Text.assemble(("✓", "green"), f" {len(lost)} runs that MLflow has no more are sent anew."))


def _send(roots: Sequence[Path], out: Console) -> Iterator[str]:
    for left in (left for root in roots for left in recovery.unsent(root)):
        try:
            sent = send(left.folder)
        except BitjaruError as error:
            yield f"MLflow still lacks {len(left.operations)} records of {left.folder}: {error}"
        else:
            out.print(Text.assemble(("✓", "green"), f" Sent {sent} records of {left.folder}"))


def _altered(roots: Sequence[Path]) -> Iterator[str]:
    """A database may answer with other figures than it was given, and look well."""
    try:
        wrong = [each for root in roots for each in recovery.altered(root)]
    except BitjaruError as error:
        yield str(error)
        return
    if wrong:
        yield (
            f"MLflow has other figures than {len(wrong)} runs told it, the first of them {wrong[0]}. Its database was "
            "damaged or changed: restore it, or delete it and send everything anew: --anew."
        )


def _machine(out: Console) -> Iterator[str]:
    from bitjaru.drawing.fonts import families
    from bitjaru.tokenizers.java.runtime import ADVICE, runtimes

    if java := next((path for path in runtimes() if path.exists()), None):
        out.print(Text.assemble(("✓", "green"), f" Java: {java}"))
    else:
        yield f"The tokenizers komoran and okt need Java. {ADVICE}"
    out.print(Text.assemble(("✓", "green"), f" Fonts: {', '.join(families())}"))

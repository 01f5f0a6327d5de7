"""What analysers share: how many threads they may use, and what is said of texts that they crash on."""

import logging
import os
from collections.abc import Sequence

log = logging.getLogger(__name__)


def processors() -> int:
    """Returns how many processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def report_crashes(analyser: str, failed: Sequence[str], total: int) -> None:
    """Warns that these texts, of `total`, have no tokens; says nothing when there are none."""
    if not failed:
        return
    log.warning(
        "%s crashes on %s of %s texts, which get no tokens. The first: %.80s",
        analyser,
        f"{len(failed):,}",
        f"{total:,}",
        failed[0],
    )

"""What is said of texts that an analyser crashes on."""

import logging
from collections.abc import Sequence

log = logging.getLogger(__name__)


def report(analyser: str, failed: Sequence[str], total: int) -> None:
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

"""What moved the answers to the reviews that all finalists get wrong."""

import logging
from collections.abc import Sequence

from bitjaru.errors import BitjaruError
from bitjaru.models.bundle import Bundle
from bitjaru.models.explanation import explain
from bitjaru.tracking.models.files import local_folder
from bitjaru.tracking.registry.candidate import candidate

MOST = 4
log = logging.getLogger(__name__)
Moved = Sequence[tuple[str, float]]


def moved(uri: str, run_id: str, texts: Sequence[str]) -> list[Moved]:
    """Returns for each text the tokens that moved a run's answer most, and by how much of a probability, -1 to 1.

    None at all where the model cannot be read any more: the finals stand without.
    """
    try:
        bundle = Bundle.load(local_folder(uri, candidate(uri, run_id).source) / "data")
    except BitjaruError as error:
        log.warning("What moved the answers cannot be said: %s", error)
        return [[] for _ in texts]
    return [_most(bundle, text) for text in texts]


def _most(bundle: Bundle, text: str) -> Moved:
    weights = [(each.token, each.moved) for each in explain(bundle, text).weights if each.moved]
    return sorted(weights, key=lambda weight: -abs(weight[1]))[:MOST]

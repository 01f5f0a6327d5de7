"""What accuracy costs: the ensembles that no other one beats in both."""

from collections.abc import Iterable

import numpy as np

from bitjaru.ensembles.selection import Ensemble, Library, grow, judge

BUDGETS = 6


def front(library: Library, *, members: int) -> list[Ensemble]:
    """Returns the best ensembles at every price, the cheapest first: each is confirmed better than all cheaper ones.

    They are sought among single models and along the greedy paths within several budgets, from the cheapest model to
    that of all together.
    """
    singles = [judge(library, {each: 1}) for each in range(len(library.probabilities))]
    whole = grow(library, members=members, milliseconds=None)
    lowest = min(single.milliseconds for single in singles)
    highest = max(ensemble.milliseconds for ensemble in whole)
    budgets = np.geomspace(lowest, highest, BUDGETS)[1:-1] if 0 < lowest < highest else ()
    paths = [grow(library, members=members, milliseconds=float(budget)) for budget in budgets]
    return _undominated([*singles, *whole, *(ensemble for path in paths for ensemble in path)])


def _undominated(ensembles: Iterable[Ensemble]) -> list[Ensemble]:
    kept: list[Ensemble] = []
    for ensemble in sorted(ensembles, key=lambda each: (each.milliseconds, -each.confirmed, -each.chosen)):
        if not kept or ensemble.confirmed > kept[-1].confirmed:
            kept.append(ensemble)
    return kept

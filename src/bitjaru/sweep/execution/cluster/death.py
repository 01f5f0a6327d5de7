"""Why a worker on a node died: alone, or because its node is lost."""

import time
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

SECONDS_FOR_A_NODE = 20.0  # in which one that lives has answered


@dataclass(frozen=True, eq=False)
class Death:
    """A worker's end, as it was noticed: Ray knows of a lost node only some seconds after its workers.

    Attributes:
        node: Where it ran.
        error: What Ray said.
        answer: A reference to a word from the node, if it lives.
        until: When a node that has not answered counts as lost.
    """

    node: str
    error: str
    answer: Any
    until: float

    @classmethod
    def noticed(cls, node: str, error: str) -> "Death":
        """Notices a death, and asks the node for a word."""
        there: Any = NodeAffinitySchedulingStrategy(node, soft=False)
        asked = ray.remote(_lives).options(num_cpus=0, max_retries=0, scheduling_strategy=there).remote()
        return cls(node, error, asked, time.monotonic() + SECONDS_FOR_A_NODE)

    def took_the_node(self) -> bool | None:
        """Whether the node died and not the worker alone; None while that is not known."""
        if "its node" in self.error or any(each["NodeID"] == self.node and not each["Alive"] for each in ray.nodes()):
            return True
        if ray.wait([self.answer], timeout=0)[0]:
            try:
                return not ray.get(self.answer)
            except RayError:
                return True
        return True if time.monotonic() > self.until else None


def _lives() -> bool:
    return True

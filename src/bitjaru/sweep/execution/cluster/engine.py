"""`executor=ray`: a cluster as it is, or one on this machine alone."""

import logging
import socket
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PositiveInt

from bitjaru.errors import ConfigError
from bitjaru.options import part
from bitjaru.sweep.execution.executors import Executor, Sink
from bitjaru.sweep.execution.worker import Task

if TYPE_CHECKING:
    from bitjaru.sweep.execution.engines import Surroundings

SECONDS_TO_ANSWER = 5.0
OWN = "local"  # without it Ray would join whatever runs on this machine
Share = Annotated[float, Field(ge=0)]


@part
class RayCluster:
    """Workers on the nodes of a Ray cluster.

    Attributes:
        address: Of its head; `auto` for the cluster that this machine belongs to, null for one of its own.
        cpus: Of each trial.
        gpus: Of each trial; a share lets several use one.
        trials_per_worker: Then the process is replaced; None: once its memory has grown.
        runtime_env: Ray's runtime environment for the nodes; null where they have what this machine has.
    """

    address: str | None
    cpus: Annotated[float, Field(gt=0)]
    gpus: Share
    trials_per_worker: PositiveInt | None
    runtime_env: dict[str, Any] | None

    composes = False

    def start(self, surroundings: "Surroundings", sink: Sink) -> Executor:
        """Joins the cluster, and asks it for workers.

        Raises:
            ConfigError: If Ray is not installed, or there is no cluster.
        """
        try:
            import ray
        except ImportError as error:
            raise ConfigError(
                "hydra/sweeper/executor=ray needs Ray. Received: it is not installed. Install the extra: "
                "pip install 'bitjaru[ray]'."
            ) from error
        from bitjaru.sweep.execution.cluster.nodes import Nodes
        from bitjaru.sweep.execution.engines import task_of

        self._check_address()
        try:
            ray.init(
                address=self.address or OWN,
                runtime_env=self.runtime_env,
                log_to_driver=False,
                logging_level=logging.ERROR,
                include_dashboard=False if self.address is None else None,
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise self._not_there(str(error).splitlines()[0]) from error
        task = task_of(surroundings)
        return Nodes(
            Task(task.runner, surroundings.elsewhere or task.warm_up, task.program),
            sink,
            workers=surroundings.n_jobs,
            trials_per_worker=self.trials_per_worker,
            resources={"num_cpus": self.cpus, "num_gpus": self.gpus},
        )

    def _check_address(self) -> None:
        """Knocks at an address: Ray itself would try for minutes."""
        host, _, port = (self.address or "").rpartition(":")
        if not host or not port.isdigit() or "://" in host:
            return
        try:
            socket.create_connection((host, int(port)), timeout=SECONDS_TO_ANSWER).close()
        except OSError as error:
            raise self._not_there(str(error)) from error

    def _not_there(self, why: str) -> ConfigError:
        return ConfigError(
            "`hydra.sweeper.executor.address` must be that of a Ray cluster that runs. Received: "
            f"{self.address} ({why}). Start one with `ray start --head`; where it asks for a token, set "
            "RAY_AUTH_MODE=token; or set the address to null for one on this machine."
        )

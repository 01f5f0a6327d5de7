"""One job of Hydra's: what the composed config, Hydra's folder and the command line say is run as one experiment."""

from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from bitjaru.command_line import say_error
from bitjaru.errors import BitjaruError
from bitjaru.runs import single_run
from bitjaru.runs.grid_folder import CHECKPOINT
from bitjaru.runs.record import Request


def run_job(config: DictConfig) -> float | None:
    """Runs the job that Hydra has composed.

    Returns:
        The validation objective; None where there is no validation part. Never a figure of the test part.

    Raises:
        BitjaruError: If the run failed.
    """
    hydra = HydraConfig.get()
    in_sweep = hydra.mode == RunMode.MULTIRUN
    folder = Path(hydra.runtime.output_dir)
    request = Request(
        config=config,
        folder=folder,
        number=hydra.job.num if in_sweep else None,
        choices={
            group: str(option)
            for group, option in hydra.runtime.choices.items()
            if option is not None and not group.startswith("hydra/")
        },
        overrides=list(hydra.overrides.task),
        resume=in_sweep and (folder / CHECKPOINT).exists(),
    )
    try:
        return single_run.run(request).objective
    except BitjaruError as error:
        if in_sweep:
            say_error(error)  # the sweep goes on, and would only count it
        raise

"""One job of a plain Hydra program, in a process that runs many.

`hydra.core.utils.run_job` copies the config four times and writes YAML in Python, which is most of what a short job
takes. Here the config is copied once for whoever asks `HydraConfig`, and libyaml writes; all that a program, a callback
or a reader of the job's folder can see is the same. `tests/sweep/execution/test_hydra_job.py` holds it to Hydra's.
"""

import copy
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

from bitjaru.yaml_text import as_yaml


def packed(config: Any) -> bytes:
    """Returns a config as it goes to another process; to pack and unpack it is also the quickest copy."""
    return bytes(ForkingPickler.dumps(config))


def run_job(function: Callable[..., Any], config: bytes, folder: Path) -> Any:
    """Runs a program's task function as Hydra's launchers do.

    Args:
        function: Gets the config without Hydra's own node.
        config: Of the job, with that node, `packed`.
        folder: Of the job, on this machine; absolute.

    Returns:
        Hydra's `JobReturn`; an exception of the function's is in it.
    """
    from hydra._internal.callbacks import Callbacks
    from hydra.core.hydra_config import HydraConfig
    from hydra.core.utils import JobRuntime, _flush_loggers, configure_log, env_override

    whole, own = _unpacked(config, folder)
    hydra = whole.hydra
    JobRuntime.instance().set("name", hydra.job.name)
    callbacks = Callbacks(whole)
    folder.mkdir(parents=True, exist_ok=True)
    with _asked(whole), _working_in(folder if _changes_folder(hydra) else Path.cwd()):
        asked: Any = HydraConfig.instance().cfg
        answer = _unanswered(own, asked)
        configure_log(hydra.job_logging, hydra.verbose)
        if hydra.output_subdir is not None:
            _record(folder / hydra.output_subdir, own, asked)
        with env_override(hydra.job.env_set):
            callbacks.on_job_start(config=whole, task_function=function)
            _call(function, answer)
        _flush_loggers()
        callbacks.on_job_end(config=whole, job_return=answer)
    configure_log(hydra.hydra_logging, hydra.verbose)  # the job had its own
    return answer


def _unpacked(config: bytes, folder: Path) -> tuple[Any, Any]:
    """Returns the config, and the program's own part of it."""
    from omegaconf import open_dict, read_write

    whole, own = ForkingPickler.loads(config), ForkingPickler.loads(config)
    with read_write(whole.hydra), open_dict(whole.hydra):  # a node has a folder of its own
        whole.hydra.sweep.dir, whole.hydra.sweep.subdir = str(folder.parent), folder.name
        whole.hydra.runtime.output_dir = str(folder)
    with read_write(own), open_dict(own):
        del own["hydra"]
    return whole, own


def _unanswered(own: Any, asked: Any) -> Any:
    """Returns Hydra's record of a job that has not been called yet, in the folder that it will work in."""
    from hydra.core.utils import JobReturn, JobRuntime
    from omegaconf import OmegaConf

    return JobReturn(
        overrides=OmegaConf.to_container(asked.hydra.overrides.task),  # type: ignore[arg-type]
        cfg=own,
        hydra_cfg=copy.deepcopy(asked) if asked.hydra.callbacks else None,  # nobody else sees it
        working_dir=str(Path.cwd()),
        task_name=JobRuntime.instance().get("name"),
    )


def _call(function: Callable[..., Any], answer: Any) -> None:
    from hydra.core.utils import JobStatus

    try:
        answer.return_value, answer.status = function(answer.cfg), JobStatus.COMPLETED
    except Exception as error:
        answer.return_value, answer.status = error, JobStatus.FAILED


def _changes_folder(hydra: Any) -> bool:
    from hydra import version

    asked = hydra.job.chdir
    return not version.base_at_least("1.2") if asked is None else bool(asked)


@contextmanager
def _asked(config: Any) -> Iterator[None]:
    """Lets `HydraConfig` and `${hydra:…}` answer from a config."""
    from hydra.core.hydra_config import HydraConfig

    before = HydraConfig.instance().cfg
    HydraConfig.instance().set_config(config)
    try:
        yield
    finally:
        HydraConfig.instance().cfg = before


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _record(folder: Path, own: Any, hydra: Any) -> None:
    """Writes what Hydra keeps of a job."""
    from omegaconf import OmegaConf

    folder.mkdir(parents=True, exist_ok=True)
    for name, node in {"config": own, "hydra": hydra, "overrides": hydra.hydra.overrides.task}.items():
        content = OmegaConf.to_container(node, resolve=False, enum_to_str=True)
        (folder / f"{name}.yaml").write_text(as_yaml(content), encoding="utf-8")

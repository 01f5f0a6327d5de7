"""Runs jobs of a program as Hydra's launchers do, or as a worker does, and writes down all that can be seen of each.

python one_job.py hydra|worker FOLDER
"""

import json
import logging
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hydra import compose, initialize
from hydra._internal.callbacks import Callbacks
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobRuntime, configure_log, run_job, setup_globals
from hydra.experimental.callback import Callback
from hydra.types import HydraContext
from omegaconf import OmegaConf, open_dict, read_write

from bitjaru.sweep.execution import hydra_job

TEXTS = {
    "like_a_number": ["1e-3", "007", "1_000", "0x1F", "-.5", "nan", "1:30", "12"],
    "like_a_word": ["yes", "Off", "n", "null", "~", "true"],
    "others": ["한국어 리뷰", "a: b", "# no comment", " leading", "", "- x", "'", '"', "line\nline\n", "2026-01-01"],
    "beyond_16_bits": "😀",
    "long": " ".join(["a line that is folded"] * 12),
    "values": [1, 1.5, 1e-7, None, True, float("inf")],
    "asks": "${x} ${hydra:job.num} ${oc.env:HOME}",
}
CALLED = "hydra.callbacks={a: {_target_: __main__.Hearing}}"
CASES: dict[str, tuple[str, ...]] = {
    "plain": (),
    "in_its_folder": ("hydra.job.chdir=true",),
    "without_a_record": ("hydra.output_subdir=null",),
    "recorded_elsewhere": ("hydra.output_subdir=kept/here",),
    "with_variables": ("+hydra.job.env_set={OF_THE_JOB: here, HOME: /nowhere}",),
    "with_a_callback": (f"+{CALLED}",),
    "failing": ("x=-1", f"+{CALLED}"),
    "stopped": ("x=-2",),
    "verbose": ("hydra.verbose=true",),
    "verbose_in_part": ("hydra.verbose=[of_the_job]",),
    "without_logging": ("hydra/job_logging=none",),
    "silent": ("hydra/job_logging=disabled",),
}
seen: dict[str, Any] = {}
log = logging.getLogger("of_the_job")


@dataclass
class Config:
    """A structured config: its type stays with it."""

    x: float = 0.0
    texts: dict[str, Any] = field(default_factory=lambda: dict(TEXTS))


def described(config: Any) -> dict[str, Any]:
    return {
        "values": OmegaConf.to_container(config, resolve=False, enum_to_str=True),
        "type": str(OmegaConf.get_type(config)),
        "struct": OmegaConf.is_struct(config),
        "read only": OmegaConf.is_readonly(config),
    }


def surroundings() -> dict[str, Any]:
    return {
        "folder": str(Path.cwd()),
        "variables": [os.environ.get(name) for name in ("OF_THE_JOB", "HOME")],
        "hydra": described(HydraConfig.get()),
        "level": [logging.getLogger(name).level for name in ("", "of_the_job")],
        "handlers": [type(handler).__name__ for handler in logging.getLogger().handlers],
    }


class Hearing(Callback):
    def on_job_start(self, config: Any, *, task_function: Any, **_: Any) -> None:
        seen["start"] = [described(config), task_function.__name__, surroundings()]

    def on_job_end(self, config: Any, job_return: Any, **_: Any) -> None:
        logs = [path.read_text().count("\n") for path in Path(config.hydra.runtime.output_dir).glob("*.log")]
        parts = [described(config), described(job_return.cfg), described(job_return.hydra_cfg)]
        asked = OmegaConf.to_container(job_return.hydra_cfg, resolve=True, enum_to_str=True)
        named = [job_return.overrides, job_return.working_dir, job_return.task_name, job_return.status.name]
        seen["end"] = [*parts, asked, *named, repr(job_return._return_value), logs, surroundings()]


def task(config: Any) -> float:
    seen["task"] = [described(config), surroundings(), OmegaConf.to_container(config, resolve=True)]
    log.debug("a detail")
    log.info("a line")
    print("a word")  # noqa: T201
    config.x += 1  # a program may change what it got
    if config.x == 0:
        raise ValueError("x is too small")
    if config.x < 0:
        raise RuntimeError("stopped")
    return float(config.x)


def composed(folder: Path, number: int, overrides: tuple[str, ...]) -> Any:
    with initialize(version_base="1.3", config_path=None):
        config = compose("config", ["x=1.5", "hydra.run.dir=without_the_time", *overrides], return_hydra_config=True)
    with read_write(config.hydra), open_dict(config.hydra):
        config.hydra.sweep.dir, config.hydra.sweep.subdir = str(folder.parent), folder.name
        config.hydra.job.num, config.hydra.job.id, config.hydra.job.name = number, str(number), "one_job"
        config.hydra.runtime.output_dir = str(folder)
    return config


def by_hydra(config: Any) -> Any:
    JobRuntime.instance().set("name", config.hydra.job.name)
    loader: Any = None
    context = HydraContext(config_loader=loader, callbacks=Callbacks(config))
    answer = run_job(
        task_function=task,
        config=config,
        job_dir_key="hydra.sweep.dir",
        job_subdir_key="hydra.sweep.subdir",
        hydra_context=context,
    )
    configure_log(config.hydra.hydra_logging, config.hydra.verbose)
    return answer


def main(way: str, root: Path) -> None:
    setup_globals()
    ConfigStore.instance().store(name="config", node=Config)
    for number, (name, overrides) in enumerate(CASES.items()):
        seen.clear()
        folder = root / name
        config = composed(folder, number, overrides)
        HydraConfig.instance().set_config(config)  # as of the search, beside
        answer = by_hydra(config) if way == "hydra" else hydra_job.run_job(task, hydra_job.packed(config), folder)
        seen["answer"] = [answer.status.name, repr(answer._return_value), answer.working_dir, answer.overrides]
        seen["after"] = surroundings()
        (root / f"{name}.json").write_text(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

"""A small Hydra program with two models, for searches from the command line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CONF = Path(__file__).resolve().parents[2] / "conf"
FILES = {
    "conf/config.yaml": """
defaults:
  - _self_
  - model: small
  - method: plain
x: 1.0
seed: 5
hydra:
  sweep:
    dir: sweeps_of_this_program
""",
    "conf/model/small.yaml": "units: 4\ndropout: 0.1\n",
    "conf/model/large.yaml": "units: 64\nlayers: 2\ninner:\n  width: 3\n",
    "conf/model/bare.yaml": "bias: true\n",
    "conf/model/space/small.yaml": "units: choice(4, 8)\ndropout: interval(0.0, 0.5)\n",
    "conf/model/space/large.yaml": """
units: choice(64, 128, 256)
layers: int(interval(1, 3))
inner.width: range(3, 9, 2)
""",
    "conf/method/plain.yaml": "rate: 0.1\n",
    "conf/method/space/plain.yaml": "rate: tag(log, interval(1e-4, 1e-1))\n",
    "app.py": """
import hydra
import platform_of_app  # the platform that the sweep is told of

@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(config):
    return (config.x - 2) ** 2

if __name__ == "__main__":
    main()
""",
    "platform_of_app.py": """
import contextlib
import os
import time
from pathlib import Path
from bitjaru.sweep.execution.jobs import Result

WARM = Path("a_worker_is_warm")

def warm_up():
    WARM.touch()

def run(job, reporter):
    reporter.remember("run_id", f"run-{job.number}")
    if os.environ.get("DIES_AT") == str(job.number):
        os.kill(os.getppid(), int(os.environ.get("SIGNAL", "9")))
    x = job.config["x"]
    for epoch in (1, 2, 3):
        if reporter.report(epoch, (x - 2) ** 2 + 3 - epoch):
            return Result((), pruned=True)
    return Result(((x - 2) ** 2,))

class Platform:
    runner = "platform_of_app:run"
    warm_up = "platform_of_app:warm_up"
    elsewhere = None
    def directions(self, config): return ("minimize",)
    def data(self, config): return os.environ.get("DATA", "d1")
    def code(self): return os.environ.get("CODE", "c1")
    def __init__(self): self.heard = []
    def begin(self, study, folder): self.heard.append("begin")
    def broken_off(self, error): print("broken off by", type(error).__name__)
    @contextlib.contextmanager
    def prepared(self, configs, folder):
        self.heard.append(f"prepare {len(configs)}")
        until = time.monotonic() + float(os.environ.get("PREPARES_UNTIL_WARM", "0"))
        while time.monotonic() < until and not WARM.exists():
            time.sleep(0.05)
        if "PREPARES_UNTIL_WARM" in os.environ:
            self.heard.append(f"a worker is warm: {WARM.exists()}")
        yield
    def seconds_per_trial(self, config): return config["model"].get("units", 2) * 1.0
    def finish(self, study, folder):
        self.heard.append("finish")
        Path(folder, "heard").write_text("\\n".join(self.heard))
    def started(self, job): self.heard.append(f"started {job.number}")
    def reported(self, number, epoch, value): pass
    def ended(self, ended): self.heard.append(f"{ended.state} {ended.job.number} {ended.notes['run_id']}")
""",
}


def write(folder: Path) -> Path:
    """Writes the program, with the project's own sweeper options."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    shutil.copytree(CONF / "hydra" / "sweeper", folder / "conf" / "hydra" / "sweeper")
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [
            sys.executable,
            "app.py",
            "-m",
            "hydra/sweeper=optuna",
            "hydra.sweeper.platform=platform_of_app:Platform",
            "hydra.sweeper.plots=false",
            "hydra.sweeper.compare_within=[model]",
            *arguments,
        ],
        cwd=folder,
        env={**os.environ, "BITJARU_HOME": str(folder), "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def plain(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Starts the program as its own config says."""
    command = [sys.executable, "app.py", "-m", *arguments]
    environment = {**os.environ, "BITJARU_HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

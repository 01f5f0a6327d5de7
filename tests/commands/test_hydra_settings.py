"""An experiment file of a stranger tells Hydra nothing but what a run needs: what else it names is never called."""

import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf
from test_targets import callables

from bitjaru.commands.hydra_settings import OF_LOGS, check, complaint
from bitjaru.errors import ConfigError

REFUSED = "Nothing of it was imported"


def test_what_the_project_itself_says_passes(home: Path) -> None:
    from hydra import compose, initialize_config_dir

    from bitjaru.configuration import register_resolvers

    register_resolvers()
    for sweeper in ("grid", "optuna", "basic"):
        with initialize_config_dir(str(home / "conf"), version_base="1.3"):
            config = compose("config", overrides=[f"hydra/sweeper={sweeper}"], return_hydra_config=True)
        check(config.hydra)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_callable_of_the_standard_library_is_called_for_hydra() -> None:
    passed = []
    names = list(callables())
    assert len(names) > 3_000
    for name in names:
        for place, key, value in (
            ("hydra.callbacks.a", "_target_", name),
            ("hydra.launcher", "_target_", name),
            ("hydra.job_logging.handlers.a", "class", name),
            ("hydra.job_logging.formatters.a", "()", name),
            ("hydra.hydra_logging.handlers.a", "stream", f"ext://{name}"),
        ):
            if complaint(place, key, value) is None:
                passed.append((key, name))
    assert {name for _, name in passed} == OF_LOGS & set(names)


@pytest.mark.parametrize(
    "text",
    [
        "callbacks: {a: {_target_: os.makedirs, name: made}}",
        "callbacks: {a: {inner: [{_target_: os.makedirs, name: made}]}}",
        "callbacks: {a: {_target_: functools.partial, _partial_: true}}",
        "callbacks: ${elsewhere}",
        "callbacks: {a: '${elsewhere.a}'}",
        "callbacks: {a: {_target_: '${elsewhere.a._target_}'}}",
        "callbacks: {a: {_target_: '${oc.env:TARGET}'}}",
        "launcher: {_target_: hydra_pluginsque.Evil}",
        "job_logging: {handlers: {a: {class: logging.handlers.SocketHandler, host: example.org}}}",
        "job_logging: {handlers: {a: {class: logging.config.listen}}}",
        "job_logging: {handlers: {a: {class: logging.StreamHandler, stream: 'ext://os.system'}}}",
        "job_logging: {handlers: {a: {class: logging.StreamHandler, stream: 'cfg://handlers'}}}",
        "job_logging: {filters: {a: {(): os.makedirs, name: made}}}",
        "job: {env_set: {PYTHONPATH: /tmp}}",
        "job: {env_set: {LD_PRELOAD: /tmp/evil.so}}",
        "job: {env_set: {JAVA_TOOL_OPTIONS: '-javaagent:/tmp/evil.jar'}}",
    ],
)
def test_what_would_have_something_else_called_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET", "os.makedirs")
    config = OmegaConf.create({"elsewhere": {"a": {"_target_": "os.makedirs", "name": "made"}}})
    config.hydra = OmegaConf.create(text)
    with pytest.raises(ConfigError, match=REFUSED):
        check(config.hydra)


@pytest.mark.parametrize("mode", [[], ["seed=1,2", "-m"], ["sweeps=architectures", "hydra.sweeper.n_trials=1"]])
def test_an_experiment_file_makes_no_folder(mode: list[str], home: Path, tmp_path: Path) -> None:
    (home / "conf").unlink()
    (home / "conf" / "experiment").mkdir(parents=True)
    lines = [
        "# @package _global_",
        "hydra:",
        "  callbacks:",
        f"    a: {{_target_: os.makedirs, name: {tmp_path / 'made'}}}",
    ]
    (home / "conf" / "experiment" / "gift.yaml").write_text("\n".join(lines) + "\n")
    command = [sys.executable, "-m", "bitjaru.commands.train", "experiment=gift", "tracking=off", *mode]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert "`hydra.callbacks.a._target_` must name a plugin" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "made").exists()

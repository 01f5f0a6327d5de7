"""A job in a worker beside the same job as Hydra runs it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from sweep.execution.one_job import CASES

from bitjaru.yaml_text import as_yaml

TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Returns the folder of Hydra's jobs and that of the worker's."""
    folder, script = tmp_path_factory.mktemp("jobs"), Path(__file__).with_name("one_job.py")
    for way in ("hydra", "worker"):
        (folder / way).mkdir()
        command = [sys.executable, str(script), way, str(folder / way)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        (folder / way / "said.log").write_text(done.stdout)
    return folder / "hydra", folder / "worker"


def texts(root: Path, case: str) -> dict[str, str]:
    """Returns the files of a job, without the name of its folder and the time."""
    files = [path for path in (root / case).rglob("*") if path.is_file()]
    return {
        str(path.relative_to(root)): TIME.sub("", path.read_text()).replace(str(root), "ROOT")
        for path in [*files, root / f"{case}.json"]
    }


@pytest.mark.parametrize("case", CASES)
def test_a_job_sees_and_leaves_what_it_does_under_hydra(case: str, both: tuple[Path, Path]) -> None:
    theirs, ours = (texts(root, case) for root in both)
    assert ours.keys() == theirs.keys()
    for name, text in ours.items():
        read = json.loads if name.endswith(".json") else yaml.safe_load if name.endswith(".yaml") else str
        assert read(text) == read(theirs[name]), name


def test_the_cases_are_what_they_say(both: tuple[Path, Path]) -> None:
    """Two that are equal may both be empty."""
    _, ours = both
    seen = {case: json.loads((ours / f"{case}.json").read_text()) for case in CASES}
    assert {path.name for path in (ours / "plain").rglob("*.yaml")} == {"config.yaml", "hydra.yaml", "overrides.yaml"}
    assert (ours / "plain" / "one_job.log").read_text().count("a line") == 1
    assert seen["plain"]["task"][0]["type"] == "<class '__main__.Config'>"
    assert not list((ours / "without_a_record").rglob("*.yaml"))
    assert seen["in_its_folder"]["task"][1]["folder"] == str(ours / "in_its_folder")
    assert seen["in_its_folder"]["after"]["folder"] == str(ours.parent)
    assert seen["with_variables"]["task"][1]["variables"] == ["here", "/nowhere"]
    assert seen["with_variables"]["after"]["variables"][0] is None
    assert {"start", "task", "end"} < seen["with_a_callback"].keys()
    assert seen["failing"]["answer"][:2] == ["FAILED", "ValueError('x is too small')"]


def test_all_that_is_written_to_the_terminal_is_the_same(both: tuple[Path, Path]) -> None:
    theirs, ours = (TIME.sub("", (root / "said.log").read_text()) for root in both)
    assert ours == theirs
    assert ours.count("a word") == len(CASES)


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
TEXTS = st.text().filter(lambda text: "$" not in text)  # no interpolations


@settings(max_examples=40)
@example(["1e-3", "1_000", "yes", "Off", "007", "nan"])
@given(st.lists(VALUES | TEXTS | st.from_regex(r"[-+.0-9_eExb:nayosNYT]{1,6}", fullmatch=True), max_size=8))
def test_omegaconf_reads_what_was_written(content: list[object]) -> None:
    assert OmegaConf.create(as_yaml({"a": content})).a == content

from pathlib import Path

import pytest

from bitjaru import project

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BITJARU_HOME", "BITJARU_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


def test_home_is_the_project_at_or_above_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT / "src" / "bitjaru")
    assert project.home() == CHECKOUT
    mine = tmp_path / "mine"
    (mine / "conf").mkdir(parents=True)
    (mine / "deeper").mkdir()
    monkeypatch.chdir(mine / "deeper")
    assert project.home() == mine / "deeper"  # a folder with a conf/ is no project yet
    (mine / "train.py").write_text("from bitjaru.commands.train import main\n")
    assert project.home() == mine


def test_whichever_environment_it_is_installed_in_has_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert project.home() == tmp_path
    assert (project.conf() / "config.yaml").samefile(CHECKOUT / "conf" / "config.yaml")
    assert project.typed(["seed=1"]) == ["bitjaru", "train", "seed=1"]


def test_home_can_be_named_and_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BITJARU_HOME", "here")
    assert project.home() == tmp_path / "here"
    assert project.store() == tmp_path / "here" / "mlruns"


def test_home_knows_the_users_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITJARU_HOME", "~/reviews")
    assert project.home() == Path.home().resolve() / "reviews"


def test_an_empty_name_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITJARU_HOME", "")
    monkeypatch.setenv("BITJARU_CACHE", "")
    assert project.home() == CHECKOUT
    assert project.cache() == Path.home() / ".cache" / "bitjaru"


def test_the_cache_is_named_or_stands_in_the_users_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.cache() == Path.home() / ".cache" / "bitjaru"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert project.cache() == tmp_path / "bitjaru"
    monkeypatch.setenv("BITJARU_CACHE", str(tmp_path / "mine"))
    assert project.cache() == tmp_path / "mine"


@pytest.mark.parametrize("name", ["plain", "with space", "it's", "back\\slash", "both\\'", "end\\", "한글 [a,b]=${x}"])
def test_a_quoted_path_is_read_back_by_hydra(name: str) -> None:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    (parsed,) = OverridesParser.create().parse_overrides([f"key={project.quoted(Path('/a') / name)}"])
    assert str(parsed.value()) == f"/a/{name}"


def test_a_trial_of_a_ready_made_search_is_run_once() -> None:
    assert project.one_run(["seed=1"]) == ["seed=1"]
    assert project.one_run(["sweeps=best", "seed=1"]) == ["sweeps=best", "seed=1", "hydra.mode=RUN"]


@pytest.mark.parametrize(
    "overrides",
    [
        ["architecture=gru", "seed=1"],
        ["dataset=file", "dataset.path='my reviews=2024 (1).csv'", "~tracking", "+a.b=c"],
        ["dataset.path=my reviews.csv", "dataset.classes=[나쁨, 아주 좋음]", "hydra.sweeper.x={a: 1, b: [2, 3]}"],
        [
            "dataset.path='it\\'s [mine.csv'",
            'model.name="a \\"b=c"',
            "architecture/view@architecture.views=[tokens, ngrams]",
        ],
        ["dataset.labels={'1': negative, '5': positive}", "seed=2"],
        [],
    ],
)
def test_overrides_that_were_joined_by_spaces_come_apart_as_they_were(overrides: list[str]) -> None:
    assert project.overrides_in(" ".join(overrides)) == overrides

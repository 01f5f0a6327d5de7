"""Each check of the gate, passing and failing."""

import pickle
import zipfile
from pathlib import Path

import pytest

from bitjaru.errors import BundleError
from bitjaru.promotion.checks import TO_PROMOTE, TO_REGISTER
from bitjaru.promotion.checks.clean import clean
from bitjaru.promotion.checks.not_worse import not_worse
from bitjaru.promotion.checks.same_ground import same_ground
from bitjaru.promotion.checks.same_model import same_model
from bitjaru.promotion.checks.worth_its_cost import affordable, not_worse_than_linear
from promotion.judged import TEXTS, Judged, Model, answers, gate, run


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return Model(tmp_path)


def beside(tmp_path: Path, right: int, **changes: object) -> Model:
    return Model(tmp_path, kept={"test": answers(right)}, **changes)  # type: ignore[arg-type]


def test_the_same_answers_in_a_fresh_process_pass(model: Model) -> None:
    check = same_model(Judged(model).evidence())
    assert (check.result, check.figure) == ("pass", "0.0e+00 on 256 rows")


def test_answers_that_moved_by_more_than_the_tolerance_fail(model: Model) -> None:
    model.drift = 2e-5
    assert same_model(Judged(model).evidence()).result == "fail"


def test_too_few_golden_rows_fail_and_the_note_says_how_to_get_more(model: Model) -> None:
    model.golden_rows = 199
    check = same_model(Judged(model).evidence())
    assert (check.result, check.figure) == ("fail", "0.0e+00 on 199 rows")
    assert "dataset.test.fraction" in check.note


def test_golden_rows_of_another_part_than_the_test_part_fail(model: Model) -> None:
    check = same_model(Judged(model, run=run(rows={"train": 80})).evidence())
    assert (check.result, check.figure) == ("fail", "0.0e+00 on 256 rows of the train part")
    assert "no test part. Train with one: `dataset.test.fraction=0.2`" in check.note


def test_the_same_data_and_split_pass(tmp_path: Path, model: Model) -> None:
    check = same_ground(Judged(model, beside(tmp_path, 200)).evidence())
    assert (check.result, "100.0% of rows shared" in check.figure) == ("pass", True)


@pytest.mark.parametrize("other", [{"data_sha256": "e03b7d14e9e4"}, {"test_split": "tenth"}])
def test_other_data_or_another_split_fails_and_names_the_way_on(tmp_path: Path, model: Model, other: object) -> None:
    check = same_ground(Judged(model, beside(tmp_path, 200, **other)).evidence())  # type: ignore[arg-type]
    assert (check.result, "--new-data" in check.note) == ("fail", True)


def test_the_same_files_and_split_with_other_rows_are_another_ground(tmp_path: Path, model: Model) -> None:
    champion = Model(tmp_path, kept={"test": answers(100, [f"다른 {text}" for text in TEXTS[:60]] + TEXTS[60:])})
    refused = same_ground(Judged(model, champion).evidence())
    assert refused.result == "fail"
    assert "Only 85.0% of the test reviews are the same. `--new-data`" in refused.note
    passed = same_ground(Judged(model, champion, new_data=True, anew=answers(200)).evidence())
    assert (passed.result, "may have learned from some" in passed.note) == ("pass", True)


def test_new_data_passes_when_the_champion_was_evaluated_on_it(tmp_path: Path, model: Model) -> None:
    judged = Judged(model, beside(tmp_path, 0, data_sha256="other"), new_data=True, anew=answers(200))
    assert same_ground(judged.evidence()).result == "pass"
    assert not_worse(judged.evidence()).result == "pass"


def test_a_champion_that_kept_no_answers_fails_until_it_is_asked_anew(tmp_path: Path, model: Model) -> None:
    check = same_ground(Judged(model, Model(tmp_path, kept={})).evidence())
    assert (check.result, "kept no answers" in check.note) == ("fail", True)
    again = Judged(model, Model(tmp_path, kept={}), new_data=True, anew=answers(200)).evidence()
    assert {same_ground(again).result, not_worse(again).result} == {"pass"}


def test_a_champion_whose_files_are_gone_is_a_reason_and_no_crash(tmp_path: Path, model: Model) -> None:
    class Gone(Model):
        def split(self) -> dict[str, str]:
            raise BundleError("A stored model's files must exist. Received: /gone.")

    check = same_ground(Judged(model, Gone(tmp_path)).evidence())
    assert (check.result, "cannot be read" in check.note) == ("fail", True)


def test_data_without_a_test_part_fails_and_says_how_to_get_one(tmp_path: Path) -> None:
    evidence = Judged(Model(tmp_path, kept={}), run=run(rows={"train": 80})).evidence()
    assert {check(evidence).result for check in (same_model, same_ground, not_worse)} == {"fail"}
    assert all("dataset.test.fraction" in check(evidence).note for check in (same_model, same_ground))
    assert not_worse_than_linear(evidence).result == "fail"


def test_a_first_champion_of_a_task_that_keeps_no_answers_passes_and_a_second_cannot_be_compared(
    tmp_path: Path,
) -> None:
    first = Judged(Model(tmp_path, kept={})).evidence()
    assert {same_ground(first).result, not_worse(first).result} == {"pass"}
    second = Judged(Model(tmp_path, kept={}), Model(tmp_path, kept={})).evidence()
    assert {same_ground(second).result, not_worse(second).result} == {"fail"}
    assert "keeps no answers review by review" in same_ground(second).note


@pytest.mark.parametrize(("right", "standing", "result"), [(340, "better", "pass"), (260, "worse", "fail")])
def test_a_difference_that_the_paired_test_finds_decides(
    tmp_path: Path, right: int, standing: str, result: str
) -> None:
    check = not_worse(Judged(beside(tmp_path, right), beside(tmp_path, 300)).evidence())
    assert check.figure.startswith(f"{standing}: ")
    assert check.result == result
    assert "McNemar" in check.note


@pytest.mark.parametrize(
    ("cheaper", "result"),
    [({}, "fail"), ({"megabytes": 8.0}, "pass"), ({"batch": 0.5}, "pass"), ({"megabytes": 9.5, "batch": 0.95}, "fail")],
)
def test_a_tie_passes_only_if_smaller_or_faster(tmp_path: Path, cheaper: dict[str, float], result: str) -> None:
    judged = Judged(beside(tmp_path, 301, **cheaper), beside(tmp_path, 300))
    check = not_worse(judged.evidence())
    assert check.figure.startswith("tie: ")
    assert check.result == result


@pytest.mark.parametrize(
    ("right", "demand", "result"),
    [
        (340, "warn", "pass"),
        (302, "require", "pass"),
        (200, "warn", "warning"),
        (200, "require", "fail"),
        (0, "off", "pass"),
    ],
)
def test_what_is_worse_than_the_linear_model_is_refused_or_warned_of(
    tmp_path: Path, right: int, demand: str, result: str
) -> None:
    judged = Judged(beside(tmp_path, right), linear=answers(300), gate=gate(f"gate.baseline={demand}"))
    check = not_worse_than_linear(judged.evidence())
    assert check.result == result
    if result in {"warning", "fail"}:
        assert f"{(right - 300) / 4:+.2f} points" in check.figure
        assert "`architecture=linear`" in check.note


@pytest.mark.parametrize(
    ("cost", "allowing"),
    [
        ({}, ""),
        ({"megabytes": 500.2}, "gate.megabytes=501"),
        ({"single": 501}, "gate.single_milliseconds=501"),
        ({"batch": 11, "megabytes": 600.0}, "gate.megabytes=600 gate.batch_milliseconds=11"),
    ],
)
def test_size_and_time_have_a_budget(tmp_path: Path, cost: dict[str, float], allowing: str) -> None:
    check = affordable(Judged(beside(tmp_path, 300, **cost)).evidence())
    assert check.result == ("fail" if allowing else "pass")
    assert (f"To allow it: `{allowing}`." in check.note) == bool(allowing)


def test_a_run_of_which_all_is_known_is_clean(model: Model) -> None:
    check = clean(Judged(model).evidence())
    assert check.result == "pass"
    assert check.figure == "FINISHED, chosen by valid_accuracy, commit abc clean"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"status": "KILLED"}, "The run is KILLED"),
        ({"judges": ["valid_accuracy", "test_loss"]}, "by the test part: test_loss"),
        ({"judges": ["milliseconds_per_review", "test"]}, "by the test part: test"),
        ({"tags": {}}, "state of git is not recorded"),
        ({"licences": []}, "licence of the data is not noted"),
        ({"licences": ["CC0", ""]}, "licence of the data is not noted"),
    ],
)
def test_what_is_not_clean_is_named(model: Model, changes: dict[str, object], fault: str) -> None:
    check = clean(Judged(model, run=run(**changes)).evidence())
    assert check.result == "fail"
    assert fault in check.note


@pytest.mark.parametrize(
    "tags", [{"git": "no repository"}, {"mlflow.source.git.commit": "a", "mlflow.source.git.dirty": "true"}]
)
def test_code_that_no_commit_holds_is_a_warning_or_a_refusal(model: Model, tags: dict[str, str]) -> None:
    assert clean(Judged(model, run=run(tags=tags)).evidence()).result == "warning"
    assert clean(Judged(model, run=run(tags=tags), gate=gate("gate.git=require")).evidence()).result == "fail"


def test_the_figure_tells_commit_and_dirt(model: Model) -> None:
    dirty = {"mlflow.source.git.commit": "7de0e9967285a43c", "mlflow.source.git.dirty": "true"}
    assert clean(Judged(model, run=run(tags=dirty)).evidence()).figure.endswith("commit 7de0e996 dirty")
    assert clean(Judged(model, run=run(tags={"git": "no repository"})).evidence()).figure.endswith("git: no repository")


def test_a_run_of_which_nobody_knows_how_it_was_chosen_is_a_warning(model: Model) -> None:
    assert clean(Judged(model, run=run(judges=[])).evidence()).result == "warning"


def test_a_figure_whose_name_only_contains_the_letters_is_none_of_the_test_part(model: Model) -> None:
    assert clean(Judged(model, run=run(judges=["latest_loss", "valid_contest"])).evidence()).result == "pass"


def test_a_validation_part_that_is_the_test_part_is_not_clean(tmp_path: Path) -> None:
    both = answers(300)
    check = clean(Judged(Model(tmp_path, kept={"test": both, "valid": both})).evidence())
    assert (check.result, "holds reviews of the test part" in check.note) == ("fail", True)


def test_pickles_are_found_by_name_by_content_and_inside_archives(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("층", encoding="utf-8")
    assert clean(Judged(Model(tmp_path)).evidence()).result == "pass"
    (tmp_path / "innocent.bin").write_bytes(pickle.dumps([1]))
    (tmp_path / "old").write_bytes(pickle.dumps([1], 0))
    (tmp_path / "model.joblib").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("inside", pickle.dumps([1]))
    note = clean(Judged(Model(tmp_path)).evidence()).note
    assert all(name in note for name in ("innocent.bin", "old", "model.joblib", "model.keras"))


def test_registering_asks_for_less_than_promoting() -> None:
    assert set(TO_REGISTER) < set(TO_PROMOTE)
    assert len(TO_PROMOTE) == 6

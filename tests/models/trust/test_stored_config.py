"""The config of a stranger's model holds values, and looking at it neither reads, calls nor fills the memory."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from bitjaru.configuration import register_resolvers
from bitjaru.errors import BundleError
from bitjaru.models.trust.stored_config import FILE, read_config


def bundle(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


def test_values_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = OmegaConf.create({"dataset": {"classes": ["나쁨", "좋음"], "path": None}, "seed": 42, "share": 0.5})
    assert read_config(bundle(tmp_path, OmegaConf.to_yaml(written))) == written


def test_a_few_lines_do_not_become_a_billion(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(BundleError, match=r"config\.yaml: it repeats `a0`"):
        read_config(bundle(tmp_path, "\n".join(lines)))


def test_what_is_nested_deep_or_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="nested more than 50 times"):
        read_config(bundle(tmp_path, "a: " + "[" * 10_000 + "]" * 10_000))
    with pytest.raises(BundleError, match="larger than 1,048,576 bytes"):
        read_config(bundle(tmp_path, "a: " + "x" * 2_000_000))


@pytest.mark.parametrize("text", ["a: !!python/object/apply:os.mkdir [made]", "a: [", "a: \x00", "- 1", ""])
def test_what_is_no_mapping_of_values_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if text:
        with pytest.raises(BundleError, match="must hold"):
            read_config(bundle(tmp_path / "bundle", text))
    else:
        assert read_config(bundle(tmp_path / "bundle", text)) == {}
    assert not (tmp_path / "made").exists()


def resolvers() -> list[str]:
    register_resolvers()
    return sorted(OmegaConf._get_resolver.__globals__["BaseContainer"]._resolvers)


def test_there_are_resolvers_of_three_kinds() -> None:
    assert {"oc.env", "project", "choose"} <= set(resolvers())


@pytest.mark.parametrize("name", resolvers())
@pytest.mark.parametrize("where", ["a: '{}'", "a: [1, '{}']", "a:\n  b: before {} after"])
def test_no_resolver_is_called(where: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "1234")
    with pytest.raises(BundleError, match="must hold values only"):
        read_config(bundle(tmp_path, where.format(f"${{{name}:SECRET}}")))


def test_another_key_is_no_value_either(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"values only. Received: b"):
        read_config(bundle(tmp_path, "a: 1\nb: ${a}"))


def test_a_model_may_not_bring_its_own_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "train.py").write_text("from bitjaru.commands.train import main\n")
    monkeypatch.setenv("BITJARU_HOME", str(tmp_path))
    text = "architecture:\n  parts:\n  - _target_: {}.evil.Evil\n"
    for name in ("mine", "fetched"):
        (tmp_path / name).mkdir()
    assert read_config(bundle(tmp_path / "fetched" / "deep", text.format("mine")))
    assert read_config(bundle(tmp_path, text.format("bitjaru.architectures")))
    with pytest.raises(BundleError, match=r"names code in `\.`, where the model itself lies"):
        read_config(bundle(tmp_path, text.format("mine")))
    with pytest.raises(BundleError, match="names code in `fetched`, where the model itself lies"):
        read_config(bundle(tmp_path / "fetched" / "deep", text.format("fetched")))

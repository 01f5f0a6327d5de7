"""What `make install` brings: the lock, the ranges that it must keep, and what the code imports."""

import re
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions

import pytest
from imports import CHECKOUT, imports, modules
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

# Needed without being imported: what for.
NOT_IMPORTED = {
    "cmaes": "Optuna's sampler of that name",
    "httptools": "uvicorn reads requests with it",
    "koreanize-matplotlib": "the font file in it draws Korean",
    "konlpy": "the Okt analyser's Java archive in it",
    "openpyxl": "pandas reads Excel files with it",
    "plotly": "Optuna draws its interactive pictures with it",
    "psycopg": "SQLAlchemy reaches PostgreSQL with it",
    "pykomoran": "the Komoran analyser's Java archive in it",
    "uvloop": "uvicorn's loop, where the system has it",
}
OWN = {"bitjaru", "hydra_plugins", "train"}
PYTHONS = ("3.11", "3.12", "3.13")

PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def requirements(lines: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(found.name): found for found in map(Requirement, lines)}


def locked() -> dict[str, str]:
    lines = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def declared() -> dict[str, Requirement]:
    """What `make install` brings; the peers that benchmarks measure against are not part of it."""
    extras = (lines for name, lines in EXTRAS.items() if name != "bench")
    return requirements([*PROJECT["dependencies"], *(line for lines in extras for line in lines)])


def test_the_lock_holds_names_and_exact_versions_and_nothing_else() -> None:
    text = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)] == []


def test_every_dependency_is_locked_inside_its_range() -> None:
    pins = locked()
    wrong = {name: pins.get(name) for name, need in declared().items() if pins.get(name, "") not in need.specifier}
    assert wrong == {}, "Run `make lock`."


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_also_holds_what_its_packages_need_of_each_other(python: str) -> None:
    pins = locked()
    unmet = []
    for name in pins:
        for need in map(Requirement, distribution(name).requires or []):
            environment = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
            wanted = need.marker is None or need.marker.evaluate(environment)
            if wanted and not need.specifier.contains(pins.get(canonicalize_name(need.name), ""), prereleases=True):
                unmet.append(f"{name} needs {need}")
    assert unmet == []


def test_torch_is_not_brought_along() -> None:
    assert "torch" not in locked()


def test_what_the_code_imports_is_declared_and_the_reverse() -> None:
    runtime = set(declared()) - set(requirements(EXTRAS["dev"]))
    providers = packages_distributions()
    found = {item.package for module in modules() for item in imports(module)} - set(sys.stdlib_module_names)
    # Several distributions can fill one package, as mlflow and mlflow-skinny do: one of them is declared.
    imported = {name: {canonicalize_name(provider) for provider in providers.get(name, ())} for name in found - OWN}
    assert sorted(name for name, names in imported.items() if not names & runtime) == [], "Declare them."
    needless = runtime.difference(*imported.values()) - set(NOT_IMPORTED)
    assert needless == set(), "Drop them from pyproject.toml, or say above what they are for."


def test_make_looks_for_the_pythons_that_the_package_allows() -> None:
    allowed = SpecifierSet(PROJECT["requires-python"])
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    low, high = re.findall(r"\((\d+), (\d+)\)", makefile)
    assert (".".join(low), ".".join(high)) == (PYTHONS[0], PYTHONS[-1])
    assert [f"3.{minor}" for minor in range(8, 20) if f"3.{minor}" in allowed] == list(PYTHONS)
    assert all(f"python{python}" in makefile for python in PYTHONS)

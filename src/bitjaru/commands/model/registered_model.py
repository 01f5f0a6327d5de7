"""Finding the model that a command was told of."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bitjaru.models.bundle import Bundle
    from bitjaru.tracking.destination import Tracking
    from bitjaru.tracking.registry.version import Version


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a model's files are.

    Attributes:
        folder: Of the bundle.
        model: Of the MLflow model around it; None where there is only a bundle.
        uri: Of the store.
        source: Where that store keeps the model; empty for one in a folder.
    """

    folder: Path
    model: Path | None = None
    uri: str = ""
    source: str = ""

    @property
    def manifests(self) -> Sequence[Path]:
        """The folders with a manifest: the bundle's, and the model's where it has one."""
        from bitjaru.models import manifest

        around = [] if self.model is None or not (self.model / manifest.FILE).is_file() else [self.model]
        return [self.folder, *around]


def open_bundle(model: str | None, overrides: list[str], signers: Path | None = None) -> "Bundle":
    """Loads a registered model, or the one in a run's folder.

    Args:
        model: As on the command line.
        overrides: Of the config, which says where the registry is.
        signers: Who may have signed it; None asks for no signature.

    Raises:
        BitjaruError: If there is none of that name, or it cannot be loaded.
    """
    from bitjaru.models.bundle import Bundle

    place = find(model, overrides)
    check_signed(place, signers)
    return Bundle.load(place.folder)


def find(model: str | None, overrides: list[str]) -> Place:
    """Returns where the model is: in the registry, in a run's folder, in a bundle's or in an MLflow model's.

    Raises:
        BitjaruError: If there is none of that name, or its files are others than those that were registered.
    """
    if model is None or not Path(model).is_dir():
        return _registered(model, overrides)[1]
    folder = Path(model)
    if (folder / "MLmodel").is_file():
        return Place(folder=folder / "data", model=folder)
    return Place(folder=folder / "bundle" if (folder / "bundle").is_dir() else folder)


def model_folder(model: str | None, overrides: list[str], signers: Path | None = None) -> Path:
    """Returns the folder with the files of a registered model, signed where that is asked for.

    Raises:
        BitjaruError: As `registered_model`.
    """
    return registered_model(model, overrides, signers)[1]


def registered_model(model: str | None, overrides: list[str], signers: Path | None = None) -> "tuple[Version, Path]":
    """Returns a registered model, and the folder with its files, signed where that is asked for.

    Raises:
        TrackingError: If there is none of that name.
        BundleError: If its files are others than those that were registered, or not signed.
        FormatError: If another version of bitjaru wrote it.
    """
    version, place = _registered(model, overrides)
    check_signed(place, signers)
    return version, place.folder.parent


def check_signed(place: Place, signers: Path | None) -> dict[Path, str]:
    """Checks that each manifest of a model is signed; returns who signed it.

    Raises:
        BundleError: If one is not.
        ConfigError: If the signers cannot be read.
    """
    if signers is None:
        return {}
    from bitjaru.models.trust import signature

    return {folder: signature.check(folder, signers) for folder in place.manifests}


def _registered(model: str | None, overrides: list[str]) -> "tuple[Version, Place]":
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.errors import BundleError
    from bitjaru.models import manifest
    from bitjaru.models.bundle import facts_of
    from bitjaru.tracking.destination import store_of
    from bitjaru.tracking.models.files import DATA, local_folder
    from bitjaru.tracking.registry.version import MANIFEST, MODEL_MANIFEST

    tracking: Any = build_part(compose_config(overrides), "tracking")
    uri = store_of(tracking)
    version = _version(tracking, model)
    model_files = local_folder(uri, version.source)
    place = Place(folder=model_files / DATA, model=model_files, uri=uri, source=version.source)
    facts_of(place.folder)
    for tag, folder in ((MANIFEST, place.folder), (MODEL_MANIFEST, model_files)):
        registered = version.tags.get(tag)
        if registered is not None and manifest.sum_of(folder) != registered:
            raise BundleError(
                f"A registered model's files must be those that were registered. Received: {version}, whose manifest "
                f"in {folder} is another one. Somebody changed it: do not use it."
            )
    return version, place


def _version(tracking: "Tracking", model: str | None) -> "Version":
    """Finds a version: without MLflow where that is possible, since importing it takes longer than an answer."""
    from bitjaru.tracking.destination import store_of
    from bitjaru.tracking.registry.reference import find_at_once, resolve
    from bitjaru.tracking.registry.registry import Registry

    uri = store_of(tracking)
    if (version := find_at_once(uri, model)) is not None:
        return version
    tracking.prepare("sample")
    return resolve(Registry(uri), model)

"""Finding the model that a command was told of."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bitjaru.models.bundle import Bundle
    from bitjaru.tracking.registry.version import Version


def open_bundle(model: str | None, overrides: list[str]) -> "Bundle":
    """Loads a registered model, or the one in a run's folder.

    Raises:
        BitjaruError: If there is none of that name, or it cannot be loaded.
    """
    from bitjaru.models.bundle import Bundle

    if model is not None and Path(model).is_dir():
        return Bundle.load(Path(model) / "bundle" if (Path(model) / "bundle").is_dir() else Path(model))
    return Bundle.load(model_folder(model, overrides) / "data")


def model_folder(model: str | None, overrides: list[str]) -> Path:
    """Returns the folder with the files of a registered model.

    Raises:
        BitjaruError: As `registered_model`.
    """
    return registered_model(model, overrides)[1]


def registered_model(model: str | None, overrides: list[str]) -> "tuple[Version, Path]":
    """Returns a registered model, and the folder with its files.

    Raises:
        TrackingError: If there is none of that name.
        BundleError: If its files are others than those that were registered.
        FormatError: If another version of bitjaru wrote it.
    """
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.errors import BundleError
    from bitjaru.models import manifest
    from bitjaru.models.bundle import facts_of
    from bitjaru.promotion.promote import store_of
    from bitjaru.tracking.models.files import local_folder
    from bitjaru.tracking.registry.reference import resolve
    from bitjaru.tracking.registry.registry import Registry
    from bitjaru.tracking.registry.version import MANIFEST

    tracking: Any = build_part(compose_config(overrides), "tracking")
    uri = store_of(tracking)
    tracking.prepare("sample")
    version = resolve(Registry(uri), model)
    folder = local_folder(uri, version.source)
    facts_of(folder / "data")
    registered = version.tags.get(MANIFEST)
    if registered is not None and manifest.sum_of(folder / "data") != registered:
        raise BundleError(
            f"A registered model's files must be those that were registered. Received: {version}, whose manifest in "
            f"{folder} is another one. Somebody changed it: do not use it."
        )
    return version, folder

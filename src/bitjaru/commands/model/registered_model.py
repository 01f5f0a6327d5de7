"""Finding the model that a command was told of."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bitjaru.models.bundle import Bundle


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
        TrackingError: If there is none of that name.
        FormatError: If another version of bitjaru wrote it.
    """
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.models.bundle import facts_of
    from bitjaru.promotion.promote import store_of
    from bitjaru.tracking.models.files import local_folder
    from bitjaru.tracking.registry.reference import resolve
    from bitjaru.tracking.registry.registry import Registry

    tracking: Any = build_part(compose_config(overrides), "tracking")
    uri = store_of(tracking)
    tracking.prepare("sample")
    folder = local_folder(uri, resolve(Registry(uri), model).source)
    facts_of(folder / "data")
    return folder

"""Optuna Dashboard over the studies: a program of its own, an extra."""

import importlib.util

from bitjaru.errors import ConfigError
from bitjaru.sweep.storage.address import JOURNAL, absolute
from bitjaru.sweep.storage.opening import open_storage


def check(address: str) -> None:
    """Refuses what could not be served, and makes the storage where there is none.

    Raises:
        ConfigError: If the dashboard is not installed, or the storage cannot be opened.
        TrackingError: If a study is not what was written: the dashboard would answer with a traceback.
    """
    if importlib.util.find_spec("optuna_dashboard") is None:
        raise ConfigError(
            "`bitjaru dashboard` needs Optuna Dashboard. Received: it is not installed. Install the extra: "
            "pip install 'bitjaru[dashboard]'."
        )
    storage = open_storage(address)
    for study in storage.get_all_studies():
        storage.get_all_trials(study._study_id, deepcopy=False)


def serve(address: str, *, host: str, port: int) -> None:
    """Serves the dashboard until Ctrl-C.

    Args:
        address: Of the study storage, as in `hydra.sweeper.storage`.
        host: To listen on.
        port: To listen on.

    Raises:
        ConfigError: If the port is taken.
    """
    import optuna_dashboard

    try:
        optuna_dashboard.run_server(absolute(address).removeprefix(JOURNAL), host=host, port=port)
    except OSError as error:
        raise ConfigError(
            f"`--host` and `--port` must be free to listen on. Received: {host}:{port} ({error.strerror}). "
            "Choose another port."
        ) from error

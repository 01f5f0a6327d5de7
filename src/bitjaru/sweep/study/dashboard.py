"""Optuna Dashboard over the studies: a program of its own, an extra."""

from bitjaru.errors import ConfigError
from bitjaru.sweep.storage.address import JOURNAL, absolute
from bitjaru.sweep.storage.opening import open_storage


def serve(address: str, *, host: str, port: int) -> None:
    """Serves the dashboard until Ctrl-C.

    Args:
        address: Of the study storage, as in `hydra.sweeper.storage`.
        host: To listen on.
        port: To listen on.

    Raises:
        ConfigError: If the dashboard is not installed, the storage cannot be opened, or the port is taken.
    """
    try:
        import optuna_dashboard
    except ImportError as error:
        raise ConfigError(
            "`bitjaru dashboard` needs Optuna Dashboard. Received: it is not installed. Install the extra: "
            "pip install 'bitjaru[dashboard]'."
        ) from error
    open_storage(address)  # makes it where there is none, and says what is wrong with it
    try:
        optuna_dashboard.run_server(absolute(address).removeprefix(JOURNAL), host=host, port=port)
    except OSError as error:
        raise ConfigError(
            f"`--host` and `--port` must be free to listen on. Received: {host}:{port} ({error.strerror}). "
            "Choose another port."
        ) from error

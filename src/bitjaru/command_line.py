"""What `train.py` and `bitjaru` share: errors as sentences, exit statuses, a log that a person can read."""

import difflib
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException
from rich.console import Console
from rich.text import Text

from bitjaru import override_help, project
from bitjaru.errors import BitjaruError, ConfigError, DiskError, is_for_want_of_room

FAILED, INTERRUPTED = 1, 130
FULL_ERROR = "HYDRA_FULL_ERROR"
TWICE, VIEWS = "appears more than once in the final defaults list", "architecture.views."


@contextmanager
def explained_errors() -> Iterator[None]:
    """Shows an error that the user can mend without a traceback, and exits with status 1 (130 for Ctrl-C).

    Any other exception keeps its traceback: it is a bug.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a server that shuts down stores as Ctrl-C does
    try:
        with _hydra_raises():
            yield
    except (BitjaruError, HydraException, OmegaConfBaseException) as error:
        say_error(error)
        sys.exit(FAILED)
    except override_help.STUMBLES as error:
        if (mendable := _mendable(error)) is None:
            raise
        say_error(mendable)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        Console(stderr=True).print("Interrupted. What was learned is kept.", style="yellow")
        sys.exit(INTERRUPTED)


@contextmanager
def _hydra_raises() -> Iterator[None]:
    """Lets Hydra raise an error, which it would else print in its own words and exit."""
    if FULL_ERROR in os.environ:
        yield
        return
    os.environ[FULL_ERROR] = "1"
    try:
        yield
    finally:
        os.environ.pop(FULL_ERROR, None)  # whoever called the command in their own process keeps theirs


def _mendable(error: BaseException) -> BitjaruError | None:
    """Returns what a user can do about an error that is none of our own; None where it is a bug."""
    if is_for_want_of_room(error):
        return DiskError(
            f"There must be room on the disk. Received: {error}. What has ended is kept: make room, and run the same "
            "command."
        )
    if override_help.is_about_settings(error):
        return ConfigError(override_help.explain_stumble(error))
    return None


def say_project() -> None:
    """Prints which project's runs these will be, to standard error."""
    where = project.home()
    Console(stderr=True, soft_wrap=True).print(Text(f"Project: {where} (runs in {where / 'mlruns'})", "dim"))


def say_error(error: Exception) -> None:
    """Prints an error for a person, to standard error."""
    Console(stderr=True, soft_wrap=True).print(Text("Error: ", "bold red").append(explain(error), "default"))


def explain(error: BaseException) -> str:
    """Puts an error into words; for a config key that does not exist, says which do."""
    if isinstance(error, OverrideParseException):
        return override_help.explain(error.override, error.message)
    if TWICE in str(error) and VIEWS in str(error):
        return (
            f"Views must have different names. Received: one of them twice ({str(error).strip()}). Name each once: "
            "'architecture/view@architecture.views=[tokens,ngrams]'."
        )
    if isinstance(error, MissingConfigException) and "/" in (error.missing_cfg_file or ""):
        return _option_help(error) or str(error).strip()
    unknown = _unknown_key(error)
    return str(error).strip() if unknown is None else _key_help(unknown)


def _option_help(error: MissingConfigException) -> str:
    """Names the options of a group; Hydra leaves them out where one of a list is missing. Empty where none is found."""
    group, _, option = str(error.missing_cfg_file).rpartition("/")
    files = (path for folder in project.conf_folders() for path in (folder / group).glob("*.yaml"))
    known = sorted(error.options or {path.stem for path in files})
    if not known:
        return ""
    close = difflib.get_close_matches(option, known, n=1)
    guess = f" Did you mean `{close[0]}`?" if close else ""
    return f"`{group}` must be an option that exists. Received: {option}. There are: {', '.join(known)}.{guess}"


def _unknown_key(error: BaseException | None) -> ConfigKeyError | ConfigAttributeError | None:
    while error is not None:
        if isinstance(error, ConfigKeyError | ConfigAttributeError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _key_help(error: ConfigKeyError | ConfigAttributeError) -> str:
    where, _, key = (error.full_key or str(error.key)).rpartition(".")
    known = sorted(str(name) for name in (error.parent_node or ()) if not str(name).startswith("_"))
    close = difflib.get_close_matches(key, known, n=1)
    place = f"`{where}` has" if where else "The config has"
    guess = f" Did you mean `{where + '.' if where else ''}{close[0]}`?" if close else ""
    return f"`{error.full_key}` must be a key that exists. {place}: {', '.join(known)}.{guess or _owners(where, key)}"


def _owners(group: str, key: str) -> str:
    """Names the options of a config group that have a key which the chosen one lacks."""
    folders = [folder / group.replace(".", "/") for folder in project.conf_folders()] if group else []
    options = {path.stem: OmegaConf.load(path) for folder in folders for path in sorted(folder.glob("*.yaml"))}
    owners = [f"{group.replace('.', '/')}={option}" for option, node in options.items() if key in node]
    if not owners:
        return ""
    return (
        f" It is a key of {', '.join(owners)}: choose that, or, in a search that tries it among others, "
        f"write '{group}.{key}=choice(…)'."
    )

"""What to say of a setting that Hydra's grammar does not allow, or that Hydra stumbles over."""

FORMS = "choice(a, b), range(start, stop, step), interval(low, high), int(…), tag(log, …)"
# What Hydra and OmegaConf raise, besides their own errors, for settings that they did not expect.
STUMBLES = (ValueError, TypeError, AttributeError, KeyError, IndexError, AssertionError, RecursionError, OSError)
COMPOSING = (
    *("hydra._internal.config_loader_impl", "hydra._internal.defaults_list", "hydra.core.override_parser."),
    *(
        "hydra._internal.hydra",
        "hydra._internal.utils",
        "hydra.core.utils",
    ),  # they make the run's folder, and log there
)


def explain(line: str, said: str) -> str:
    """Puts such a setting into words.

    Args:
        line: As it was written.
        said: Hydra's complaint, which shows the token; the address of its manual and the line again are left out.
    """
    words = " ".join(part.strip() for part in said.splitlines() if not part.startswith("See https"))
    reason = words.removeprefix(f"Error parsing override '{line}' ").strip()
    return (
        f"A setting must be written as key=value, and what a search tries as one of {FORMS}; in quotes, for the shell "
        f"reads brackets itself. Received: {line} ({reason})."
    )


def is_about_settings(error: BaseException) -> bool:
    """Returns whether an error was raised by Hydra, before it handed over to a run, a grid or a search."""
    frame, composing = error.__traceback__, False
    while frame is not None:
        module = str(frame.tb_frame.f_globals.get("__name__"))
        composing = (composing and not module.startswith("bitjaru")) or module.startswith(COMPOSING)
        frame = frame.tb_next
    return composing


def explain_stumble(error: BaseException) -> str:
    """Puts an error into words that Hydra did not mean for people."""
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, OSError):
        return f"The folder of a run must be one that can be made and written. Received: {said}. See `hydra.run.dir`."
    return (
        "The settings must go together as a config. Received: some that Hydra cannot compose "
        f"({type(error).__name__}: {said[:300]}). Look at brackets, quotes and values: `train.py --help` lists what "
        "there is."
    )

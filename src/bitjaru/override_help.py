"""What to say of a setting that Hydra's grammar does not allow."""

FORMS = "choice(a, b), range(start, stop, step), interval(low, high), int(…), tag(log, …)"


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

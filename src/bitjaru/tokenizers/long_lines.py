"""Lines that are too long for an analyser whose time grows faster than the line."""


def pieces(line: str, *, longest: int) -> list[str]:
    """Cuts a line into pieces of at most `longest` characters, between words where there is a space to cut at.

    Args:
        line: Without spaces at its ends.
        longest: Of a piece, above 0; a shorter line stays whole.
    """
    cut = []
    while len(line) > longest:
        space = line.rfind(" ", 0, longest + 1)
        end = space if space > 0 else longest
        cut.append(line[:end])
        line = line[end:].lstrip(" ")
    return [*cut, line]

"""From sections to one file of HTML that asks for nothing else."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib import resources

import jinja2

import bitjaru
from bitjaru.html_report.blocks import Section
from bitjaru.html_report.language import Texts

TEMPLATES = "templates"


def page(title: str, sections: Sequence[Section], texts: Texts) -> str:
    """Returns the page.

    Args:
        title: Of all of it.
        sections: In their order; those without a block are left out.
        texts: Of its language.
    """
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    when = f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"
    return environment.get_template("report.html").render(
        language=texts.language,
        title=title,
        made=texts.say("made", version=bitjaru.__version__, when=when),
        sections=[section for section in sections if section.blocks],
        contents=texts.say("contents"),
        filter=texts.say("filter"),
        style=_safe(_template("style.css")),  # a file of this package
        script=_safe(_template("report.js")),
        coded=_coded,
        broken=_broken,
        drawn=_safe,  # `charts` escapes what it is given
    )


def _coded(text: str) -> str:
    """Escapes a paragraph, and sets what stands in backticks as code."""
    parts = [str(jinja2.filters.do_forceescape(part)) for part in text.split("`")]
    return _safe("".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts)))


def _broken(text: str) -> str:
    """Escapes a long cell, which may be broken within a setting, `a.b=1`, but not within its value."""
    return _safe(re.sub(r"[=_]|\.(?=[a-z])", r"\g<0><wbr>", str(jinja2.filters.do_forceescape(text))))


def _safe(text: str) -> str:
    """Text that is HTML already: the template does not escape it."""
    return jinja2.filters.do_mark_safe(text)


@cache
def _template(name: str) -> str:
    return (resources.files("bitjaru.html_report") / TEMPLATES / name).read_text(encoding="utf-8")

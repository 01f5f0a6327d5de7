"""A font that has Korean letters, without changing Matplotlib's settings for anybody else."""

import logging
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties

FALLBACK = "DejaVu Sans"
KOREAN = (
    "NanumGothic",
    "Noto Sans KR",
    "Noto Sans CJK KR",
    "Noto Sans CJK JP",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "AppleGothic",
    "NanumBarunGothic",
    "UnDotum",
    "Baekmuk Gulim",
)
log = logging.getLogger(__name__)


@cache
def font(size: float) -> FontProperties:
    """Returns the type of texts of this size, in points."""
    return FontProperties(family=list(families()), size=size)


@cache
def heading(size: float) -> FontProperties:
    """Returns bold type for English words."""
    # By file: the bundled bold font calls its weight 600, and asking for one weight of two families would log a miss.
    if bold := _bundled("NanumGothicBold.ttf"):
        return FontProperties(fname=str(bold), size=size)
    return FontProperties(family=FALLBACK, size=size, weight="bold")


@cache
def families() -> tuple[str, ...]:
    """Returns the font families for every text; the first that has a letter draws it."""
    if regular := _bundled("NanumGothic.ttf"):
        font_manager.fontManager.addfont(regular)
    installed = set(font_manager.get_font_names())
    korean = next((name for name in KOREAN if name in installed), None)
    if korean:
        return korean, FALLBACK
    log.warning(
        "Plots need a Korean font to show Korean text. Found none; boxes stand for the letters. "
        "Install koreanize-matplotlib, or a font such as %s.",
        KOREAN[0],
    )
    return (FALLBACK,)


def _bundled(name: str) -> Path | None:
    """A file that koreanize-matplotlib brings; importing that package would change global settings."""
    package = find_spec("koreanize_matplotlib")
    folders = package.submodule_search_locations if package else None
    file = Path(next(iter(folders or ()), "")) / "fonts" / name
    return file if file.is_file() else None

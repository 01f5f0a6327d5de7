"""What is taken out of a text before it is tokenized."""

import re
from typing import Literal

Cleaning = Literal["none", "hangul"]
_NOT_HANGUL = re.compile("[^ㄱ-ㅎㅏ-ㅣ가-힣 ]")


def clean(text: str, cleaning: Cleaning) -> str:
    """Returns the text as it is (`none`), or only its Hangul letters and spaces (`hangul`)."""
    return _NOT_HANGUL.sub("", text) if cleaning == "hangul" else text

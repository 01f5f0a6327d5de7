"""An answer as a sentence."""

from bitjaru.errors import ConfigError
from bitjaru.parts import Answer

KOREAN_LABELS = {"positive": "긍정", "negative": "부정"}
UNKNOWN = {
    "ko": "(아는 낱말이 없어 빈 리뷰로 답했습니다.)",
    "en": "(no known token: answered as an empty review)",
}


def sentence(answer: Answer, language: str) -> str:
    """Says an answer, as in `99.95% 확률로 긍정 리뷰입니다`.

    Raises:
        ConfigError: If there is no wording in that language.
    """
    if language not in UNKNOWN:
        raise ConfigError(f"`--lang` must be one of {', '.join(UNKNOWN)}. Received: {language!r}.")
    share = f"{100 * answer.probability:.2f}%"
    if language == "ko":
        said = f"{share} 확률로 {KOREAN_LABELS.get(answer.label, answer.label)} 리뷰입니다."
    else:
        said = f"{answer.label} review with {share} probability."
    return f"{said} {UNKNOWN[language]}" if answer.no_known_token else said

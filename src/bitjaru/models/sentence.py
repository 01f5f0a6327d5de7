"""An answer as a sentence."""

from bitjaru.errors import ConfigError
from bitjaru.tasks import Answer

KOREAN_LABELS = {"positive": "긍정", "negative": "부정"}
UNKNOWN = {
    "ko": "(아는 낱말이 없어 빈 리뷰로 답했습니다.)",
    "en": "(no known token: answered as an empty review)",
}


def sentence(answer: Answer, language: str, *, is_word: bool = False) -> str:
    """Says an answer, as in `99.95% 확률로 긍정 리뷰입니다`.

    Args:
        answer: Of a model.
        language: `ko` or `en`.
        is_word: Whether the label is the word that comes next.

    Raises:
        ConfigError: If there is no wording in that language.
    """
    check_language(language)
    share = f"{100 * answer.probability:.2f}%"
    if is_word:
        said = f"다음 낱말: {answer.label} ({share})." if language == "ko" else f"Next word: {answer.label} ({share})."
    elif language == "ko":
        said = f"{share} 확률로 {KOREAN_LABELS.get(answer.label, answer.label)} 리뷰입니다."
    else:
        said = f"{answer.label} review with {share} probability."
    return f"{said} {UNKNOWN[language]}" if answer.no_known_token else said


def check_language(language: str | None) -> None:
    """Checks a language before anything slow is loaded; None means that of the data.

    Raises:
        ConfigError: If there is no wording in it.
    """
    if language is not None and language not in UNKNOWN:
        raise ConfigError(f"`--lang` must be one of {', '.join(UNKNOWN)}. Received: {language!r}. Choose one of them.")

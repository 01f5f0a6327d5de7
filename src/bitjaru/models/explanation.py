"""How much each token moved an answer: the answer without it, token by token."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.text import Text

from bitjaru.data.tokens import Tokens
from bitjaru.models.bundle import Bundle
from bitjaru.tasks import Answer

BAR = 20
EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True)
class Weight:
    """One token of a review.

    Attributes:
        token: As the tokenizer gave it.
        known: Whether the vocabulary has it.
        moved: By how much it raised the probability of the answered label, -1 to 1.
    """

    token: str
    known: bool
    moved: float


@dataclass(frozen=True)
class Explanation:
    """An answer, and what each token that the model saw did to it.

    Attributes:
        answer: Of the whole text.
        weights: In the order of the text.
        unseen: Tokens at the front that did not fit into the model's length.
    """

    answer: Answer
    weights: Sequence[Weight]
    unseen: int


def explain(bundle: Bundle, text: str) -> Explanation:
    """Answers a text, and once more without each of its tokens (leave one out).

    A token that is left out makes room for none: the model sees one token less.
    """
    tokens = bundle.tokens([text])
    length = int(bundle.config.max_len)
    seen = tokens[0][-length:]
    variants = Tokens.from_rows([seen, *(seen[:place] + seen[place + 1 :] for place in range(len(seen)))])
    whole, *without = bundle.answers(variants)
    known = bundle.vocabulary.knows(Tokens.from_rows([seen]))
    weights = [
        Weight(token, bool(is_known), whole.probability - _share(other, whole.label))
        for token, is_known, other in zip(seen, known, without, strict=True)
    ]
    return Explanation(whole, weights, len(tokens[0]) - len(seen))


def bars(explanation: Explanation) -> list[Text]:
    """Draws a line a token: to the right in green what spoke for the answer, in red what spoke against it."""
    most = max((abs(weight.moved) for weight in explanation.weights), default=0.0) or 1.0
    width = max((Text(weight.token).cell_len for weight in explanation.weights), default=0)
    lines = []
    for weight in explanation.weights:
        name = Text(weight.token + " " * (width - Text(weight.token).cell_len), style="" if weight.known else "dim")
        figure = f"  {100 * weight.moved:+7.2f}  "
        bar = Text(_bar(abs(weight.moved) / most), style="green" if weight.moved > 0 else "red")
        lines.append(Text.assemble("  ", name, figure, bar, "" if weight.known else "  (unknown)"))
    if explanation.unseen:
        lines.append(Text(f"  {explanation.unseen} tokens before these did not fit into the model's length."))
    return lines


def _share(answer: Answer, label: str) -> float:
    return answer.probability if answer.label == label else 1 - answer.probability


def _bar(share: float) -> str:
    """A bar of up to `BAR` cells, drawn to an eighth of one."""
    eighths = int(np.rint(share * BAR * 8))
    return EIGHTHS[8] * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")

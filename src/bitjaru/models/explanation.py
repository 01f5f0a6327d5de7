"""How much each token, and each view, moved an answer: the answer without it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

import numpy as np
from rich.text import Text

from bitjaru.configuration import OWN_VIEW
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import PADDING
from bitjaru.models.bundle import Bundle
from bitjaru.models.network import Network
from bitjaru.tasks import Answer

BAR = 20
EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True)
class Weight:
    """One token of a review, or one view of it.

    Attributes:
        token: As the tokenizer gave it; the word, where a model reads in several ways; or the name of the view.
        known: Whether the model knows it.
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
        views: What each view did, where there are several.
    """

    answer: Answer
    weights: Sequence[Weight]
    unseen: int
    views: Sequence[Weight] = ()

    def _repr_html_(self) -> str:
        """What a notebook shows: a row a token, with a bar that is green for the answer and red against it."""
        rows = "".join(_row(weight, _most(self.weights)) for weight in self.weights)
        rows += "".join(_row(weight, _most(self.views)) for weight in self.views)
        unseen = f"<br>{_unseen(self.unseen)}" if self.unseen else ""
        return f"<b>{escape(self.answer.label)}</b> {self.answer.probability:.2%}{unseen}<table>{rows}</table>"


def explain(bundle: Bundle, text: str) -> Explanation:
    """Answers a text, and once more without each of its tokens (leave one out).

    A token that is left out makes room for none: the model sees one token less. A model that does not read with one
    tokenizer is asked without each word, since no tokens are the same for all of it.
    """
    model = bundle.model
    if isinstance(model, Network) and list(model.reading.views) == [OWN_VIEW]:
        return _without_tokens(bundle, model, text)
    explained = _without_words(bundle, text)
    if not isinstance(model, Network) or len(model.reading.views) == 1:
        return explained
    return Explanation(explained.answer, explained.weights, 0, _without_views(bundle, model, text))


def bars(explanation: Explanation) -> list[Text]:
    """Draws a line a token: to the right in green what spoke for the answer, in red what spoke against it."""
    lines = _bars(explanation.weights)
    if explanation.unseen:
        lines.append(Text(f"  {_unseen(explanation.unseen)}"))
    if explanation.views:
        lines += [Text("  Without a whole view:"), *_bars(explanation.views)]
    return lines


def _without_tokens(bundle: Bundle, model: Network, text: str) -> Explanation:
    view = model.reading.views[OWN_VIEW]
    (tokens,) = bundle.cleaned([text]).tokens(view.tokenizer)
    seen = tokens[-view.max_len :]
    variants = Tokens.from_rows([seen, *_each_left_out(seen)])
    inputs = model.inputs({OWN_VIEW: variants})
    whole, *without = bundle.task.answers(model.predict(inputs), model.words)
    whole = replace(whole, no_known_token=not (inputs[0] != PADDING).any())
    known = model.vocabularies[OWN_VIEW].knows(Tokens.from_rows([seen]))
    return Explanation(whole, _weights(seen, known.tolist(), whole, without), len(tokens) - len(seen))


def _without_words(bundle: Bundle, text: str) -> Explanation:
    words = text.split()
    whole, *without = bundle.predict([text, *(" ".join(left) for left in _each_left_out(words))])
    known = bundle.model.knows(bundle.cleaned(words)).tolist() if words else []
    return Explanation(whole, _weights(words, known, whole, without), 0)


def _without_views(bundle: Bundle, model: Network, text: str) -> list[Weight]:
    inputs = np.repeat(model.read(bundle.cleaned([text])), 1 + len(model.reading.views), axis=0)
    for row, columns in enumerate(model.reading.columns.values(), start=1):
        inputs[row, columns] = PADDING
    whole, *without = bundle.task.answers(model.predict(inputs), model.words)
    known = [bool((inputs[0, columns] != PADDING).any()) for columns in model.reading.columns.values()]
    return _weights(list(model.reading.columns), known, whole, without)


def _each_left_out(tokens: Sequence[str]) -> list[list[str]]:
    return [[*tokens[:place], *tokens[place + 1 :]] for place in range(len(tokens))]


def _weights(tokens: Sequence[str], known: Sequence[bool], whole: Answer, without: Sequence[Answer]) -> list[Weight]:
    return [
        Weight(token, knows, whole.probability - _share(other, whole.label))
        for token, knows, other in zip(tokens, known, without, strict=True)
    ]


def _bars(weights: Sequence[Weight]) -> list[Text]:
    most = _most(weights)
    width = max((Text(weight.token).cell_len for weight in weights), default=0)
    lines = []
    for weight in weights:
        name = Text(weight.token + " " * (width - Text(weight.token).cell_len), style="" if weight.known else "dim")
        figure = f"  {100 * weight.moved:+7.2f}  "
        bar = Text(_bar(abs(weight.moved) / most), style="green" if weight.moved > 0 else "red")
        lines.append(Text.assemble("  ", name, figure, bar, "" if weight.known else "  (unknown)"))
    return lines


def _row(weight: Weight, most: float) -> str:
    colour = "#2a9d5c" if weight.moved > 0 else "#c8443a"
    bar = f'<div style="width:{100 * abs(weight.moved) / most:.0f}px;height:0.8em;background:{colour}"></div>'
    name = escape(weight.token) + ("" if weight.known else " (unknown)")
    return f"<tr><th>{name}</th><td>{100 * weight.moved:+.2f}</td><td style='text-align:left'>{bar}</td></tr>"


def _most(weights: Sequence[Weight]) -> float:
    return max((abs(weight.moved) for weight in weights), default=0.0) or 1.0


def _unseen(tokens: int) -> str:
    return f"{tokens} tokens before these did not fit into the model's length."


def _share(answer: Answer, label: str) -> float:
    return answer.by_class.get(label, answer.probability if answer.label == label else 1 - answer.probability)


def _bar(share: float) -> str:
    """A bar of up to `BAR` cells, drawn to an eighth of one."""
    eighths = int(np.rint(share * BAR * 8))
    return EIGHTHS[8] * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")

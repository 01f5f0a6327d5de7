"""`bitjaru generate`."""

from typing import TYPE_CHECKING, Annotated

import typer

from bitjaru.commands.arguments import Model, Overrides, Signers
from bitjaru.commands.model.registered_model import open_bundle
from bitjaru.errors import ConfigError

if TYPE_CHECKING:
    from bitjaru.models.bundle import Bundle
    from bitjaru.tasks.generation import Decoding


def generate(  # noqa: PLR0913, PLR0917 - a command's arguments are its options
    text: Annotated[str, typer.Argument(help="What the model writes on from.")],
    overrides: Overrides = None,
    words: Annotated[int, typer.Option(min=0, help="How many it writes.")] = 5,
    model: Model = None,
    temperature: Annotated[
        float | None, typer.Option(min=0, help="0: the likeliest word; 1: drawn as the model says. As trained.")
    ] = None,
    top_k: Annotated[int | None, typer.Option(min=1, help="Draws among so many of the likeliest. As trained.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the draws. As trained.")] = None,
    signers: Signers = None,
) -> None:
    """Writes on from a text, with a model that has learned which word comes next."""
    from bitjaru.tasks.generation import Decoding

    bundle = open_bundle(model, overrides or [], signers)
    own = _decoding(bundle)
    decoding = Decoding(
        temperature=own.temperature if temperature is None else temperature,
        top_k=own.top_k if top_k is None else top_k,
        seed=own.seed if seed is None else seed,
    )
    typer.echo(written(bundle, text, words=words, decoding=decoding))


def written(bundle: "Bundle", text: str, *, words: int, decoding: "Decoding") -> str:
    """Returns a text with so many words written after it.

    Raises:
        ConfigError: If the model does not write.
    """
    from bitjaru.configuration import OWN_VIEW
    from bitjaru.models.network import Network
    from bitjaru.tasks import Writer

    if not isinstance(bundle.task, Writer) or not isinstance(bundle.model, Network):
        raise _no_writer(bundle)
    view = bundle.model.reading.views[OWN_VIEW]
    (row,) = bundle.task.write(
        bundle.model.predict,
        list(bundle.cleaned([text]).tokens(view.tokenizer)),
        bundle.model.words,
        words=[words],
        decoding=decoding,
        length=view.max_len,
        padding=view.padding,
    )
    return " ".join(row)


def _decoding(bundle: "Bundle") -> "Decoding":
    from bitjaru.tasks import Writer

    if not isinstance(bundle.task, Writer):
        raise _no_writer(bundle)
    return bundle.task.decoding


def _no_writer(bundle: "Bundle") -> ConfigError:
    return ConfigError(
        "`--model` must name a model that can write. Received: one that was trained as "
        f"{type(bundle.task).__name__}. Train one with `task=next_word`, for example "
        "`bitjaru train experiment=proverbs_simplernn`, and promote it."
    )

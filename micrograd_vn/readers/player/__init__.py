"""`play`: the graph as a page to step through, whose numbers follow its inputs.

The page is one file that needs nothing else. What it computes and says comes from the table of
operations and from the writers of formulas; the scripts beside this file put numbers in.
"""

from __future__ import annotations

import html as html_
import os
from collections.abc import Iterable, Mapping

from micrograd_vn.engine import Value
from micrograd_vn.errors import message
from micrograd_vn.files import write
from micrograd_vn.formulas.document import Document
from micrograd_vn.formulas.text import Text
from micrograd_vn.operators import value, values
from micrograd_vn.phrases import language
from micrograd_vn.readers.looks import Hints, Pairs
from micrograd_vn.readers.player.graph import Graph
from micrograd_vn.readers.player.page import page

__all__ = ["Live", "play"]


class Live:
    """What `play` returns: a page that shows in Jupyter, and can be saved.

    Attributes
    ----------
    html : str
        The page, which needs nothing else.
    title : str
        Its heading.
    """

    def __init__(self, html: str, title: str) -> None:
        self.html, self.title = html, title

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page as a file, such as ``bai.html``."""
        write(path, self.html)

    def _repr_html_(self) -> str:
        """Return the page in a frame, from which it can reach nothing around it."""
        return (
            f'<iframe title="{html_.escape(self.title)}" loading="lazy" allow="fullscreen" '
            'sandbox="allow-scripts allow-modals allow-downloads" '
            'style="width: 100%; height: 780px; border: 0" '
            f'srcdoc="{html_.escape(self.html)}"></iframe>'
        )


def play(
    output: Value,
    *,
    beside: Iterable[Value] = (),
    gradient: float = 1.0,
    loss: str | None = None,
    roles: Hints | None = None,
    path: tuple[Value, Value] | None = None,
    omitted: Pairs = (),
    known: Iterable[Value] = (),
    title: str | None = None,
    statement: Mapping[str, Document] | None = None,
    solution: Mapping[str, Document] | None = None,
    decimal: bool = False,
    lang: str | None = None,
    max_nodes: int = 500,
) -> Live:
    """Return the graph of `output` as a live page.

    One steps through it, forward and backward, and changes its inputs: values, derivatives,
    formulas and sentences follow at once.

    Parameters
    ----------
    output
        The value that is differentiated.
    beside
        Further values to be shown, such as the outputs of softmax beside a loss.
    gradient, loss
        The derivative from which to go backward, and the name of what it is a derivative of,
        where that is a quantity beyond `output`.
    roles, path, omitted
        Which values are what, which way stands out, and what is not given, as `draw` shows it.
    known
        The values whose number the statement says, which the questions leave out.
    title
        The heading; the name of `output` unless given.
    statement, solution
        Documents above and below the picture, by language.
    decimal
        Whether what rounding leaves of a sum that is 0 is 0, as in an exercise: 0.1·3 − 0.3 is
        5.6·10⁻¹⁷ otherwise.
    lang
        The language in which the page begins, ``"vi"`` or ``"en"``; the reader's unless given.
        The page has both.
    max_nodes
        The most values to draw; of a graph that has more, those with a name are drawn.

    Raises
    ------
    TypeError
        `output`, one of `beside`, or what is to be shown of one, is not a `Value`.
    ValueError
        `lang` is not known, `gradient` is not 1 and `loss` is missing, the graph has more than
        `max_nodes` values with a name, no path leads from one value to the other, or a value is
        not finite.

    Examples
    --------
    >>> from micrograd_vn import Value
    >>> w, x = Value(0.5, "w"), Value(3.0, "x")
    >>> live = play(((w * x).tanh() ** 2).named("y"))
    >>> live.save("bai.html")  # doctest: +SKIP
    """
    lang = language(lang)
    roots = [value("play", "output", output), *values("play", "beside", beside)]
    if gradient != 1 and loss is None:
        raise ValueError(message("no loss", repr(gradient)))
    graph = Graph(roots, float(gradient), loss, roles, path, tuple(omitted), decimal)
    title = title or Text()(graph.names[output])
    texts = statement or {}, solution or {}
    return Live(
        page(graph, title, *texts, set(values("play", "known", known)), lang, max_nodes), title
    )

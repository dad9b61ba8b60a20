"""`draw`: the graph as a Graphviz diagram, annotated with numbers and derivatives.

Here is what a picture shows; what it looks like is in `looks`, the picture of values with a name
only in `folded`, and how DOT text becomes SVG, PDF or PNG in `rendering`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from micrograd_vn import table
from micrograd_vn.engine import Constant, Op, Value, depending, rule, topological_order
from micrograd_vn.errors import message
from micrograd_vn.formulas.identities import JUMPS, textbook
from micrograd_vn.formulas.text import Text, number
from micrograd_vn.formulas.tree import Apply, Formula, Name, of_all, rounded
from micrograd_vn.operators import value as a_value
from micrograd_vn.operators import values
from micrograd_vn.phrases import language, phrases
from micrograd_vn.readers.folded import (
    blocks,
    cut_at_names,
    draw_block,
    draw_folded,
    inside_softmax,
    names_in_full,
    softmax_families,
    softmax_operands,
)
from micrograd_vn.readers.looks import (
    CIRCLE,
    PATH,
    SLIDE,
    Canvas,
    Hints,
    Pairs,
    check_shown,
    derivatives_of,
    escaped,
    roles_of,
)
from micrograd_vn.readers.numbers import drawn
from micrograd_vn.readers.outline import Outline, partial_derivative
from micrograd_vn.readers.rendering import Diagram

__all__ = ["Diagram", "Plan", "draw"]

SHOW = ("value", "gradient", "derivative")
_ROUND = 9  # letters of a symbol that a circle holds; an ellipse holds longer ones
_READABLE = 24  # pixels of the smallest text on a slide of 1280 x 720
_FEW = 3  # digits of a number, where more leave no room
_FORMS = ("below", "column", "mixed")  # of a folded picture
_TEXT = 18  # points of the smallest text in a picture for a slide

text = Text()


def draw(
    root: Value | Iterable[Value],
    *,
    rankdir: str = "LR",
    digits: int = 4,
    highlight: Iterable[Value] = (),
    path: tuple[Value, Value] | None = None,
    fold: bool = False,
    show: Collection[str] = SHOW,
    roles: Hints | None = None,
    omitted: Pairs = (),
    legend: bool = False,
    slide: bool = False,
    lang: str | None = None,
    of: str | None = None,
    title: str | None = None,
    max_nodes: int = 500,
) -> Diagram:
    """Return the graph of `root` as a diagram.

    Each value is a box with its name, its number and its gradient; each operation is a
    dark circle. An edge into an operation carries the local derivative: that of the
    operation's result with respect to this operand. A value without a label is named
    by its formula, or by a number where that would be long.

    A gradient is a dash before `backward`, that is, as long as the gradient of the output
    itself is 0. With several outputs, what the differentiated ones do not depend on has none
    either. Targets and constants never show one, nor does softmax beside a cross-entropy, which
    is found from the logits.

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
    path
        Two values: all that lies on the way from the first to the second stands out.
    fold
        Whether to draw only the values with a name, each with its formula. An edge then carries
        the derivative of the box at its end with respect to the box at its start.
    show
        Which numbers: ``"value"``, ``"gradient"``, ``"derivative"`` (those on the edges).
    roles
        Which values are ``"input"``, ``"parameter"``, ``"target"`` or ``"constant"``, such as
        ``{"parameter": model.parameters()}``. Nothing is guessed.
    omitted
        Pairs of values to join by a dotted arrow, as what lies between them is not given.
    legend
        Whether to say what the looks of the boxes mean.
    slide
        Whether to make a picture for a slide: 16:9, its text at least 24 pixels high at
        1280 x 720. It is folded, turned and made terse as far as that takes, down to three
        digits of a number.
    lang
        The language of the words in it, ``"vi"`` or ``"en"``; the reader's unless given.
    of
        What the gradients are derivatives of; the label of the output that was differentiated
        unless given.
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
        `root`, `highlight`, `path` or `roles` has something that is not a `Value`.
    ValueError
        The graph has more than `max_nodes` values or is too large for a slide, a value to
        highlight is not in it, no path leads from one value to the other, or `rankdir`,
        `digits`, `show` or a role is not known.

    Examples
    --------
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> c = (a * b).named("c")
    >>> c.backward()
    >>> diagram = draw(c, path=(a, c), roles={"input": [a], "parameter": [b]}, lang="en")
    >>> picture = diagram.pipe(format="svg", encoding="utf-8")
    """
    roots = [root] if isinstance(root, Value) else values("draw", "root", root)
    marked = set(values("draw", "highlight", highlight))
    order = topological_order(*[x for pair in omitted for x in pair], *roots)
    _check(order, rankdir, digits, show, max_nodes)
    if missing := marked.difference(order):
        unknown = ", ".join(sorted(repr(value) for value in missing))
        raise ValueError(message("not to highlight", unknown))
    ends = frozenset(marked.union(path or ()))
    if path is not None:
        marked |= _between(order, *path)
    differentiated, of = derivatives_of(roots, of)
    wanted = Plan(
        tuple(roots), tuple(order), roles_of("draw", order, roots, roles), frozenset(marked),
        differentiated, of, digits, tuple(show), language(lang), title, legend,
        slide, fold, rankdir, omitted, ends, form="below" if fold else "right",
    )  # fmt: skip
    if slide:
        wanted = _for_a_slide(wanted)
    diagram = wanted.canvas().diagram
    diagram.plan = wanted
    return diagram


@dataclass(frozen=True)
class Plan:
    """A picture to be drawn: what is in it, and how it is to look."""

    roots: tuple[Value, ...]
    order: tuple[Value, ...]
    roles: dict[Value, str]
    marked: frozenset[Value]
    differentiated: frozenset[Value]
    of: str | None
    digits: int
    show: tuple[str, ...]
    lang: str
    title: str | None
    legend: bool
    slide: bool
    fold: bool
    rankdir: str
    omitted: Pairs
    ends: frozenset[Value]  # of the path, and what is highlighted
    form: str = "right"
    bare: bool = False
    room: int = 0

    def canvas(self) -> Canvas:
        """Return the picture."""
        canvas = Canvas(
            self.roles, self.marked, self.differentiated, self.of, self.digits,
            self.show, self.lang, self.rankdir, self.form, self.bare, self.room,
        )  # fmt: skip
        if self.fold:
            cut = cut_at_names(self.order, set(self.roots), self.digits, self.ends)
            canvas.roles = {v: self.roles[v] for v in cut.names}
            if self.of is None and len(self.roots) == 1 and self.roots[0].grad == 1:
                canvas.of = cut.names[self.roots[0]].label
            canvas.start(self.lines(canvas.of), self.slide)
            draw_folded(canvas, cut)
            columns = _longest_way({v: cut.operands(v) for v in cut.names}) + bool(
                blocks(list(cut.names))
            )
        else:
            canvas.start(self.lines(self.of), self.slide)
            _draw_all(canvas, self.order, self.roots)
            columns = 2 * _longest_way({v: v.parents for v in self.order}) - 1
        ids = {v: f"v{i}" for i, v in enumerate(self.order)}
        for start, end in self.omitted:
            canvas.diagram.edge(ids[start], ids[end], style="dotted", penwidth="2", minlen="2")
        if self.legend:
            canvas.legend(columns)
        return canvas

    def lines(self, of: str | None) -> list[str]:
        """Return what stands above the picture."""
        words = phrases("picture", self.lang)
        key = words["key"] if of is None else words["key of"].format(of)
        title = [] if self.title is None else [self.title]
        return [". ".join([*title, key])] if self.bare and "gradient" in self.show else title


def _longest_way(operands: Mapping[Value, Sequence[Value]]) -> int:
    """Return how many values there are on the longest way from a leaf to an output."""
    length: dict[Value, int] = {}
    for v, xs in operands.items():
        length[v] = 1 + max([length[x] for x in xs], default=0)
    return max(length.values())


def _check(
    order: Sequence[Value], rankdir: str, digits: int, show: Collection[str], max_nodes: int
) -> None:
    check_shown("draw", rankdir, digits)
    if isinstance(show, str) or not set(show) <= set(SHOW):
        raise ValueError(message("show", SHOW, repr(show)))
    if len(order) > max_nodes:
        raise ValueError(message("too many values", len(order), max_nodes))


def _between(order: Sequence[Value], start: Value, end: Value) -> set[Value]:
    """Return all values on the paths from one to another."""
    for given in (start, end):
        a_value("draw", "each end of path", given)
    for given in (start, end):
        if given not in set(order):
            raise ValueError(message("not on a path", repr(given)))
    found = depending(topological_order(end), [start]) & set(topological_order(end))
    if start not in set(topological_order(end)):
        raise ValueError(message("no path", repr(start), repr(end)))
    return found


def _for_a_slide(wanted: Plan) -> Plan:
    """Return the least terse picture whose text can be read on a slide, as large as it gets."""
    whole = [] if wanted.fold or blocks(wanted.order) else [(False, "right", False, wanted.digits)]
    terse = ((False, wanted.digits), (True, wanted.digits), (True, min(wanted.digits, _FEW)))
    groups = [whole, *([(True, form, *less) for form in _FORMS] for less in terse)]
    best, size = wanted, 0.0
    for group in groups:
        for fold, form, bare, digits in group:
            for rankdir in dict.fromkeys((wanted.rankdir, *(("LR", "TB") if fold else ()))):
                tried = replace(
                    wanted, fold=fold, form=form, bare=bare, digits=digits, rankdir=rankdir
                )
                if (now := _text_height(tried.canvas().diagram)) > size:
                    best, size = tried, now
        if size >= _READABLE:
            return best
    raise ValueError(message("unreadable slide", int(size), _READABLE))


def _text_height(diagram: Diagram) -> float:
    """Return how many pixels high the smallest text is on a slide of 1280 x 720."""
    left, bottom, right, top = map(float, json.loads(diagram.pipe("json0"))["bb"].split(","))
    points = min(SLIDE[0] * 72 / (right - left + 8), SLIDE[1] * 72 / (top - bottom + 8))
    return _TEXT * points * 96 / 72


# Every value, with circles for the operations


def _draw_all(canvas: Canvas, order: Sequence[Value], roots: Sequence[Value]) -> None:
    ids = {value: f"v{i}" for i, value in enumerate(order)}
    names = names_in_full(order, roots, canvas.digits)
    block_of, hidden = blocks(order), inside_softmax(order)
    operands: dict[str, Sequence[Value]] = {}
    for value in order:
        if value in hidden:
            continue
        if value in block_of:
            circle = f"{ids[block_of[value].loss]}_op"
            operands[circle] = block_of[value].loss.parents
            continue
        name = text(names[value]) if value.label is None else value.label
        canvas.box(ids[value], value, name.split("\n"), names[value])
        if value.op is not None:
            op, xs = of_all(value)
            _draw_operation(canvas, value, op, xs, ids, names)
            operands[f"{ids[value]}_op"] = xs
    for block in dict.fromkeys(block_of.values()):
        inside = {*block.logits, *block.targets, *block.outputs, block.loss}
        called: dict[str, Value] = {}  # two may look alike: each is differentiated by itself
        for v in order:
            if v in inside:
                label = text(names[v])
                called[ids[v] if label in called else label] = v
        outline = Outline(order, {v: Name(label) for label, v in called.items()})
        draw_block(canvas, outline, block, ids)
    canvas.in_order(ids, operands)
    for outputs in softmax_families(order).values():
        canvas.row([ids[v] for v in outputs])


def _draw_operation(
    canvas: Canvas,
    value: Value,
    op: Op,
    operands: Sequence[Value],
    ids: dict[Value, str],
    names: dict[Value, Formula],
) -> None:
    """Draw the circle of an operation, and the edges into it and out of it."""
    circle = f"{ids[value]}_op"
    name, formula = text(names[value]), text(Apply(op, *[names[x] for x in operands]))
    formula = formula if name == formula else f"{name} = {formula}"
    symbol = _symbol(op, operands)
    looks = CIRCLE | ({"shape": "ellipse"} if len(symbol) > _ROUND else {})
    canvas.diagram.node(circle, escaped(symbol), tooltip=escaped(formula), **looks)
    marked = value in canvas.marked
    edges = list(
        zip(operands, _derivatives(value, op, operands, names, canvas.digits), strict=True)
    )
    if softmax_operands(value):  # its operands stand in one order for all outputs
        place = {x: i for i, x in enumerate(names)}
        edges.sort(key=lambda edge: place[edge[0]])
    for x, (derivative, said) in edges:
        on_path = marked and x in canvas.marked
        tooltip = f"{said} = {derivative}" if said else derivative
        canvas.edge(ids[x], circle, x, derivative, tooltip, marked=on_path)
    on_path = marked and not canvas.marked.isdisjoint(operands)
    canvas.diagram.edge(circle, ids[value], tooltip=" ", **(PATH if on_path else {}))


def _symbol(op: Op, operands: Sequence[Value]) -> str:
    """Return what the circle says; of a power with a plain number in it, that number too."""
    plain = [isinstance(x, Constant) for x in operands]
    if op is not table.power or plain[0] == plain[1]:
        return op.symbol
    written = [rounded(x.data) if isinstance(x, Constant) else Name("x") for x in operands]
    return text(Apply(op, *written))


def _derivatives(
    value: Value, op: Op, operands: Sequence[Value], names: dict[Value, Formula], digits: int
) -> list[tuple[str, str]]:
    """Return the local derivatives: the number of each, and ∂h₀/∂R = w₂ as text."""
    repeated = Counter(map(id, operands))  # then each edge has a share of the derivative
    symbols = [
        text(partial_derivative(names, value, operands, x)) if repeated[id(x)] == 1 else ""
        for x in operands
    ]
    try:
        many = op is not value.op
        at = [x.data for x in operands]
        local = op.partials(value.data, *at) if many else value.local_derivatives()
    except (ArithmeticError, ValueError):  # the graph is fine, only its derivative is not
        return [("∄", symbol) for symbol in symbols]
    if many:  # the formulas would be of what is not drawn
        return [(number(dx, digits), symbol) for dx, symbol in zip(local, symbols, strict=True)]
    try:
        formulas = rule(
            Apply(op, *[names[x] for x in operands]), [names[x] for x in operands], names[value]
        )
    except (TypeError, ArithmeticError, ValueError):  # a rule that is for numbers only
        return [(number(dx, digits), symbol) for dx, symbol in zip(local, symbols, strict=True)]
    operand = {names[x]: x for x in operands}
    found = []
    for dx, formula, symbol in zip(local, formulas, symbols, strict=True):
        written, said = number(dx, digits), [symbol] if symbol else []
        if formula in operand:  # it is written as there
            written = text(drawn(operand[formula], digits))
            said.append(text(formula))
        elif isinstance(formula, Formula) and formula.op not in JUMPS:
            said.append(text(textbook(formula)))
        found.append((written, " = ".join(said)))
    return found

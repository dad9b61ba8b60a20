"""The folded picture: the outline of a graph, one box for each value with a name.

Softmax beside a cross-entropy of the same logits is one block, with the logits and targets going
in, the probabilities and the loss coming out. What an edge into it says is the derivative of
the loss, which is true; the numbers of softmax alone would need an edge for each pair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import count
from textwrap import wrap
from typing import NamedTuple, TypeAlias

from micrograd_vn import table
from micrograd_vn.engine import Constant, Value, topological_order
from micrograd_vn.formulas.identities import JUMPS
from micrograd_vn.formulas.names import SUBSCRIPTS, printable, symbol
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import Apply, Formula, Name, Number, of_all, replaced, rounded
from micrograd_vn.formulas.writer import PRODUCT
from micrograd_vn.readers.looks import CIRCLE, PATH, Canvas
from micrograd_vn.readers.numbers import drawn, equals
from micrograd_vn.readers.outline import Outline, partial_derivative, short_names
from micrograd_vn.readers.probabilities import probabilities

__all__ = [
    "LONGEST_DERIVATIVE",
    "Block",
    "blocks",
    "cut_at_names",
    "draw_block",
    "draw_folded",
    "element_of_softmax",
    "family",
    "inside_softmax",
    "names_in_full",
    "softmax_families",
    "softmax_operands",
]

_WIDTH, _NARROW = 24, 18  # of a line in a box, in characters; in a bare picture
LONGEST_DERIVATIVE = 12  # to stand on an edge as a formula too
_LONGEST_NAME = 24  # that is a formula

Family: TypeAlias = frozenset[tuple[Value, int]]

text = Text()


class Block(NamedTuple):
    """A cross-entropy, and the softmax of its logits."""

    loss: Value
    logits: tuple[Value, ...]
    targets: tuple[Value, ...]
    outputs: tuple[Value, ...]


def softmax_operands(value: Value) -> Sequence[Value]:
    """Return what the softmax of an output is of, first its own operand; else nothing."""
    op, operands = of_all(value)
    return operands if op is table.softmax_op else ()


def family(logits: Iterable[Value]) -> Family:
    """Return what tells one softmax from another: its operands, and how often each."""
    return frozenset(Counter(logits).items())


def softmax_families(values: Sequence[Value]) -> dict[Family, list[Value]]:
    """Return the outputs of each softmax, in the order of its operands."""
    place = {v: i for i, v in enumerate(values)}
    found: dict[Family, list[Value]] = {}
    for v in values:
        if logits := softmax_operands(v):
            found.setdefault(family(logits), []).append(v)
    for outputs in found.values():
        outputs.sort(key=lambda v: place.get(v.parents[0], 0))
    return found


def blocks(values: Sequence[Value]) -> dict[Value, Block]:
    """Return the blocks among some values, by each value that comes out of one."""
    found: dict[Value, Block] = {}
    families = softmax_families(values)
    for v in values:
        if v.op is table.cross_entropy_op:
            n = len(v.parents) // 2
            logits, targets = v.parents[:n], v.parents[n:]
            if outputs := families.pop(family(logits), None):
                places = [*map(id, logits)]  # values of one size are equal
                outputs.sort(key=lambda p: places.index(id(p.parents[0])))
                block = Block(v, logits, targets, tuple(outputs))
                found |= dict.fromkeys([v, *outputs], block)
    return found


def inside_softmax(order: Sequence[Value]) -> set[Value]:
    """Return the values without a label that only the outputs of a large softmax share."""
    used: dict[Value, set[bool]] = {}
    for v in order:
        for x in v.parents:
            used.setdefault(x, set()).add(v.op is table.excess_op or of_all(v)[0] is not v.op)
    shared = (table.largest_op, table.excess_op)
    return {v for v in order if v.op in shared and v.label is None and used.get(v) == {True}}


def cut_at_names(
    order: Sequence[Value],
    roots: set[Value],
    digits: int,
    wanted: Collection[Value] = (),
    lasting: bool = False,
) -> Outline:
    """Return the outline at the names that a solution uses, and at those of what is wanted."""
    there = set(order)
    found = probabilities(order[-1], order, there)
    outputs = {v: name for v, name in found.items() if v.op is not None}
    called = {v: "" for v in wanted if v.op is not None} | outputs
    # A solution numbers its names in this order.
    whole = topological_order(*found, *order)
    names = short_names(whole, roots, digits, fold=True, called=called)
    return Outline(order, {v: name for v, name in names.items() if v in there}, lasting)


def names_in_full(
    order: Sequence[Value], roots: Iterable[Value], digits: int
) -> dict[Value, Formula]:
    """Return what all values are called: as in a solution, or by a formula that is not long."""
    ends = set(roots)
    try:
        short = cut_at_names(order, ends, digits).names
    except ValueError:  # two have one label, so that there is no solution
        short = {}
    taken = {name.label for name in short.values()}.union(v.label for v in order)
    numbered = (f"u{i}".translate(SUBSCRIPTS) for i in count(1))
    free = (name for name in numbered if name not in taken)
    names: dict[Value, Formula] = {}
    for v in order:
        found: Formula | None = short.get(v)
        if v.label is not None:
            found = Name(v.label)
        elif isinstance(v, Constant):
            found = rounded(v.data, digits)
        elif v.op is not None and (found is None or v in ends):
            op, operands = of_all(v)
            formula = Apply(op, *[names[x] for x in operands])
            found = formula if len(text(formula)) <= _LONGEST_NAME else found
        names[v] = Name(next(free)) if found is None else found
    return names


def draw_folded(canvas: Canvas, cut: Outline) -> None:
    """Draw a box for each name, and an edge from each operand with its derivative."""
    ids = {value: f"v{i}" for i, value in enumerate(cut.order)}
    named = list(cut.names)
    block_of = blocks(named)
    drawn: set[Value] = set()
    operands: dict[str, list[Value]] = {}
    for value in named:
        if value in drawn:
            continue
        block = block_of.get(value)
        if block is None:
            lines = _lines(cut, value, canvas.digits, _NARROW if canvas.bare else _WIDTH)
            canvas.box(ids[value], value, lines, cut.names[value])
            operands[ids[value]] = cut.operands(value)
            for x in cut.operands(value):
                _draw_edge(canvas, cut, x, value, ids[x], ids[value])
        else:
            draw_block(canvas, cut, block, ids)
            operands[f"{ids[block.loss]}_op"] = cut.operands(block.loss)
            drawn |= {block.loss, *block.outputs}
    canvas.in_order(ids, operands)


def draw_block(canvas: Canvas, cut: Outline, block: Block, ids: dict[Value, str]) -> None:
    """Draw softmax and cross-entropy as one: logits and targets go in, the rest comes out."""
    name = f"{ids[block.loss]}_op"
    canvas.diagram.node(
        name, "softmax +\\ncross-entropy", **CIRCLE | {"shape": "box", "margin": "0.15,0.1"}
    )
    for x in cut.operands(block.loss):
        if isinstance(x, Constant) and x.label is None:  # nobody differentiates by that
            canvas.diagram.edge(ids[x], name, tooltip=" ")
        else:
            _draw_edge(canvas, cut, x, block.loss, ids[x], name, formula=not canvas.bare)
    inside = canvas.marked & {*block.logits, *cut.operands(block.loss)}
    for value in (*block.outputs, block.loss):
        # The loss comes from the logits, so there is no derivative by a probability.
        but = () if value is block.loss else ("gradient",)
        lines = [printable(value.label or cut.names[value].label)]
        canvas.box(ids[value], value, lines, cut.names[value], but)
        marked = bool(inside) and value in canvas.marked
        canvas.diagram.edge(name, ids[value], tooltip=" ", **(PATH if marked else {}))


def _draw_edge(
    canvas: Canvas,
    cut: Outline,
    x: Value,
    value: Value,
    start: str,
    end: str,
    formula: bool = False,
) -> None:
    """Draw an edge between two boxes, with the derivative of the one by the other."""
    before = ""
    label = partial_derivative(cut.names, value, cut.operands(value), x)
    try:
        derivative = cut.derivative(value, x)
        short = cut.with_constants(cut.textbook(value, derivative))
        if isinstance(short, Name):
            digits, exact = drawn(cut.value(short), canvas.digits), cut.value(short).data
        else:
            exact = cut.number(derivative)
            digits = rounded(exact, canvas.digits)
    except (ArithmeticError, ValueError):  # the graph is fine, only its derivative is not
        number, said, sign = "∄", text(label), "="
    else:
        number, sign = text(digits), equals(digits, exact)
        written = text(_short(short, canvas.digits))
        jumps = any(f.op in JUMPS for f in topological_order(derivative))
        said = text(label) if jumps else f"{text(label)} = {written}"
        if formula and written != number and len(written) <= LONGEST_DERIVATIVE:
            before = f"{written} {sign} "
        elif written == number:
            said = text(label)
    tooltip = f"{said} {sign} {number}"
    marked = value in canvas.marked and x in canvas.marked
    canvas.edge(start, end, x, number, tooltip, marked=marked, formula=before)


def _lines(cut: Outline, value: Value, digits: int, width: int) -> list[str]:
    """Return the name of a value and its formula, in lines that are not too long."""
    name = printable(cut.names[value].label)
    if value.op is None:
        return [name]
    if logits := softmax_operands(value):
        return _filled(f"{name} = {_softmax(cut, logits)}", width)
    if value.op is table.cross_entropy_op:
        n = len(value.parents) // 2
        of, y = (_vector(cut, xs, digits) for xs in (value.parents[:n], value.parents[n:]))
        return [f"{name} =", *_filled(f"CE(softmax({of}),", width), *_filled(f"{y})", width)]
    return _broken(name, _short(cut.definition(value), digits), width)


def _broken(name: str, f: Formula, width: int) -> list[str]:
    """Return an equation, a long sum in several lines."""
    terms: list[tuple[str, Formula]] = []
    while f.op in (table.add, table.sub):
        sign = "+" if f.op is table.add else "−"
        f, last = f.parents
        terms.append((sign, last))
    lines = [f"{name} = {text(f)}"]
    for sign, term in reversed(terms):
        written = text(term, PRODUCT)
        if len(lines[-1]) + len(written) + 3 <= width:
            lines[-1] += f" {sign} {written}"
        else:
            lines.append(f"{sign} {written}")
    return lines


def _filled(said: str, width: int) -> list[str]:
    return wrap(said, width, break_long_words=False, break_on_hyphens=False)


def _softmax(cut: Outline, logits: Sequence[Value]) -> str:
    """Return softmax(h)₀, or softmax(a; a, b) of operands that are no vector."""
    if (element := element_of_softmax(cut.names, logits)) is not None:
        return element
    first, *others = [_said(cut, x) for x in logits]
    return f"softmax({first}; {', '.join([first, *others])})"


def element_of_softmax(names: Mapping[Value, Name], logits: Sequence[Value]) -> str | None:
    """Return softmax(h)₀ if the operands of softmax, first its own, are elements of a vector."""
    stem = _stem(names, logits)
    return None if stem is None else f"softmax({stem}){names[logits[0]].label[len(stem) :]}"


def _vector(cut: Outline, xs: Sequence[Value], digits: int) -> str:
    stem = _stem(cut.names, xs)
    if stem is not None:
        return stem
    return f"[{', '.join(_said(cut, x, digits) for x in xs)}]"


def _said(cut: Outline, x: Value, digits: int = 4) -> str:
    return printable(cut.names[x].label) if x in cut.names else text(_short(cut.formula(x), digits))


def _stem(names: Mapping[Value, Name], xs: Sequence[Value]) -> str | None:
    """Return h for h₀, h₁, …: the letter that names have in common, which only differ below."""
    if not all(x in names for x in xs):
        return None
    parts = [symbol(names[x].label) for x in xs]
    stems = {p.stem for p in parts if p is not None}
    plain = all(p is not None and p.below and not (p.above or p.primes) for p in parts)
    return stems.pop() if plain and len(stems) == 1 and len(xs) > 1 else None


def _short(f: Formula, digits: int) -> Formula:
    """Return a formula with its numbers rounded."""
    return replaced(f, lambda x: rounded(float(x), digits) if isinstance(x, Number) else None)

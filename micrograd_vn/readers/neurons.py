"""`architecture`: a network as textbooks draw it, with circles for neurons and weights on arrows.

All is read off the expression: a neuron is a weighted sum and the activation of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from micrograd_vn import table
from micrograd_vn.engine import Constant, Value, topological_order
from micrograd_vn.errors import message
from micrograd_vn.formulas.names import SUBSCRIPTS, printable
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import rounded
from micrograd_vn.operators import values
from micrograd_vn.phrases import language, phrases
from micrograd_vn.readers.folded import Family, family, softmax_families, softmax_operands
from micrograd_vn.readers.looks import (
    DERIVATIVE,
    INK,
    Canvas,
    Hints,
    Omissions,
    check_shown,
    derivatives_of,
    escaped,
    looks_of,
    roles_of,
)
from micrograd_vn.readers.numbers import drawn
from micrograd_vn.readers.rendering import Diagram

__all__ = ["Network"]

SHOW = ("weights", "values", "gradients")
# What else has one operand is no activation but part of a formula.
_FORMULAS = {
    table.identity,
    table.neg,
    table.add,
    table.sub,
    table.mul,
    table.absolute,
    table.power,
    table.div,
    table.log,
    table.sqrt,
}

# A number on an arrow, and where the arrow meets it.
_TEXT = {
    "shape": "box", "style": "filled", "color": "#FFFFFF", "fillcolor": "#FFFFFF",
    "fontsize": "16", "margin": "0", "height": "0.28", "fixedsize": "true",
}  # fmt: skip
_WIDE, _NARROW = 0.12, 0.075  # inches of a letter in it, and of a small one
_ROUND = {"shape": "circle", "width": "0.9", "margin": "0.02"}
_BLOCK = {
    "shape": "box", "style": "rounded,filled", "margin": "0.25,0.1", "fillcolor": INK,
    "fontcolor": "#FFFFFF", "tooltip": " ",
}  # fmt: skip
_PORTS = {"LR": ("w", "e"), "RL": ("e", "w"), "TB": ("n", "s"), "BT": ("s", "n")}

text = Text()


class Unit(NamedTuple):
    """What a circle stands for: what comes in over which weights, what is added, and then done."""

    inputs: list[tuple[Value | None, Value]]
    biases: list[Value]
    activation: str


def architecture(
    root: Any,
    *,
    show: str = "weights",
    rankdir: str = "LR",
    digits: int = 4,
    roles: Hints | None = None,
    omitted: Omissions = (),
    lang: str | None = None,
    of: str | None = None,
    title: str | None = None,
) -> Diagram:
    """Return a network as a diagram: circles for its neurons, its weights on the arrows.

    Parameters
    ----------
    root
        What a network computes: a value, or several. Or a module such as `micrograd_vn.nn.MLP`.
    show
        ``"weights"`` with biases, ``"values"`` of the neurons, or ``"gradients"`` of both.
    rankdir
        Where the network flows: ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``.
    digits
        Significant digits of each number, from 1 to 17.
    roles
        Which values are ``"input"``, ``"parameter"``, ``"target"`` or ``"constant"``.
    omitted
        Pairs of values to join by a dotted arrow, as what lies between them is not given. With a
        third, that is the activation of the second, as a word; where the second has no value,
        but only a name, it is what lies between.
    lang
        The language of the words in it, ``"vi"`` or ``"en"``; the reader's unless given.
    of
        What the gradients are derivatives of; as for `draw`.
    title
        A line above the diagram.

    Raises
    ------
    TypeError
        `root` or `roles` has something that is not a `Value`.
    ValueError
        `show`, `rankdir`, `digits` or a role is not known; the numbers of a module's neurons are
        asked for, which it has only when it is called; or of a product of two leaves, no role
        says which is the weight.

    Examples
    --------
    >>> from micrograd_vn.nn import MLP
    >>> picture = architecture(MLP(2, [3, 1]))
    >>> x, w = Value(3.0, "x"), Value(0.8, "w")
    >>> picture = architecture((w * x).relu().named("R"), roles={"parameter": [w]})
    """
    if show not in SHOW:
        raise ValueError(message("show of a network", SHOW, repr(show)))
    if hasattr(root, "parameters"):
        if show != "weights":
            raise ValueError(message("before it is called", show))
        root, roles = _called(root)
    roots = [root] if isinstance(root, Value) else values("architecture", "root", root)
    check_shown("architecture", rankdir, digits)
    ends = [x for omission in omitted for x in omission if isinstance(x, Value)]
    order = topological_order(*ends, *roots)
    found = roles_of("architecture", order, roots, roles)
    differentiated, of = derivatives_of(roots, of)
    canvas = Canvas(found, set(), differentiated, of, digits, (show,), language(lang), rankdir)
    words = phrases("picture", canvas.lang)
    key = None
    if show == "gradients":
        key = words["derivatives"] if of is None else words["derivatives of"].format(of)
    canvas.start([line for line in (title, key) if line is not None], slide=False)
    canvas.diagram.attr(ranksep="0.5", nodesep="0.2", splines="line", outputorder="edgesfirst")
    network = Network(order, [*ends, *roots], found)
    for _, end, *word in omitted:
        if isinstance(end, Value) and word:
            network.units[end] = network.units[end]._replace(activation=word[0])
    _draw(canvas, network, show)
    for start, end, *word in omitted:
        _draw_omission(canvas, {v: f"v{i}" for i, v in enumerate(order)}, start, end, *word)
    return canvas.diagram


def _draw_omission(
    canvas: Canvas, ids: dict[Value, str], start: Value, end: Value | str, word: str = ""
) -> None:
    """Join two circles by a dotted arrow, where the second is only a name by way of a word."""
    way = [ids[start]]
    if isinstance(end, Value):
        way.append(ids[end])
    else:
        way += [f"{way[0]}_between", f"{way[0]}_end"]
        canvas.diagram.node(way[1], escaped(word), **_BLOCK)
        look = looks_of("constant", False) | {"style": "filled,dashed"}
        canvas.diagram.node(way[2], escaped(end), **look | _ROUND)
    for before, after in pairwise(way):
        canvas.diagram.edge(before, after, style="dotted", penwidth="2", minlen="2", tooltip=" ")


def _called(module: Any) -> tuple[list[Value], Hints]:
    """Return what a module computes from as many inputs as its first neuron has weights."""
    first = module
    while not hasattr(first, "w"):
        first = (first.layers if hasattr(first, "layers") else first.neurons)[0]
    n = len(first.w)
    inputs = [Value(0.0, f"x{str(i + 1).translate(SUBSCRIPTS)}") for i in range(n)]
    outputs = module(inputs)
    outputs = [outputs] if isinstance(outputs, Value) else list(outputs)
    return outputs, {"input": inputs, "parameter": module.parameters()}


class Network:
    """The neurons of an expression.

    Attributes
    ----------
    units : dict of Value to Unit
        By the value that comes out, each after those it needs.
    """

    def __init__(self, order: list[Value], roots: list[Value], roles: dict[Value, str]) -> None:
        self.roles = roles
        self.uses: dict[Value, list[Value]] = {}
        for v in order:
            for x in v.parents:
                self.uses.setdefault(x, []).append(v)
        self.factors: set[Value] = set()  # what is multiplied by a weight
        self.weights: set[Value] = set()
        for v in order:
            if v.op in (table.mul, table.dot_op):
                self._find_weights(v)
        self.units: dict[Value, Unit] = {}
        wanted = [*reversed(roots)]
        while wanted:
            v = wanted[-1]
            if v in self.units:
                wanted.pop()
                continue
            unit = self.unit(v)
            if missing := [x for _, x in unit.inputs if x not in self.units]:
                wanted += reversed(missing)
            else:
                self.units[v] = unit

    def _find_weights(self, v: Value) -> None:
        n = len(v.parents) // 2
        for w, x in zip(v.parents[:n], v.parents[n : 2 * n], strict=True):
            if self._is_weight(w, x, v) and not self._said(x, "parameter"):
                self.weights.add(w)
                self.factors.add(x)
            elif v.op is table.mul and self._is_weight(x, w, v):
                self.weights.add(x)
                self.factors.add(w)

    def _is_weight(self, w: Value, x: Value, v: Value) -> bool:
        """Whether a leaf is the weight of the other factor."""
        if w.op is not None or self.roles[w] in ("input", "target", "constant"):
            return False
        if self._said(w, "parameter"):
            return True
        if v.op is table.dot_op or x.op is not None or self.roles[x] == "input":
            return True
        if self._said(x, "parameter") or isinstance(x, Constant):
            return False
        raise ValueError(message("which weight", repr(w), repr(x)))

    def _said(self, v: Value, role: str) -> bool:
        return self.roles[v] == role

    def unit(self, v: Value) -> Unit:
        """Return what a circle for a value stands for."""
        if (inside := self.activated(v)) is not None and v.op is not None:
            return Unit(*self.sum(inside), v.op.symbol)
        inputs, biases = self.sum(v)
        if any(w is not None for w, _ in inputs):
            return Unit(inputs, biases, "")
        return Unit([(None, x) for x in self.sources(v)], [], "")

    def activated(self, v: Value) -> Value | None:
        """Return the weighted sum of which a value is the activation."""
        inside = [x for x in v.parents if not isinstance(x, Constant)]
        if v.op in _FORMULAS or len(inside) != 1 or len(self.uses[inside[0]]) > 1:
            return None
        return inside[0] if self.is_sum(inside[0]) else None

    def is_sum(self, v: Value) -> bool:
        """Whether a value is a weighted sum."""
        return any(w is not None for w, _ in self.sum(v)[0])

    def sum(self, v: Value) -> tuple[list[tuple[Value | None, Value]], list[Value]]:
        """Return the weighted terms of a value, and what is added to them."""
        inputs: list[tuple[Value | None, Value]] = []
        biases: list[Value] = []
        stack = [v]
        while stack:
            x = stack.pop()
            inner = x is v or x.label is None
            if x.op is table.add and inner:
                stack += reversed(x.parents)
            elif x.op in (table.mul, table.dot_op) and inner:
                n = len(x.parents) // 2
                for a, b in zip(x.parents[:n], x.parents[n : 2 * n], strict=True):
                    if a not in self.weights and b not in self.weights:
                        inputs += [(None, a), (None, b)]
                    else:
                        inputs.append((a, b) if a in self.weights else (b, a))
                stack += x.parents[2 * n :]
            elif x is not v and self.is_bias(x):
                biases.append(x)
            elif x is not v:
                inputs.append((None, x))
        return inputs, biases

    def is_bias(self, x: Value) -> bool:
        """Whether a term of a weighted sum is a leaf that no weight belongs to."""
        plain = x.op is None and self.roles[x] not in ("input", "target")
        return plain and x not in self.factors

    def sources(self, v: Value) -> list[Value]:
        """Return the nearest values with a circle on which one depends."""
        found: dict[Value, None] = {}
        stack = list(reversed(v.parents))
        while stack:
            x = stack.pop()
            bare = isinstance(x, Constant) and x.label is None
            if x.op is None or x.label is not None or self.is_sum(x) or self.activated(x):
                found |= {} if bare else {x: None}
            else:
                stack += reversed(x.parents)
        return list(found)


def _draw(canvas: Canvas, network: Network, show: str) -> None:
    ids = {v: f"v{i}" for i, v in enumerate(canvas.roles)}
    color = DERIVATIVE if show == "gradients" else INK
    layers: dict[object, list[str]] = {}
    depth: dict[Value, int] = {}
    losses = []
    for v, unit in network.units.items():
        look = looks_of(canvas.roles[v], False)
        dashed = "filled,dashed" if "dashed" in look.get("style", "") else "filled"
        label = "\\n".join(map(escaped, _circle(canvas, v, unit, show)))
        look |= _ROUND | {"style": dashed}
        canvas.diagram.node(ids[v], label, tooltip=escaped(_called_by(v)), **look)
        depth[v] = 1 + max([depth[x] for _, x in unit.inputs], default=0)
        # Leaves stand with those that feed the same.
        key = tuple(ids[u] for u in network.uses.get(v, ())) if v.op is None else depth[v]
        layer = layers.setdefault(key, [])
        if v.op is table.cross_entropy_op:
            losses.append(v)
            continue
        if not softmax_operands(v):
            if unit.biases:
                name = f"{ids[v]}_bias"
                said = " + ".join(_arrow(canvas, bias, show) for bias in unit.biases)
                look = {**_TEXT, "width": _width(said), "fontcolor": color}
                canvas.diagram.node(name, escaped(said), **look)
                layer.append(name)
            for i, (weight, x) in enumerate(unit.inputs):
                if weight is None:
                    canvas.diagram.edge(ids[x], ids[v], tooltip=" ")
                    continue
                # A text of its own on the way, which no other arrow crosses.
                name = f"{ids[v]}_weight{i}"
                said = _arrow(canvas, weight, show)
                look = {**_TEXT, "width": _width(said), "fontcolor": color}
                canvas.diagram.node(name, escaped(said), **look)
                near, far = _PORTS[canvas.rankdir]
                canvas.diagram.edge(ids[x], f"{name}:{near}", dir="none", tooltip=" ")
                canvas.diagram.edge(f"{name}:{far}", ids[v], tooltip=" ")
        layer.append(ids[v])
    for names in layers.values():
        canvas.row(names, {name for name in names if name.endswith("_bias")})
    _draw_losses(canvas, network, ids, softmax_families(list(network.units)), losses)


def _draw_losses(
    canvas: Canvas,
    network: Network,
    ids: dict[Value, str],
    softmaxes: dict[Family, list[Value]],
    losses: Sequence[Value],
) -> None:
    """Draw softmax and cross-entropy: logits to probabilities, and these to the loss."""

    def block(name: str, label: str, inputs: Iterable[Value], outputs: Iterable[Value]) -> None:
        canvas.diagram.node(name, label, **_BLOCK)
        for x in inputs:
            canvas.diagram.edge(ids[x], name, tooltip=" ")
        for y in outputs:
            canvas.diagram.edge(name, ids[y], tooltip=" ")

    for outputs in softmaxes.values():
        inputs = [x for _, x in network.units[outputs[0]].inputs]
        block(f"{ids[outputs[0]]}_softmax", "softmax", inputs, outputs)
    for v in losses:
        inputs = [x for _, x in network.units[v].inputs]
        n = len(v.parents) // 2
        if outputs := softmaxes.get(family(v.parents[:n]), []):
            inputs = [*outputs, *[x for x in v.parents[n:] if x in network.units]]
        label = "cross-entropy" if outputs else "softmax +\\ncross-entropy"
        block(f"{ids[v]}_loss", label, inputs, [v])


def _circle(canvas: Canvas, v: Value, unit: Unit, show: str) -> list[str]:
    """Return the lines in a circle."""
    name = "Σ" if unit.inputs and not unit.activation else ""
    name = _called_by(v) if v.label is not None or v.op is None else name
    lines = [name, unit.activation]
    if show == "values" and (v.label is not None or v.op is not None):
        lines.append(text(drawn(v, canvas.digits)))
    elif show == "gradients":
        lines.append(_gradient(canvas, v))
    return [line for line in lines if line]


def _arrow(canvas: Canvas, weight: Value, show: str) -> str:
    """Return what an arrow says of its weight."""
    name = "" if weight.label is None else printable(weight.label)
    if show == "values":
        return name
    if show == "gradients":
        return _gradient(canvas, weight)
    number = text(drawn(weight, canvas.digits))
    return f"{name} = {number}" if name else number


def _width(said: str) -> str:
    """Return how wide a text on an arrow is, in inches; Graphviz thinks small letters wide."""
    small = [unicodedata.decomposition(c).startswith(("<sub>", "<super>")) for c in said]
    return f"{_NARROW * sum(small) + _WIDE * (len(said) - sum(small)):.2f}"


def _gradient(canvas: Canvas, v: Value) -> str:
    beside = v not in canvas.differentiated and softmax_operands(v)  # the loss is of the logits
    if beside or canvas.roles[v] in ("target", "constant"):
        return ""
    return text(rounded(v.grad, canvas.digits)) if v in canvas.differentiated else "–"


def _called_by(v: Value) -> str:
    return printable(v.label) if v.label is not None else text(rounded(v.data))

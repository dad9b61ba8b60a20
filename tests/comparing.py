"""Is a random program right? Against mpmath, and compiled, drawn and explained against the graph.

How far a result may be off follows from how it was computed: a few roundings of each operation,
by what the result depends on it. What is farther off, as near a jump, is judged by its parts
(`tests.judging`), so that rounding never decides. Each check returns what is wrong, or nothing.
"""

import math
import pathlib
import tempfile
from html.parser import HTMLParser

import mpmath as mp
import numpy as np

from micrograd_vn import Value, draw, explain, grad, lambdify, table, topological_order
from micrograd_vn.engine import Constant
from micrograd_vn.errors import ERRORS
from tests import judging, series
from tests.formulas.browser import node
from tests.judging import EPS, ROUNDINGS, LeftOutError, Plain
from tests.series import Series

mp.mp.prec = 200
TINY, HUGE = 1e-290, 1e290
ARRAY_ROUNDINGS = 64  # of one operation in NumPy, JAX or JavaScript
LABELS = [
    "x", "x", "y", "w₁", "w⁽¹⁾₁,₁′", "<script>alert(1)</script>~", "&amp;", "a\\b", "x^2_1",
    "100 %", "$", "{", "}}", "#1", "a b", "", "\n\n", "\t\x00", "ĥ", "Đạo hàm", "🙂", "\u202eabc",
    "lambda", "np", "inf", "f", "math", "self", "del", "∂L/∂R", "a+b", "'", '"', "`", "*/", "//",
    "]]>", "|x|",
]  # fmt: skip


class UnclearError(Exception):
    """To be judged by its parts."""


def along(derivatives, direction):
    """Return the derivative in a direction, as a new value."""
    return sum([v * d for v, d in zip(direction, derivatives, strict=True)], Value(0.0))


def recorded(program, labels=()):
    """Return the inputs, and the value with its two derivatives in the direction."""
    xs = [Value(x) for x in program.inputs]
    results = program.run(xs, 0)
    for value, label in zip(results, labels, strict=False):
        value.label = label
    first = along(grad(results[-1], xs), program.direction)
    return xs, [results[-1], first, along(grad(first, xs), program.direction)]


def tolerance(value):
    """Return by how much a recorded value may be off, to first order: infinite if unclear."""
    order = topological_order(value)
    before = [node.grad for node in order]
    try:
        value.zero_grad()
        value.backward()
        terms = [abs(node.grad * node.data) for node in order]
    except ERRORS:
        raise UnclearError from None  # a derivative by something on the way does not exist
    finally:
        for node, g in zip(order, before, strict=True):
            node.grad = g
    if not all(TINY < abs(node.data) < HUGE or node.data == 0 for node in order):
        raise UnclearError
    slack = ROUNDINGS * EPS * (sum(terms) + abs(value.data)) + TINY
    if not slack < HUGE:
        raise UnclearError
    return slack


def exactly(program, sides):
    """Return the value of a program and its two derivatives in the direction, by the oracle."""
    before, series.exact = series.exact, sides
    try:
        inputs = [Series(x, v) for x, v in zip(program.inputs, program.direction, strict=True)]
        sides.seen(*program.inputs)
        results = program.run(inputs, 1)
    finally:
        series.exact = before
    if not all(abs(s.x) < HUGE for s in results):
        raise LeftOutError("larger than floats")
    last = results[-1]
    return [last.x, last.d, last.dd]


KINDS = ("value", "derivative", "second derivative")


def at_first_sight(program, outputs, by_backward):
    """Return what seems wrong with the numbers of a program, and the worst error in tolerances."""
    sides = Plain(200)
    want = exactly(program, sides)
    slack = [tolerance(v) + mp.mpf(2) ** -180 * sides.largest for v in outputs]
    found = zip(
        (*KINDS, "derivative by backward"),
        [*[v.data for v in outputs], by_backward],
        [*want, want[1]],
        [*slack, slack[1]],
        strict=True,
    )
    worst = 0.0
    for what, got, right, most in found:
        off = float(abs(mp.mpf(got) - right) / most) if math.isfinite(got) else math.inf
        worst = max(worst, off)
        if off > 1:
            return f"{what}: {got!r} for {mp.nstr(right, 20)}", worst
    return "", worst


def by_its_parts(program, outputs, by_backward):
    """Return what is wrong with a program, whatever rounding does to its numbers."""
    named = dict(zip(KINDS, outputs, strict=True))
    said = judging.wrong_formula(named, lambda sides: exactly(program, sides))
    for kind, output in named.items():
        said = said or judging.wrong_node(topological_order(output))
        said = said and (said if said.startswith(KINDS) else f"{kind}: {said}")
    if not said:
        try:  # two ways through the same numbers, which is linear
            if not math.isfinite(by_backward):
                slopes = [d for v in topological_order(outputs[0]) for d in v.local_derivatives()]
                if math.inf in map(abs, slopes):  # and times 0 that is nan
                    raise LeftOutError("a local derivative larger than floats")
            if not same(by_backward, outputs[1].data, tolerance(outputs[1])):
                said = f"derivative by backward: {by_backward!r} for {outputs[1].data!r}"
        except UnclearError:
            pass
    return said


def against_the_oracle(program):
    """Return what is wrong with a program's numbers, the worst error, and how it was judged."""
    xs, outputs = recorded(program)
    powers = [v.parents for v in topological_order(outputs[0]) if v.op is table.power]
    # −0.0 may be what is left of a number below 0
    if any(math.copysign(1, x.data) < 0 and not isinstance(y, Constant) for x, y in powers):
        raise LeftOutError("no derivative by an exponent")
    outputs[0].zero_grad()
    outputs[0].backward()
    by_backward = sum([v * x.grad for v, x in zip(program.direction, xs, strict=True)])
    try:
        said, worst = at_first_sight(program, outputs, by_backward)
        why = "near a jump, or little is left"
    except UnclearError:
        said, worst, why = "?", 0.0, "near the ends of floats"
    if not said:
        return "", worst, "at first sight"
    return by_its_parts(program, outputs, by_backward), 0.0, why


def same(got, want, most):
    if math.isfinite(want):
        return abs(got - want) <= most
    return math.isnan(want) or got == want


def compiled(program, modules):
    """Return what is wrong with the compiled function of a program."""
    xs, outputs = recorded(program)
    f = lambdify(xs, outputs, modules)
    if modules == "math":
        try:
            results = f(*program.inputs)
        except ERRORS as error:
            return f"{modules}: {error!r}"
        return "" if str(results) == str([v.data for v in outputs]) else f"{modules}: {results}"
    with np.errstate(all="ignore"):
        arrays = [np.full(3, x) for x in program.inputs]
        rows = [np.broadcast_to(np.asarray(r), 3) for r in f(*arrays)]
        if all(agree([float(row[i]) for row in rows], outputs) for i in range(3)):
            return ""
        nodes = topological_order(*outputs)
        rows = [np.broadcast_to(np.asarray(r), 3) for r in lambdify(xs, nodes, modules)(*arrays)]
    return f"{modules}: {said}" if (said := by_nodes(nodes, [float(r[0]) for r in rows])) else ""


def agree(results, outputs):
    """Return whether other libraries give what was recorded, as far as rounding goes."""
    try:
        most = [ARRAY_ROUNDINGS * tolerance(v) for v in outputs]
    except UnclearError:
        return False
    return all(map(same, results, [v.data for v in outputs], most))


def by_nodes(nodes, results):
    """Return what is wrong with a graph computed elsewhere, judged node by node."""
    if any(0 < abs(node.data) < TINY for node in nodes):
        raise LeftOutError("numbers that other libraries take for 0")
    return judging.wrong_node(nodes, dict(zip(nodes, results, strict=True)), ARRAY_ROUNDINGS)


def in_javascript(programs):
    """Yield the programs whose function in JavaScript is wrong, and how many there were."""
    cases = []
    for program in programs:
        try:
            xs, outputs = recorded(program, LABELS)
            cases.append((program, xs, outputs, topological_order(*outputs)))
        except ERRORS:
            continue
    with tempfile.TemporaryDirectory() as folder:

        def results(cases, wanted):
            scripts = [lambdify(c[1], c[wanted], "javascript") for c in cases]
            points = [[list(c[0].inputs)] for c in cases]
            return [row for (row,) in node(scripts, points, pathlib.Path(folder))]

        pairs = zip(cases, results(cases, 2), strict=True)
        unclear = [case for case, row in pairs if not agree(row, case[2])]
        for case, row in zip(unclear, results(unclear, 3) if unclear else [], strict=True):
            try:
                if said := by_nodes(case[3], row):
                    yield case[0], f"javascript: {said}"
            except LeftOutError:
                pass
    yield None, len(cases)


class Elements(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page):
        super().__init__()
        self.found = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found |= {tag, *[name for name, _ in attrs]}


def with_hostile_labels(program, chance):
    """Return what is wrong with a program whose values have labels that mean something."""
    labels = [chance.choice(LABELS) for _ in range(len(program.inputs) + len(program.steps))]
    plain = recorded(program)[1]
    xs, outputs = recorded(program, labels)
    try:
        f = lambdify(xs, outputs)
    except ValueError as error:
        if "was that name bound anew" in str(error):
            raise LeftOutError("two inputs of one name") from None
        raise
    if str(f(*program.inputs)) != str([v.data for v in plain]):
        return f"labels: {labels} change the compiled function"
    draw(outputs[0]).source.encode()
    explanation = explain(outputs[0], xs[0], digits=4)
    str(explanation).encode()
    explanation.to_latex().encode()
    bad = Elements(explanation.to_html()).found & {"script", "img", "onload", "onerror"}
    return f"labels: {labels} make elements {bad}" if bad else ""


def jax_numpy():
    """Return JAX's NumPy, which is asked for double precision."""
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax.numpy


def an_explanation(chance):
    """Return what is wrong with the worked solution of a program of its tests."""
    from tests.readers import test_solution as solutions

    seed = chance.getrandbits(60)
    made = solutions.setting(seed)
    if made is None or math.isnan(solutions.tangent(made[0], made[1], [])):
        raise LeftOutError("no derivative")
    output, wrt, digits, graph = made
    explanation = explain(output, wrt, digits=digits, lang="en")
    try:
        solutions.check(explanation, graph, digits)
    except AssertionError as error:
        return f"the program {seed} of tests.readers.test_solution: {error}"
    return ""

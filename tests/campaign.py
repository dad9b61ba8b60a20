"""Random programs against independent oracles: ``python -m tests.campaign --minutes 10``.

Each program is a few operations on ordinary or extreme numbers. Its value, the derivative in a
direction and the second derivative there are compared with mpmath, by arithmetic on Taylor series
whose rules are written here; what `lambdify` compiles, with the recorded graph; the equalities
of worked solutions, with the graph. How far a result may be off follows from how it was computed:
a few roundings of each operation, by what the result depends on it. Of a failure, the smallest
program that fails in the same way is printed.
"""

import argparse
import math
import multiprocessing
import os
import pathlib
import random
import tempfile
import time
from collections import Counter
from html.parser import HTMLParser
from typing import NamedTuple

import mpmath as mp
import numpy as np

from micrograd_vn import Value, draw, explain, grad, lambdify, ops, topological_order
from micrograd_vn.errors import ERRORS
from tests.formulas.browser import NODE, node

mp.mp.prec = 200
EPS = 2.0**-52
TINY, HUGE = 1e-290, 1e290
ROUNDINGS = 8  # of one operation
NUMBERS = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.0, -2.0, 10.0, 1e-3, 100.0]
LABELS = [
    "x", "x", "y", "w₁", "w⁽¹⁾₁,₁′", "<script>alert(1)</script>~", "&amp;", "a\\b", "x^2_1",
    "100 %", "$", "{", "}}", "#1", "a b", "", "\n\n", "\t\x00", "ĥ", "Đạo hàm", "🙂", "\u202eabc",
    "lambda", "np", "inf", "f", "math", "self", "del", "∂L/∂R", "a+b", "'", '"', "`", "*/", "//",
    "]]>", "|x|",
]  # fmt: skip


class Series:
    """A number and its first two derivatives along a line."""

    def __init__(self, x, d=0, dd=0):
        self.x, self.d, self.dd = mp.mpf(x), mp.mpf(d), mp.mpf(dd)

    def through(self, f, df, ddf):
        """Return a function of this, by its value and its two derivatives."""
        return Series(f, df * self.d, ddf * self.d**2 + df * self.dd)

    def __add__(self, other):
        return Series(self.x + other.x, self.d + other.d, self.dd + other.dd)

    def __mul__(self, other):
        dd = self.dd * other.x + 2 * self.d * other.d + self.x * other.dd
        return Series(self.x * other.x, self.d * other.x + self.x * other.d, dd)

    def __neg__(self):
        return Series(-self.x, -self.d, -self.dd)

    def __sub__(self, other):
        return self + -other


class LeftOutError(Exception):
    """The oracle says nothing here: a kink is near, or numbers beyond those of floats."""


def near_a_kink(x, scale=1):
    """Return whether x is 0, or leave out what is nearly."""
    if x != 0 and abs(x) <= 1e-9 * scale:
        raise LeftOutError
    return x == 0


def power(a, b):
    if a.x > 0:
        return exp(b * log(a))
    if b.d or b.dd or b.x != mp.floor(b.x):
        raise LeftOutError  # the derivative by the exponent is nan
    n, x = int(b.x), a.x
    if abs(n) > 2000 or (x == 0 and n < 2):
        raise LeftOutError
    return a.through(x**n, n * x ** (n - 1), n * (n - 1) * x ** (n - 2) if n > 1 or x else 0)


def exp(a):
    if abs(a.x) > 1e4:
        raise LeftOutError
    e = mp.exp(a.x)
    return a.through(e, e, e)


def log(a):
    if a.x <= 0:
        raise LeftOutError
    return a.through(mp.log(a.x), 1 / a.x, -1 / a.x**2)


def expm1(a):
    e = exp(a).x
    return a.through(mp.expm1(a.x), e, e)


def log1p(a):
    if a.x <= -1:
        raise LeftOutError
    return a.through(mp.log1p(a.x), 1 / (1 + a.x), -1 / (1 + a.x) ** 2)


def inverse(a):
    if a.x == 0:
        raise LeftOutError
    return a.through(1 / a.x, -1 / a.x**2, 2 / a.x**3)


def sqrt(a):
    if a.x <= 0:
        raise LeftOutError
    r = mp.sqrt(a.x)
    return a.through(r, 1 / (2 * r), -1 / (4 * r**3))


def sine(a, shift=0):
    s, c = (mp.cos(a.x), -mp.sin(a.x)) if shift else (mp.sin(a.x), mp.cos(a.x))
    return a.through(s, c, -s)


def tan(a):
    t = mp.tan(a.x)
    return a.through(t, 1 + t * t, 2 * t * (1 + t * t))


def sech(a):
    if abs(a.x) > 1e4:
        raise LeftOutError
    s, t = mp.sech(a.x), mp.tanh(a.x)
    return a.through(s, -s * t, s * (t * t - s * s))


def tanh(a):
    if abs(a.x) > 300:
        raise LeftOutError
    t = mp.tanh(a.x)
    d = mp.sech(a.x) ** 2
    return a.through(t, d, -2 * t * d)


def sigmoid(a):
    if abs(a.x) > 600:
        raise LeftOutError
    s, r = 1 / (1 + mp.exp(-a.x)), 1 / (1 + mp.exp(a.x))
    return a.through(s, s * r, s * r * (r - s))


def softplus(a):
    s = sigmoid(a)
    return a.through(mp.log1p(mp.exp(a.x)), s.x, s.x * (1 / (1 + mp.exp(a.x))))


def erf(a):
    if abs(a.x) > 25:
        raise LeftOutError
    d = 2 / mp.sqrt(mp.pi) * mp.exp(-(a.x**2))
    return a.through(mp.erf(a.x), d, -2 * a.x * d)


def gelu(a):
    if abs(a.x) > 35:
        raise LeftOutError
    density = mp.exp(-(a.x**2) / 2) / mp.sqrt(2 * mp.pi)
    share = mp.erfc(-a.x / mp.sqrt(2)) / 2
    return a.through(a.x * share, share + a.x * density, density * (2 - a.x**2))


def absolute(a):
    return Series(0) if near_a_kink(a.x) else a if a.x > 0 else -a


def relu(a):
    return a if not near_a_kink(a.x) and a.x > 0 else Series(0)


def larger(a, b, sign=1):
    if near_a_kink(a.x - b.x, abs(a.x) + abs(b.x)):
        half = Series(mp.mpf(1) / 2)
        return half * (a + b)
    return a if (a.x > b.x) == (sign > 0) else b


def leaky(a, slope):
    if near_a_kink(a.x):
        raise LeftOutError  # its derivatives by both operands have no order there
    return a if a.x > 0 else slope * a


def total(xs):
    result = Series(0)
    for x in xs:
        result = result + x
    return result


def log_softmax(x, *others):
    return -log(total([exp(other - x) for other in (x, *others)]))


def logsumexp(*xs):
    first, *others = sorted(xs, key=lambda x: -x.x)
    return first - log_softmax(first, *others)


def softmax(x, *others):
    return exp(log_softmax(x, *others))


def step(a):
    return Series(0 if near_a_kink(a.x) or a.x < 0 else 1)


class Operation(NamedTuple):
    """What an operation is for us, and for the oracle, and how many operands it takes."""

    ours: object
    theirs: object
    operands: int


one = Series(1)
OPERATIONS = {
    "add": Operation(lambda a, b: a + b, lambda a, b: a + b, 2),
    "sub": Operation(lambda a, b: a - b, lambda a, b: a - b, 2),
    "mul": Operation(lambda a, b: a * b, lambda a, b: a * b, 2),
    "div": Operation(lambda a, b: a / b, lambda a, b: a * inverse(b), 2),
    "pow": Operation(lambda a, b: a**b, power, 2),
    "square": Operation(lambda a: a**2, lambda a: a * a, 1),
    "cube": Operation(lambda a: a**3.0, lambda a: a * a * a, 1),
    "reciprocal": Operation(lambda a: a**-1, inverse, 1),
    "twice": Operation(lambda a: 2 * a, lambda a: a + a, 1),
    "complement": Operation(lambda a: 1 - a, lambda a: one - a, 1),
    "neg": Operation(lambda a: -a, lambda a: -a, 1),
    "plus": Operation(lambda a: +a, lambda a: a, 1),
    "abs": Operation(abs, absolute, 1),
    "exp": Operation(ops.exp, exp, 1),
    "log": Operation(ops.log, log, 1),
    "log1p": Operation(ops.log1p, log1p, 1),
    "expm1": Operation(ops.expm1, expm1, 1),
    "sqrt": Operation(ops.sqrt, sqrt, 1),
    "sin": Operation(ops.sin, sine, 1),
    "cos": Operation(ops.cos, lambda a: sine(a, 1), 1),
    "tan": Operation(ops.tan, tan, 1),
    "atan": Operation(
        ops.atan,
        lambda a: a.through(mp.atan(a.x), 1 / (1 + a.x**2), -2 * a.x / (1 + a.x**2) ** 2),
        1,
    ),
    "tanh": Operation(ops.tanh, tanh, 1),
    "sech": Operation(ops.sech, sech, 1),
    "sigmoid": Operation(ops.sigmoid, sigmoid, 1),
    "relu": Operation(ops.relu, relu, 1),
    "softplus": Operation(ops.softplus, softplus, 1),
    "gelu": Operation(ops.gelu, gelu, 1),
    "erf": Operation(ops.erf, erf, 1),
    "step": Operation(ops.step, step, 1),
    "sign": Operation(ops.sign, lambda a: step(a) - step(-a), 1),
    "maximum": Operation(ops.maximum, larger, 2),
    "minimum": Operation(ops.minimum, lambda a, b: larger(a, b, -1), 2),
    "greater": Operation(
        ops.greater,
        lambda a, b: (
            Series(0.5) if near_a_kink(a.x - b.x, abs(a.x) + abs(b.x)) else Series(int(a.x > b.x))
        ),
        2,
    ),
    "leaky_relu": Operation(ops.leaky_relu, leaky, 2),
    "dot": Operation(
        lambda a, b, c, d, e: ops.dot([a, b], [c, d], e), lambda a, b, c, d, e: a * c + b * d + e, 5
    ),
    "logsumexp": Operation(lambda *xs: ops.logsumexp(xs), logsumexp, 3),
    "softmax": Operation(lambda *xs: ops.softmax(xs)[0], softmax, 3),
    "softmax of many": Operation(
        lambda a, b, c: ops.softmax([a, b, c] * 3)[0],
        lambda a, b, c: softmax(a, b, c, a, b, c, a, b, c),
        3,
    ),
    "log_softmax": Operation(lambda *xs: ops.log_softmax(xs)[0], log_softmax, 3),
    "cross_entropy": Operation(
        lambda *xs: ops.cross_entropy(xs, 1), lambda x, y, z: -log_softmax(y, x, z), 3
    ),
}


class Program(NamedTuple):
    """Inputs, a direction, and steps: each an operation on earlier results."""

    inputs: tuple
    direction: tuple
    steps: tuple

    def run(self, operands, engine):
        """Return all results, of our engine or of the oracle."""
        results = list(operands)
        for name, places in self.steps:
            results.append(OPERATIONS[name][engine](*[results[i] for i in places]))
        return results

    def __str__(self):
        n = len(self.inputs)
        lines = [f"x{i} = {x!r}, in the direction {v}" for i, (x, v) in
                 enumerate(zip(self.inputs, self.direction, strict=True))]  # fmt: skip
        for i, (name, places) in enumerate(self.steps):
            operands = ", ".join([f"x{p}" for p in places])
            lines.append(f"x{n + i} = {name}({operands})")
        return "\n".join(lines)


def number(chance):
    kind = chance.random()
    if kind < 0.35:
        return chance.choice(NUMBERS)
    if kind < 0.8:
        return round(chance.uniform(-3, 3), chance.choice([1, 3, 17]))
    return chance.choice([-1, 1]) * 10.0 ** chance.uniform(*chance.choice([(-9, 9), (-300, 300)]))


def random_program(chance):
    n = chance.randint(1, 3)
    names, steps = list(OPERATIONS), []
    for i in range(chance.randint(1, 7)):
        name = chance.choice(names)
        recent = [n + i - 1] if i and chance.random() < 0.6 else []
        places = [chance.randrange(n + i) for _ in range(OPERATIONS[name].operands)]
        if recent:
            places[chance.randrange(len(places))] = recent[0]
        steps.append((name, tuple(places)))
    inputs = tuple([number(chance) for _ in range(n)])
    direction = tuple([chance.choice([1.0, 1.0, -1.0, 0.5, 0.0]) for _ in range(n)])
    return Program(inputs, direction if any(direction) else (1.0,) * n, tuple(steps))


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
    """Return by how much a recorded value may be off, and leave out where that says nothing."""
    order = topological_order(value)
    before = [node.grad for node in order]
    try:
        value.zero_grad()
        value.backward()
        terms = [abs(node.grad * node.data) for node in order]
        if not all(TINY < abs(node.data) < HUGE or node.data == 0 for node in order):
            raise LeftOutError
    finally:
        for node, g in zip(order, before, strict=True):
            node.grad = g
    slack = ROUNDINGS * EPS * (sum(terms) + abs(value.data)) + TINY
    if not slack < HUGE:
        raise LeftOutError
    return slack


def against_the_oracle(program):
    """Return what is wrong with the numbers of a program, and the worst error in tolerances."""
    xs, outputs = recorded(program)
    series = [Series(x, v) for x, v in zip(program.inputs, program.direction, strict=True)]
    exact = program.run(series, 1)
    if not all(abs(s.x) < HUGE for s in exact):
        raise LeftOutError
    worst = 0.0
    outputs[0].zero_grad()
    outputs[0].backward()
    by_backward = sum([v * x.grad for v, x in zip(program.direction, xs, strict=True)])
    want = [exact[-1].x, exact[-1].d, exact[-1].dd]
    scale = max([1, *[abs(n) for s in exact for n in (s.x, s.d, s.dd)]])
    slack = [tolerance(v) + mp.mpf(2) ** -180 * scale for v in outputs]  # of the oracle itself
    found = zip(
        ("value", "derivative", "second derivative", "derivative by backward"),
        [*[v.data for v in outputs], by_backward],
        [*want, want[1]],
        [*slack, slack[1]],
        strict=True,
    )
    for what, got, right, most in found:
        off = float(abs(mp.mpf(got) - right) / most) if math.isfinite(got) else math.inf
        worst = max(worst, off)
        if off > 1:
            return f"{what}: {got!r} for {mp.nstr(right, 20)}", worst
    return "", worst


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
    slack = [100 * tolerance(v) for v in outputs]
    with np.errstate(all="ignore"):
        results = [np.broadcast_to(r, 3) for r in f(*[np.full(3, x) for x in program.inputs])]
    for row, value, most in zip(results, outputs, slack, strict=True):
        if not all(same(float(got), value.data, most) for got in row):
            return f"{modules}: {row[0]!r} for {value.data!r}"
    return ""


def in_javascript(programs):
    """Return the programs whose function in JavaScript is wrong, and how many there were."""
    cases = []
    for program in programs:
        try:
            xs, outputs = recorded(program, LABELS)
            slack = [100 * tolerance(v) for v in outputs]
            cases.append((program, lambdify(xs, outputs, "javascript"), outputs, slack))
        except (*ERRORS, LeftOutError):
            continue
    points = [[list(program.inputs)] for program, *_ in cases]
    with tempfile.TemporaryDirectory() as folder:
        rows = node([script for _, script, *_ in cases], points, pathlib.Path(folder))
    for (program, _, outputs, slack), (row,) in zip(cases, rows, strict=True):
        for got, value, most in zip(row, outputs, slack, strict=True):
            if not same(got, value.data, most):
                yield program, f"javascript: {got!r} for {value.data!r}"
                break
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
            raise LeftOutError from None
        raise
    if str(f(*program.inputs)) != str([v.data for v in plain]):
        return f"labels: {labels} change the compiled function"
    draw(outputs[0]).source.encode()
    explanation = explain(outputs[0], xs[0], digits=4)
    str(explanation).encode()
    explanation.to_latex().encode()
    bad = Elements(explanation.to_html()).found & {"script", "img", "onload", "onerror"}
    return f"labels: {labels} make elements {bad}" if bad else ""


def an_explanation(chance):
    """Return what is wrong with the worked solution of a program of its tests."""
    from tests.readers import test_solution as solutions

    seed = chance.getrandbits(60)
    made = solutions.setting(seed)
    if made is None or math.isnan(solutions.tangent(made[0], made[1], [])):
        raise LeftOutError
    output, wrt, digits, graph = made
    explanation = explain(output, wrt, digits=digits, lang="en")
    try:
        solutions.check(explanation, graph, digits)
    except AssertionError as error:
        return f"the program {seed} of tests.readers.test_solution: {error}"
    return ""


def smaller(program):
    """Yield programs like this one with less in them."""
    n = len(program.inputs)
    for k in range(1, len(program.steps)):
        yield program._replace(steps=program.steps[:k])
    for k in range(len(program.steps)):
        for to in set(program.steps[k][1]):  # leave a step out: its operand instead of it
            moved = [
                (name, tuple([to if p == n + k else p - (p > n + k) for p in places]))
                for name, places in program.steps[k + 1 :]
            ]
            yield program._replace(steps=(*program.steps[:k], *moved)) if moved else program
    for k, (name, places) in enumerate(program.steps):
        for i, p in enumerate(places):
            for to in range(min(p, n)):
                changed = (name, (*places[:i], to, *places[i + 1 :]))
                steps = (*program.steps[:k], changed, *program.steps[k + 1 :])
                yield program._replace(steps=steps)
    for i, x in enumerate(program.inputs):
        for simple in (0.0, 1.0, 2.0, float(round(x)), float(f"{x:.1g}"), float(f"{x:.3g}")):
            if len(repr(simple)) < len(repr(x)):
                inputs = (*program.inputs[:i], simple, *program.inputs[i + 1 :])
                yield program._replace(inputs=inputs)
    for i, v in enumerate(program.direction):
        if v != 1.0:
            direction = (*program.direction[:i], 1.0, *program.direction[i + 1 :])
            yield program._replace(direction=direction)


def shrunk(program, wrong):
    """Return the smallest program that is wrong, and what is."""
    said, found = wrong(program), True
    while found:
        found = False
        for candidate in smaller(program):
            try:
                now = wrong(candidate) if candidate != program else ""
            except (*ERRORS, LeftOutError):
                continue
            if now and now.split(":")[0] == said.split(":")[0]:
                program, said, found = candidate, now, True
                break
    return program, said


def checks(k, chance):
    """Return the checks of the k-th program: those that take longer not of all."""
    made = [("mpmath", lambda p: against_the_oracle(p)[0])]
    if k % 4 == 0:
        made.append(("floats", lambda p: compiled(p, "math")))
    if k % 16 == 1:
        made.append(("NumPy", lambda p: compiled(p, "numpy")))
    if k % 16 == 2:
        seed = chance.random()
        made.append(("labels", lambda p: with_hostile_labels(p, random.Random(seed))))
    return made


def work(seed, first, step, deadline, most):
    """Return how many of each check there were, the worst error, and what failed."""
    count, worst, failures, waiting = Counter(), 0.0, [], []
    for k in range(first, most, step):
        if time.monotonic() > deadline:
            break
        chance = random.Random(f"{seed} {k}")
        program = random_program(chance)
        count["programs"] += 1
        for name, wrong in checks(k, chance):
            try:
                if name == "mpmath":
                    said, off = against_the_oracle(program)
                    worst = max(worst, off if not said else 0.0)
                else:
                    said = wrong(program)
            except LeftOutError:
                count["left out"] += name == "mpmath"
            except ERRORS:
                count["outside the domain"] += name == "mpmath"
            else:
                count[name] += 1
                if said:
                    failures.append((k, *shrunk(program, wrong)))
        if k % 16 == 3:
            waiting.append(program)
        if k % 64 == 4:
            try:
                said = an_explanation(chance)
                count["explanations"] += 1
                if said:
                    failures.append((k, "", said))
            except (*ERRORS, LeftOutError):
                pass
        if NODE and len(waiting) == 200:
            for failed, said in in_javascript(waiting):
                if failed is None:
                    count["JavaScript"] += said
                else:
                    failures.append((k, failed, said))
            waiting = []
    return count, worst, failures


def main():
    """Run the campaign and print what it found."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, help="a fresh one unless given")
    parser.add_argument("--programs", type=int, default=10**12, help="at most so many")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    seed = random.SystemRandom().getrandbits(32) if given.seed is None else given.seed
    print(f"python -m tests.campaign --minutes {given.minutes:g} --seed {seed}", flush=True)
    deadline, n = time.monotonic() + 60 * given.minutes, given.processes
    with multiprocessing.get_context("spawn").Pool(n) as pool:
        parts = pool.starmap(work, [(seed, i, n, deadline, given.programs) for i in range(n)])
    count = sum([part[0] for part in parts], Counter())
    print(", ".join([f"{name}: {number:,}" for name, number in sorted(count.items())]))
    print(f"worst error: {max([part[1] for part in parts]):.3f} of what rounding allows")
    failures = sorted([failure for part in parts for failure in part[2]], key=lambda f: len(str(f)))
    kinds = Counter([said.split(":")[0] for _, _, said in failures])
    print(f"failures: {len(failures)}", dict(kinds) or "")
    for kind in kinds:  # the smallest of each
        k, program, said = next(f for f in failures if f[2].split(":")[0] == kind)
        print(f"\nprogram {k}, made smaller:\n{program}\n{said}")
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()

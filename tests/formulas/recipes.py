"""Random arithmetic: a recipe builds the same expression of floats, values and formulas.

A recipe is a nested tuple: ``("x", i)`` is an operand, ``("number", c)`` a number, and
``("mul", a, b)`` an operation on two recipes. How it is computed is said by the operators of
whatever it is built of, or by `OPERATIONS` of the package.
"""

import functools
import math
import random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from micrograd_vn import ops, table
from micrograd_vn.errors import ERRORS

SIGNS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "abs": abs,
}
FUNCTIONS = {
    name: getattr(ops, name)
    for name in "exp log sqrt sin cos tan atan tanh sech sigmoid relu softplus gelu erf expm1 "
    "log1p maximum minimum leaky_relu".split()
}
BINARY = {"add", "sub", "mul", "div", "maximum", "minimum", "leaky_relu"}
PHASES = [Phase.explicit, Phase.generate, Phase.shrink]
ROUND = [0.5, 1.0, 2.0, 3.0, 0.25, 10.0, -1.0, -2.0, 0.0]
NUMBERS = st.sampled_from(ROUND) | st.floats(-3, 3).map(lambda x: round(x, 2))


@functools.cache
def recipes(n, names=(*SIGNS, *FUNCTIONS), powers=(-2, -1, 0, 1, 2, 3), leaves=8):
    """Return a strategy for recipes of `n` operands."""
    operands = st.builds(lambda i: ("x", i), st.integers(0, n - 1))
    leaf = operands | operands | NUMBERS.map(lambda c: ("number", c))

    def larger(part):
        made = [
            st.tuples(st.just(name), part, part)
            if name in BINARY
            else st.tuples(st.just(name), part)
            for name in names
        ]
        signs = [m for m, name in zip(made, names, strict=True) if name in SIGNS]
        power = st.tuples(st.just("pow"), part, st.sampled_from(powers))
        return st.one_of(*signs, power, st.one_of(*made))

    return st.recursive(leaf, larger, max_leaves=leaves)


def build(recipe, xs, seen=lambda name, result: result, number=float):
    """Return what a recipe gives on operands; `seen` may change each result."""
    kind, *parts = recipe
    if kind == "x":
        return xs[parts[0]]
    if kind == "number":
        return number(parts[0])
    if kind == "pow":
        return seen(kind, build(parts[0], xs, seen, number) ** parts[1])
    operands = [build(p, xs, seen, number) for p in parts]
    return seen(kind, (SIGNS.get(kind) or FUNCTIONS[kind])(*operands))


def uses(recipe):
    """Return the operands in a recipe."""
    kind, *parts = recipe
    if kind in ("x", "number"):
        return {parts[0]} if kind == "x" else set()
    return set().union(*[uses(p) for p in parts if isinstance(p, tuple)])


def number(f):
    """Return ``f()``, or None where it has no finite value."""
    try:
        result = float(f())
    except ERRORS:
        return None
    return result if math.isfinite(result) else None


def slack(recipe, xs, by=1e-13):
    """Return by how much the result may differ where each operation is off by `by`.

    The operations are shaken at random: an oracle of how well the expression is conditioned.
    """
    chance = random.Random(repr((recipe, xs)))
    exact = number(lambda: build(recipe, xs))
    worst = 0.0
    for _ in range(6):

        def shaken(name, result):
            return result * (1 + chance.choice([-by, by]))

        moved = number(lambda shaken=shaken: build(recipe, xs, shaken))
        if moved is None:
            return math.inf
        worst = max(worst, abs(moved - exact))
    return 4 * worst + 1e-12 * abs(exact) + 1e-300


def examples(strategy, n):
    """Return `n` examples of a strategy, the same in every run: for one process that does all."""
    found = []

    @settings(max_examples=n, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(example):
        found.append(example)

    collect()
    return found


TABLE = {op.name: op for op in vars(table).values() if type(op) is table.Op}

"""Every equality and every reason in a solution is true: on its tree, here and elsewhere."""

import math
import random

import mpmath
import pytest

from micrograd_vn import (
    Op,
    Value,
    cross_entropy,
    dot,
    explain,
    ops,
    softmax,
    table,
    topological_order,
)
from micrograd_vn.errors import ERRORS
from micrograd_vn.formulas.document import Display, Paragraph
from micrograd_vn.formulas.tree import Derivative, Equation, Name, Number, evaluate, rounded, same
from micrograd_vn.readers.factors import Factors, Reason
from micrograd_vn.readers.numbers import shown
from micrograd_vn.readers.words import _alike
from tests.sizes import size

SOFTSIGN = Op("softsign", lambda x: x / (1 + abs(x)), lambda out, x: (1 / (1 + abs(x)) ** 2,))
UNARY = [
    ops.tanh, ops.sigmoid, ops.relu, ops.exp, ops.sin, ops.cos, ops.softplus, ops.gelu, ops.atan,
    abs, SOFTSIGN, ops.erf, lambda x: -x, lambda x: x**2, lambda x: x**3, lambda x: x * 2.5,
    lambda x: 1 - x, lambda x: ops.sqrt(x * x + 1), lambda x: ops.log(x * x + 0.5),
    lambda x: 1 / (x * x + 1), lambda x: x + 0.25, lambda x: ops.leaky_relu(x, 0.1), ops.relu, abs,
    lambda x: ops.maximum(x, 0.5),
]  # fmt: skip
BINARY = [
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x * y, ops.maximum,
    ops.minimum, lambda x, y: x / (abs(y) + 0.5), lambda x, y: dot([x, y], [y, 0.5], x),
    lambda x, y: softmax([x, y])[0], lambda x, y: cross_entropy([x, y], 1),
    lambda x, y: (x * x + 1) ** y,
]  # fmt: skip
INPUTS = [0.0, 1.0, -1.0, 2.0, 3.0, 0.5, -0.25, 1.3]


def program(seed):
    """Return a function from inputs to the labelled values of a random program."""
    chance = random.Random(seed)
    n, m = chance.randint(1, 3), chance.choice([1, 2, 3, 4, 5, 6, 9])
    labelled = chance.choice([0.2, 0.6, 1.0])
    dense = chance.random() < 0.15  # so that there are many paths
    if dense:
        m, labelled = 6, 1.0
    steps = []
    for i in range(m):
        function = chance.choice(BINARY[:6] if dense else UNARY + BINARY * 2)
        count = 2 if function in BINARY else 1
        near = [chance.randint(max(0, n + i - 3), n + i - 1) for _ in range(count)]
        steps.append((function, near, chance.random() < labelled))

    def run(inputs):
        values = [Value(x, f"x{i}") for i, x in enumerate(inputs)]
        for i, (function, near, has_label) in enumerate(steps):
            value = function(*[values[j] for j in near])
            if value.label is None and (has_label or i == m - 1):
                value.label = f"a{i}" if i < m - 1 else "y"
            values.append(value)
        return values

    def point(another):
        chance = random.Random(f"{seed} {another}")
        return [
            round(chance.uniform(-2, 2), 3) if another else chance.choice(INPUTS) for _ in range(n)
        ]

    return run, point, chance


def tangent(of, by, held):
    """Return the derivative of a value by another while others are held: in forward mode."""
    slopes = {by: 1.0}
    for v in topological_order(of):
        if v is not by and v.op is not None and not any(v is h for h in held):
            partials = v.local_derivatives()
            slopes[v] = sum(
                slopes[x] * dx for x, dx in zip(v.parents, partials, strict=True) if x in slopes
            )
    return slopes.get(of, 0.0)


class Graph:
    """What names and derivatives in a solution stand for, from the graph alone."""

    def __init__(self, output, names, given=None):
        self.output, self.given = output, given
        self.values = {name: v for v, name in names.items()}

    def look(self, f):
        if isinstance(f, Name):
            return self.values[f.label].data
        by = [self.values[x.label] for x in f.by]
        assert len(by) == 1
        if f.of.label == "L":  # the quantity beyond the output: any slope by it will do
            return self.given * tangent(self.output, by[0], [])
        return tangent(self.values[f.of.label], by[0], [self.values[h.label] for h in f.held])

    def number(self, f):
        try:
            return evaluate(f, self.look)
        except ERRORS:
            return math.nan


def parts_of(f):
    return [f, *[p for x in f.parents for p in parts_of(x)]]


def symbols(f):
    return [x for x in parts_of(f) if isinstance(x, (Name, Derivative))]


def equations(explanation):
    """Yield each equation of a solution, with the reasons that stand beside it."""
    for block in explanation.blocks:
        lines = (
            block.equations
            if isinstance(block, Display)
            else [(p, block.parts[i + 1 :]) for i, p in enumerate(block.parts)]
            if isinstance(block, Paragraph)
            else []
        )
        for equation, remark in lines:
            if isinstance(equation, Equation):
                yield equation, [r for r in remark if isinstance(r, Equation) and is_reason(r)]


def is_reason(equation):
    return not isinstance(equation.sides[0], Derivative) and len(equation.sides) == 2


def holds(equation, graph):
    a, b = map(graph.number, equation.sides)
    if math.isnan(a) or math.isnan(b):
        return None
    equal, near = abs(a - b) <= 1e-9 * (1 + abs(a)), abs(a - b) <= 1e-3 * abs(a)
    return {"<": a < b, ">": a > b, "=": equal, "≈": near}[equation.signs[0]]


def half_a_unit(shown):
    return 0.5000001 * 10.0 ** min(shown.as_tuple().exponent, shown.adjusted() if shown else 0)


def exact(f):
    """Return the number of a formula without names, with 30 digits, by its own arithmetic."""
    of = {
        table.add: lambda a, b: a + b, table.sub: lambda a, b: a - b, table.mul: lambda a, b: a * b,
        table.div: lambda a, b: a / b, table.neg: lambda a: -a, table.power: lambda a, b: a**b,
        table.exp: mpmath.exp, table.log: mpmath.log, table.tanh: mpmath.tanh,
        table.sqrt: mpmath.sqrt, table.absolute: abs, table.sin: mpmath.sin, table.cos: mpmath.cos,
        table.sigmoid: lambda x: 1 / (1 + mpmath.exp(-x)), table.relu: lambda x: max(x, x * 0),
        table.maximum: max, table.minimum: min, table.atan: mpmath.atan, table.erf: mpmath.erf,
    }  # fmt: skip
    if isinstance(f, Number):
        return mpmath.mpf(str(f.shown))
    operands = [exact(x) for x in f.parents]
    return of[f.op](*operands) if f.op in of else mpmath.mpf(f.op(*map(float, operands)))


class Page:
    """What a solution has said so far: each name's number, with the digits it is shown with."""

    def __init__(self, graph, digits, known=()):
        self.graph, self.digits, self.forms = graph, digits, dict(known)
        self.count = {"names": 0, "numbers": 0, "reasons": 0, "derivatives": 0, "put in": 0}

    def form(self, f):
        """Return how a number was shown: above, or as it was given."""
        if str(f) not in self.forms and isinstance(f, Name):
            value = self.graph.values[f.label]
            if value.op is None:
                return str(shown(value, self.digits)), str(shown(value, self.digits + 20))
        return (self.forms[str(f)],)

    def put_in(self, named, numeric):
        """Check that what is put in for each name is the number that it had above."""
        if isinstance(numeric, Number) and not isinstance(named, Number):
            if isinstance(named, (Name, Derivative)):
                assert str(numeric) in self.form(named), (named, numeric)
                self.count["put in"] += 1
        elif named.op is numeric.op and len(named.parents) == len(numeric.parents):
            for a, b in zip(named.parents, numeric.parents, strict=True):
                self.put_in(a, b)

    def see(self, equation):
        """Check an equation, from left to right."""
        sides, signs = equation.sides, equation.signs
        for left, sign, right in zip(sides[:-1], signs, sides[1:], strict=True):
            if symbols(right):
                a, b = self.graph.number(left), self.graph.number(right)
                if not (math.isnan(a) or math.isnan(b)):
                    close = 1e-9 if sign == "=" else 1e-2
                    assert abs(a - b) <= close * (1 + abs(a)), (left, sign, right)
                    self.count["names"] += 1
            elif symbols(left):
                if left is not sides[0]:
                    self.put_in(left, right)
            else:
                with mpmath.workdps(30):
                    a, b = exact(left), exact(right)
                    if mpmath.isnan(a) or mpmath.isnan(b):
                        continue
                    size = sum(abs(exact(x)) for x in parts_of(left) if is_number(x))
                    slack = (abs(a) + size) * mpmath.mpf("1e-12" if sign == "≈" else "1e-15")
                    if sign == "≈":
                        slack += sum(half_a_unit(x.shown) for x in parts_of(right) if is_number(x))
                    assert abs(a - b) <= slack, (left, sign, right)
                self.count["numbers"] += 1
        first, last = sides[0], sides[-1]
        result = str(first) in self.forms  # it has other digits, and nothing comes after it
        if isinstance(last, Number) and isinstance(first, (Name, Derivative)) and not result:
            value = self.graph.number(first)
            if not math.isnan(value):
                alike = same(rounded(float(last), self.digits), rounded(value, self.digits))
                assert alike or abs(float(last) - value) <= 1e-12, (first, last, value)
                self.count["derivatives"] += 1
            self.forms[str(first)] = str(last)


def is_number(f):
    return isinstance(f, Number)


def check(explanation, graph, digits, known=()):
    """Check every equality and reason of a solution; return how many."""
    page = Page(graph, digits, known)
    for equation, reasons in equations(explanation):
        for reason in [*reasons, *([equation] if set(equation.signs) & set("<>") else [])]:
            if not is_said_here(reason, graph):  # ReLU′(0) = 0
                continue
            assert holds(reason, graph) is not False, reason.sides
            page.count["reasons"] += 1
        if set(equation.signs) <= set("=≈") and is_said_here(equation, graph):
            page.see(equation)
    return page.count


def is_said_here(equation, graph):
    """Whether all names of an equation are of the graph, and not general ones such as hᵢ."""
    names = [x for side in equation.sides for x in symbols(side)]
    flat = [n for x in names for n in ([x] if isinstance(x, Name) else [x.of, *x.by, *x.held])]
    return all(n.label in graph.values or n.label == "L" for n in flat)


def setting(seed, another=False, given=None):
    """Return a solution of a random program, and the graph; None where it has none."""
    run, point, chance = program(seed)
    digits = chance.randint(3, 6)
    try:
        values = run(point(another))
        output, wrt = values[-1], values[0]
        if not all(math.isfinite(v.data) and abs(v.data) < 1e6 for v in values):
            return None
        factors = Factors(output, [wrt], (), digits)
    except (*ERRORS, RuntimeError):
        return None
    names = {v: name.label for v, name in factors.names.items()}
    return output, wrt, digits, Graph(output, names, given)


def solutions(n, given=None):
    for seed in range(n):
        made = setting(seed, given=given)
        if made is None:
            continue
        output, wrt, digits, graph = made
        slope = tangent(output, wrt, [])
        if math.isnan(slope) or (given is not None and abs(slope) < 1e-3):
            continue
        number = None if given is None else given * slope
        yield seed, explain(output, wrt, digits=digits, lang="en", given=number), graph, digits


def test_every_equality_and_every_reason_of_a_solution_is_true():
    total = dict.fromkeys(["names", "numbers", "reasons", "derivatives", "put in"], 0)
    forms = {"(1) ": 0, "|": 0, " (by ": 0, " · ": 0, "so ∂": 0, " (as ": 0}
    n = size(120, 300)
    for _, explanation, graph, digits in solutions(n):
        for kind, count in check(explanation, graph, digits).items():
            total[kind] += count
        for form in forms:
            forms[form] += form in str(explanation)
    assert min(total.values()) >= n // 3, total
    assert min(forms.values()) >= n // 60, forms


def test_every_equality_holds_where_the_unknown_is_beyond_the_output():
    total = 0
    n = size(50, 120)
    for _, explanation, graph, digits in solutions(n, given=0.7):
        total += sum(check(explanation, graph, digits).values())
    assert total >= 2.5 * n


def test_a_wrong_equality_or_reason_would_be_found():
    x = Value(2.0, "x")
    graph = Graph((x**2).named("y"), {x: "x"})
    graph.values["y"] = graph.output
    y, name = Name("y"), Name("x")

    class Said:
        def __init__(self, *sides, sign="="):
            self.blocks = [Display(((Equation(*sides, sign=sign), ()),))]

    check(Said(Derivative(y, [name]), 2 * name, Number(4)), graph, 4)
    for wrong in (
        Said(Derivative(y, [name]), 3 * name, Number(4)),
        Said(Derivative(y, [name]), 2 * name, Number(4.1)),
        Said(Derivative(y, [name]), Number(2) * Number(2.5), Number(4)),
        Said(Derivative(y, [name]), Number(8) / Number(3), Number(2.667)),
        Said(Derivative(y, [name]), 2 * name, Number(2) * Number(2.001), sign="≈"),
        Said(y, name**3),
        Said(name, Number(3), sign=">"),
    ):
        try:
            check(wrong, graph, 4)
        except AssertionError:
            continue
        raise AssertionError(wrong.blocks)


def test_what_a_solution_says_with_names_holds_at_another_point_too():
    compared = 0
    n = size(100, 250)
    for seed, _, graph, _ in solutions(n):
        there = setting(seed, another=True)
        if there is None:
            continue
        output, wrt = graph.output, graph.values["x0"]
        explanation = explain(output, wrt, digits=12, lang="en")
        if "only values with a name" in str(explanation) or "convention" in str(explanation):
            continue
        # The same program at another point: values correspond in their order.
        here = topological_order(output)
        moved = topological_order(there[0])
        if len(here) != len(moved):
            continue
        other = Graph(there[0], {})
        twin = dict(zip(here, moved, strict=True))
        for v in topological_order(*graph.values.values()):
            if v.op is not None and v not in twin:  # an output of softmax that the graph lacks
                twin[v] = v.op(*[twin[x] for x in v.parents])
        other.values = {k: twin[v] for k, v in graph.values.items() if v in twin}
        decided = [
            reason
            for equation, reasons in equations(explanation)
            for reason in [*reasons, *([equation] if set(equation.signs) & set("<>") else [])]
        ]
        if not all(holds(reason, other) for reason in decided):
            continue
        for equation, _ in equations(explanation):
            first, *sides = equation.sides
            if set(equation.signs) & set("<>"):
                continue
            for side in [s for s in sides if symbols(s)]:
                a, b = other.number(first), other.number(side)
                if not (math.isnan(a) or math.isnan(b)):
                    assert abs(a - b) <= 1e-6 * (1 + abs(a)), (seed, equation.sides, a, b)
                    compared += 1
    assert compared >= n


def test_values_that_happen_to_be_equal_are_kept_apart():
    """Steps follow the graph, and not the numbers in it."""
    for seed in range(60):
        chance = random.Random(seed)
        x = Value(1.0, "x")
        values = [x]
        for i in range(1, 6):
            a, b = chance.choice(values), values[-1]
            made = {"product": lambda a, b: a * b, "sum": lambda a, b: a + b - 1}
            values.append(made[chance.choice(sorted(made))](a, b))
            values[-1].label = f"a{i}"  # all of them are 1
        explanation = explain(values[-1], x, lang="en")
        want = tangent(values[-1], x, [])
        assert str(explanation).endswith(f"= {want:g}\n")
        graph = Graph(values[-1], {v: v.label for v in values})
        check(explanation, graph, 4)


@pytest.mark.parametrize("number", [2.0, 3.0])
def test_a_name_bound_anew_is_said_even_where_the_number_is_the_same(number):
    x = Value(2.0, "x")
    y = (x**2).named("y")
    with pytest.raises(ValueError, match="bound anew"):
        explain(y, Value(number, "x"), lang="en")


def test_a_derivative_that_happens_to_be_0_is_no_constant():
    x = Value(0.0, "x")
    for f, want in [
        (lambda x: x**3, "3·x²"),
        (lambda x: 3 * (x * x) + x, None),
        (lambda x: ops.cos(2 * x) * x, None),
    ]:
        y = f(x).named("y")
        text = str(explain(y, x, lang="en"))
        assert "(as" not in text
        if want:
            assert f"∂y/∂x = {want} = 3·0.0² = 0" in text


def test_a_derivative_that_does_not_exist_is_an_error_and_no_other_value_is():
    x, n = Value(0.0, "x"), Value(2.0, "n")
    assert "= 0" in str(explain((x**n).named("y"), n, lang="en"))
    taken = [Value(1.0, name) for name in ("x", "t", "s", "x′")]
    y = sum(taken, Value(0.5)).named("y")
    assert "does not depend" in str(explain(y, Value(3.0), lang="en"))


def test_a_sum_of_thousands_is_explained():
    x = Value(0.5, "x")
    y = x * 1.0
    for i in range(3000):
        y = y + x * (0.001 * i)
    text = str(explain(y.named("y"), x, lang="en"))
    assert "∂y/∂x ≈ 4500" in text


def test_what_a_probability_is_computed_from_is_computed_before():
    """The steps would say that number, but later."""
    output, wrt, digits, graph = setting(901010463869937334)
    explanation = explain(output, wrt, digits=digits, lang="en")
    check(explanation, graph, digits)
    assert "    a0 = x0·2.5 = (−0.25)·2.5 = −0.625\n    u₁ = " in str(explanation)


def test_reasons_are_alike_if_none_is_left_over():
    a, b = Name("a"), Name("b")
    first, second = (Reason("as", (Equation(x, Number(0), sign=">"),)) for x in (a, b))
    assert _alike([first, second], [first, second])
    assert not _alike([first], [first, second])
    assert not _alike([first, second], [first])


def test_of_an_operation_of_ones_own_no_convention_is_made_up():
    larger = Op(
        "larger",
        lambda a, b: max(a, b),
        lambda out, a, b: (table.greater(a, b), table.greater(b, a)),
    )
    a, b = Value(2.0, "a"), Value(2.0, "b")
    said = str(explain((larger(a, b) * 3).named("y"), a, lang="en"))
    assert "as a = b" in said
    assert "convention" not in said
    assert "convention" in str(explain((ops.maximum(a, b) * 3).named("y"), a, lang="en"))

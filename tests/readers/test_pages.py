"""Nothing on a page contradicts anything else on it: variants of the course's exercises."""

import random
from decimal import ROUND_HALF_UP, Decimal

import mpmath
import pytest

from micrograd_vn.formulas.tree import Derivative, Name, Number
from tests.course import cau3, cau4, network
from tests.readers.test_solution import Graph, check, equations, parts_of, symbols
from tests.sizes import size


def school(x, decimals=2):
    """Return a number rounded as at school, as it is printed."""
    exact = Decimal(mpmath.nstr(x, 20)) if isinstance(x, mpmath.mpf) else x
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def of_cau3(chance):
    """Return a page of Câu 3, its known numbers, and the exact answer."""
    places = chance.choice([2, 3, 4])
    first = Decimal(chance.randint(51, 99)).scaleb(-2)
    first += Decimal(chance.randint(0, 10**places - 1)).scaleb(-places) * Decimal("0.0099")
    first = first.quantize(Decimal(1).scaleb(-places))
    first = min(first, 1 - Decimal(1).scaleb(-places))
    y_hat = (first, 1 - first)
    w2 = Decimal(chance.randint(-9, 9)).scaleb(-1)
    w2_prime = w2 - Decimal(chance.randint(1, 12)).scaleb(-1)
    y = chance.randint(0, 1)
    page = cau3(
        float(w2), float(w2_prime), tuple(map(float, y_hat)), y, page=True,
        forward=chance.random() < 0.3, lang=chance.choice(["vi", "en"]),
    )  # fmt: skip
    answer = (y_hat[0] - (y == 0)) * w2 + (y_hat[1] - (y == 1)) * w2_prime
    known = {f"ŷ{i}": str(Number(float(p))) for i, p in zip("₀₁", y_hat, strict=True)}
    return page, known, answer


def of_cau4(chance):
    """Return a page of Câu 4, its known numbers, and the exact answer."""
    x = Decimal(chance.randint(1, 60)).scaleb(-1) * chance.choice([-1, 1])
    w1, b1 = (Decimal(chance.randint(1, 99)).scaleb(-2) for _ in "ab")
    w1 = w1.copy_sign(x)
    given = Decimal(chance.randint(-9999, 9999)).scaleb(-chance.choice([2, 3, 4]))
    page = cau4(*map(float, (x, w1, b1, given)), page=True, lang=chance.choice(["vi", "en"]))
    return page, {}, mpmath.mpf(str(given)) / mpmath.mpf(str(x))


def of_network(chance):
    """Return a page of the whole network, its known numbers, and the exact answer."""
    x, w1, b1, w2, w2_prime = (Decimal(chance.randint(-30, 30)).scaleb(-1) for _ in "abcde")
    y = chance.randint(0, 1)
    page = network(
        *map(float, (x, w1, b1, w2, w2_prime)), y, decimals=2, page=True,
        wrt=chance.choice(["R", "w₁", "R w₁ b₁"]), lang=chance.choice(["vi", "en"]),
    )  # fmt: skip
    r = max(w1 * x + b1, Decimal(0))
    h = [mpmath.mpf(str(w * r)) for w in (w2, w2_prime)]
    p = 1 / (1 + mpmath.exp(h[1] - h[0]))
    by_h = p - (y == 0)
    by_r = by_h * mpmath.mpf(str(w2 - w2_prime))
    return page, {}, by_r


def contradictions(make, seed):
    """Check a random variant of an exercise; return how many equalities were checked."""
    with mpmath.workdps(30):
        (explanation, values), known, answer = make(random.Random(seed))
        names = {v: v.label for v in values if v.label is not None}
        graph = Graph(next(v for v in values if v.label in ("L", "R")), names)
        graph.output = graph.values.get("L", graph.values["R"])
        if "L" not in graph.values:
            graph.given = float(answer)
        if make is of_cau3:
            exact_values = {k: float(Decimal(x.replace("−", "-"))) for k, x in known.items()}
            assert all(abs(graph.values[k].data - x) < 1e-12 for k, x in exact_values.items())
        count = check(explanation, graph, 4, known)
        found = {str(e.sides[0]): e for e in explanation.results}
        if "∂L/∂R" in found:
            equation = found["∂L/∂R"]
            shown = equation.sides[1].shown
            if equation.signs == ("≈",):
                assert str(shown) == str(
                    abs(school(answer)) if not school(answer) else school(answer)
                )
            else:
                assert abs(mpmath.mpf(str(shown)) - mpmath.mpf(str(answer))) < 1e-15
        one_form(explanation, known, graph)
    return sum(count.values())


def one_form(explanation, known, graph):
    """Check that what is put in was said above, and each number always in the same way."""
    said = set(known.values()) | {"0", "1", "2"}
    forms = {}
    for v in graph.values.values():
        if v.op is None:
            said |= {str(Number(v.data)), str(float(v.data)).replace("-", "−")}
    for equation, _ in equations(explanation):
        first, *sides = equation.sides
        if not set(equation.signs) <= set("=≈"):
            continue
        numeric = [s for s in sides if not symbols(s)]
        if isinstance(first, (Name, Derivative)) and numeric:
            for x in parts_of(numeric[0]):
                if isinstance(x, Number) and numeric[0] is not numeric[-1]:
                    plain = str(x).removeprefix("−")
                    assert {str(x), plain, f"−{plain}"} & said, (x, str(explanation))
            final = str(numeric[-1])
            known_form = forms.setdefault(str(first), final)
            is_result = any(equation is e for e in explanation.results)
            assert is_result or known_form == final, str(explanation)
            said |= {final}


@pytest.mark.parametrize("make", [of_cau3, of_cau4, of_network])
def test_nothing_on_a_page_contradicts_anything_else_on_it(make):
    n = size(60, 200)
    seeds = [*range(n), 9762, 102153]  # a tie; binary noise
    checked = sum(contradictions(make, seed) for seed in seeds)
    assert checked >= n * 4

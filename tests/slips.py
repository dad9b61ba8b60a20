"""How well checking does: ``python -m tests.slips`` prints it, for whoever changes the slips.

Students here calculate with plain floats, by formulas written below, right and wrong, and round
what they write down. What is named is compared with what they did at numbers of another world,
so that formulas that are equal by algebra count as one.
"""

import argparse
import math
import re
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from random import Random

from micrograd_vn.exercises import cau3, cau4, network, variants
from micrograd_vn.exercises.checking import Checker
from micrograd_vn.exercises.slips import SLIPS
from micrograd_vn.formulas.text import Text
from micrograd_vn.formulas.tree import evaluate
from tests.exercises.shapes import polynomial, shared_weight, two_layers

# Each step: the quantity, a name for it, how it is calculated, and how it is not.
CLASSES = """
∂L/∂h₀ | g0 | p0 - y0 | p0; p1 - y0; p0 - y1; y0 - p0; p0 + y0; -(p0 - y0); p1 - y1; r(p0,2) - y0
∂L/∂h₁ | g1 | p1 - y1 | p1; p0 - y1; p1 - y0; y1 - p1; p1 + y1; p0 - y0; r(p1,1) - y1
∂h₀/∂R | k0 | w2      | v; -w2; h0; R; w2*w2
∂h₁/∂R | k1 | v       | w2; -v; h1; R; v*v
∂L/∂R  | gR | g0*k0 + g1*k1 | g0*k0; g1*k1; g0*k0 - g1*k1; -g0*k0 + g1*k1; -(g0*k0 + g1*k1); \
    g0 + g1*k1; g0*k0 + g1; g0*k1 + g1*k1; g0*k0 + g1*k0; g0*k0 + g0*k1; g1*k0 + g1*k1; \
    g0/k0 + g1*k1; g0*k0 + g1/k1; g0*g0*k0 + g1*k1; g0*k0 + g1*k1*k1; g0*h0 + g1*k1; \
    r(g0,2)*r(k0,2) + r(g1,2)*r(k1,2); g0 + k0 + g1*k1; r(g0,1)*k0 + g1*k1
"""
LAYER = """
z₀ | z | w1*x + b1 | w1*x; w1*x - b1; x + b1; w1 + b1; w1*x*x + b1; w1 + x + b1; -w1*x + b1
R  | R | max(z, 0) | -max(z, 0); z*z
"""
OUTPUTS = """
h₀ | h0 | w2*R | v*R; -w2*R; R; w2 + R; w2/R; w2*R*R; w2*z
h₁ | h1 | v*R  | w2*R; -v*R; R; v + R; v/R; v*v*R
ŷ₀ | p0 | exp(h0)/(exp(h0) + exp(h1)) | exp(h1)/(exp(h0) + exp(h1)); h0/(exp(h0) + exp(h1)); \
    exp(h0)/(exp(h0) - exp(h1)); exp(-h0)/(exp(h0) + exp(h1)); exp(h0)/exp(h0); exp(h0)/exp(h1)
ŷ₁ | p1 | exp(h1)/(exp(h0) + exp(h1)) | exp(h0)/(exp(h0) + exp(h1)); exp(h1)/exp(h0); exp(h1)
"""
SHAPES = {
    "cau3": (cau3, CLASSES),
    "cau4": (
        cau4,
        LAYER
        + """
∂R/∂z₀  | a  | 1 | 0; R; z
∂z₀/∂w₁ | c  | x | w1; -x; x*x; z; b1
∂R/∂w₁  | d  | a*c | a/c; a + c; R*c; -a*c; c*c
∂L/∂R   | gR | g/d | g*d; d/g; g; -g/d; g/(d*d); r(g,2)/d; r(g,1)/d
""",
    ),
    "network": (network, LAYER + OUTPUTS + CLASSES),
    "two_layers": (
        two_layers,
        """
z | z | w*x + b | w*x; w*x - b; x + b; w/x + b; v*x + b; w*t + b
a | a | 1/(1 + exp(-z)) | z; 1/(1 + exp(z)); -1/(1 + exp(-z))
s | s | v*a | v; a; w*a; v*z; v/a; v + a; a/v; v*a*a
p | p | 1/(1 + exp(-s)) | s; 1/(1 + exp(s))
L | L | (p - t)**2 | p - t; 2*(p - t); (p + t)**2; (p - t)**3; p*p - t; -(p - t)**2
∂L/∂p | gp | 2*(p - t) | p - t; 2*p - t; 2*(t - p); L; 2*p; 2*(p + t); 2*(r(p,2) - t)
∂p/∂s | ps | p*(1 - p) | p; 1 - p; p*p; -p*(1 - p); p*(1 + p); 1 - p*p; p*p*(1 - p); s*(1 - p)
∂L/∂s | gs | gp*ps | gp; ps; gp/ps; gp + ps; -gp*ps; p*ps; gp*p; gp*r(ps,2); gp*gp*ps
∂s/∂a | sa | v | w; -v; a; s
∂L/∂a | ga | gs*sa | gs; sa; gs/sa; gs + sa; -gs*sa; gp*sa; ps*sa; gs*s
∂a/∂z | az | a*(1 - a) | a; 1 - a; a*a; p*(1 - p); a*(1 + a); 1 - a*a; 1; a*(1 - p)
∂L/∂z | gz | ga*az | ga; az; ga/az; -ga*az; gs*az; ga*ps; r(ga,2)*az; ga*az*az
∂z/∂w | zw | x | w; b; -x; 1; z
∂L/∂w | gw | gz*zw | gz; gz/zw; gz + zw; -gz*zw; ga*zw; gz*w; r(gz,2)*zw; gz*zw*zw; gz*z
""",
    ),
    "polynomial": (
        polynomial,
        """
p | p | a*x**3 | a*x**2; x**3; a*x**4; a*3*x; a/x**3; a + x**3; -a*x**3; c*x**3; a*a*x**3
q | q | c*x | c; x; c/x; c + x; -c*x; a*x; c*x*x
u | u | p + q | p; q; p - q; p*q; p + q*q; -p + q
y | y | u**2 | 2*u; u; u**3; -u**2
∂y/∂u | yu | 2*u | u; y; 2; -2*u; 2*u**2; 2*p; 2*q; 2/u; 2*r(u,1)
∂u/∂p | up | 1 | 0; u; q; -1
∂y/∂p | yp | yu*up | -yu*up; u*up; p*up; yu*yu*up; y*up; yu*u; yu + up
∂u/∂q | uq | 1 | 0; u; q; -1
∂y/∂q | yq | yu*uq | -yu*uq; u*uq; q*uq; yu*yu*uq; y*uq; yu*u; yu + uq
∂p/∂x | px | 3*a*x**2 | a*x**2; 3*x**2; 3*a*x; 3*a*x**3; 3*a; p; -3*a*x**2; 3*c*x**2; 3/a*x**2
∂q/∂x | qx | c | a; x; q; -c; 1
∂y/∂x | yx | yp*px + yq*qx | yp*px; yq*qx; yp*px - yq*qx; px + yq*qx; yp*px + qx; -yp*px + yq*qx; \
    yp*px + yq; yp + yq*qx; -(yp*px + yq*qx); yp*qx + yq*qx; yp*px + yq*px; yp*p + yq*qx; \
    yp*px + yq*q; yp*px/1 + yq/qx; yp*px + yq*qx*qx; r(yp,1)*px + yq*qx
""",
    ),
    "shared_weight": (
        shared_weight,
        """
z | z | w*x | w; x; w/x; w + x; -w*x; w*w*x; w*t
h | h | tanh(z) | z; -tanh(z); tanh(-z); tanh(x)
o | o | w*h | h; w; w/h; w + h; -w*h; x*h; w*z; w*h*h
e | e | o - t | o; o + t; t - o; h - t; r(o,1) - t
L | L | e**2 | 2*e; e; e**3; -e**2; o**2
∂L/∂e | ge | 2*e | e; L; -2*e; 2; 2*e*e; 2*o; 2*r(e,2)
∂e/∂o | eo | 1 | 0; o; e; -1
∂L/∂o | go | ge*eo | -ge*eo; e*eo; L*eo; ge*ge*eo; ge*e; ge + eo
∂o/∂h | oh | w | x; h; -w; o; w*w; 1
∂L/∂h | gh | go*oh | go; oh; go/oh; go + oh; -go*oh; go*h; ge*oh; e*oh
∂h/∂z | hz | 1 - h**2 | h**2; 1 - h; 1 + h**2; h; z; h*(1 - h); 1 - h**3; h**2 - 1; 1 - 2*h; 1
∂L/∂z | gz | gh*hz | gh; hz; gh/hz; -gh*hz; go*hz; gh*h; gh*hz*hz; r(gh,2)*hz
∂z/∂w | zw | x | w; z; -x; h; 1
∂o/∂w|h | ow | h | -h; w; o; x; z
∂L/∂w | gw | gz*zw + go*ow | gz*zw; go*ow; gz*zw - go*ow; gz + go*ow; zw + go*ow; gz*zw + go; \
    -gz*zw + go*ow; gz*zw + ge*ow; gz*zw + ow; gz*ow + go*ow; gz*zw + gz*ow; gz/zw + go*ow; \
    gz*zw*zw + go*ow; r(gz,1)*zw + go*ow; gh*zw + go*ow
""",
    ),
}
GIVEN = {
    "w₁": "w1", "b₁": "b1", "w₂": "w2", "w₂′": "v", "ŷ₀": "p0", "ŷ₁": "p1", "y₀": "y0", "y₁": "y1",
    "∂L/∂w₁": "g", "h₀": "h0", "h₁": "h1",
}  # fmt: skip


def r(x, decimals):
    """Return `x` rounded as at school."""
    return float(Decimal(repr(x)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


WORLD = {"exp": math.exp, "tanh": math.tanh, "max": max, "r": r}


class Step:
    """A quantity, and how it is calculated: right, and with one slip."""

    def __init__(self, line):
        # ∂o/∂w|h has a bar in its name, and no other has
        self.symbol, self.name, right, wrong = map(str.strip, re.split(r" +\| ", line))
        self.right = compile(right, right, "eval")
        self.wrong = [compile(text.strip(), text.strip(), "eval") for text in wrong.split(";")]


def steps_of(table):
    return [Step(line) for line in table.splitlines() if line]


def value(code, numbers):
    try:
        return eval(code, {"__builtins__": {}}, {**WORLD, **numbers})
    except ArithmeticError:
        return math.nan


def given(exercise):
    """Return what an exercise gives, and what is known of it, by plain names."""
    known = {GIVEN.get(label, label): x for label, x in exercise.givens.items()}
    if "y" in known and exercise.definition is not cau4:
        known |= {"y0": float(known["y"] == 0), "y1": float(known["y"] == 1)}
    if exercise.definition is cau3:  # the values on the way, which it does not ask for
        R = math.log(known["p0"] / known["p1"]) / (known["w2"] - known["v"])
        known |= {"R": R, "h0": known["w2"] * R, "h1": known["v"] * R}
    return known


class Way:
    """How a student writes numbers: so many significant digits, or decimals."""

    def __init__(self, digits, *, decimals):
        self.digits, self.decimals = digits, decimals

    def written(self, x):
        x = Decimal(f"{x:.13g}")  # as on a calculator, without the noise of binary fractions
        places = self.digits if self.decimals or not x else self.digits - 1 - x.adjusted()
        return format(x.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), "f")


WAYS = [
    Way(4, decimals=False),
    Way(4, decimals=True),
    Way(5, decimals=False),
    Way(6, decimals=True),
]
STATED = [0.003, 0.01, 0.03, 0.1, 1.0]  # chances that a report states, up to each of these
AGAIN = 20  # numbers drawn to see whether one that is stated holds
COARSE = [Way(2, decimals=True), Way(3, decimals=True)]


def student(steps, known, way, slip=None, goes_on=lambda written, x: written):
    """Return what a student writes, by quantity, and all numbers; `slip`: a step and a formula.

    `goes_on` says with which number: as it was written, or as it was calculated. The numbers
    are None if they can't be computed.
    """
    numbers, answers = dict(known), {}
    for step in steps:
        planted = slip is not None and slip[0] is step
        x = value(slip[1] if planted else step.right, numbers)
        if not math.isfinite(x) or abs(x) > 1e6 or 0 < abs(x) < 1e-3:
            return None, None
        answers[step.symbol] = way.written(float(x))
        numbers[step.name] = goes_on(float(answers[step.symbol]), float(x))
    return answers, numbers


def honest(steps, known, answers, way):
    """Return the least and largest number of each step that honest calculation gives.

    Each earlier number is anything from what was written to what it was before rounding; one
    that was not written is anything that it is with and without rounding in this way. At the
    ends of these a formula has its least and its largest number.
    """
    ranges, held = {}, {name: (x,) for name, x in known.items()}
    for step in steps:
        used = [name for name in step.right.co_names if name in held]
        ends = [
            value(step.right, dict(zip(used, corner, strict=True)))
            for corner in product(*[held[name] for name in used])
        ]
        low, high = ranges[step.symbol] = min(ends), max(ends)
        if step.symbol in answers:
            written, half = float(answers[step.symbol]), half_unit(answers[step.symbol])
            near = [min(max(x, written - half), written + half) for x in (low, high)]
            ends = [written, *near]
        else:
            ends = [low, high, float(way.written(low)), float(way.written(high))]
        held[step.name] = tuple({min(ends), max(ends)})
    return ranges


def half_unit(written, at_least=0):
    """Return half a unit of the last digit of a number, with so many decimals at least."""
    return 0.5 * 10.0 ** -max(-Decimal(written).as_tuple().exponent, at_least)


class Numbers(dict):
    """Numbers by name, any for those that are not known, but none for functions."""

    def __init__(self, others):
        super().__init__()
        self.others = others

    def __missing__(self, name):
        if name in WORLD:
            raise KeyError(name)
        return self.others[name]


def alike(diagnosis, step, code, steps, random, *, at_end):
    """Return whether a diagnosis is what was planted: whatever the numbers are, both give the same.

    They do so at the step, or at the end of the calculation.
    """
    at = next((s for s in steps if s.symbol == Text()(diagnosis.at)), None)
    first, last = steps.index(step), len(steps) - 1 if at_end else steps.index(step)
    if at not in steps[first : last + 1]:
        return False
    compared = 0
    for sign in (1, 1, 1, -1):
        others = defaultdict(lambda sign=sign: sign * random.uniform(0.3, 1.7))
        try:
            want = _gone_on(steps, range(first, last + 1), step, code, others)
            got = _gone_on(steps, range(first, last + 1), at, diagnosis.formula, others)
        except (ArithmeticError, ValueError):
            continue
        compared += 1
        if not math.isclose(want, got, rel_tol=1e-9, abs_tol=1e-12):
            return False
    return compared > 0


def _gone_on(steps, places, where, how, others):
    """Return the number of the last of some steps, one of which is calculated in a way."""
    numbers = Numbers(others)
    names = GIVEN | {s.symbol: s.name for s in steps}

    def look(f):
        return numbers[names.get(Text()(f), Text()(f))]

    for step in (steps[i] for i in places):
        if step is where and not hasattr(how, "co_code"):
            numbers[step.name] = evaluate(how, look)
        else:
            code = how if step is where else step.right
            numbers[step.name] = eval(code, {"__builtins__": {}, **WORLD}, numbers)
    return numbers[step.name]


def made(n, seed):
    """Yield so many variants, of each shape as many, each with its steps and its checker."""
    each, size = -(-n // len(SHAPES)), 25
    for name, (definition, table) in SHAPES.items():
        steps = steps_of(table)
        for start in range(0, each, size):
            for exercise in variants(definition, min(size, each - start), seed=seed + start):
                yield name, steps, exercise, Checker(exercise)


def measure(n, seed=1):
    """Return what happened to `n` variants, counted, and what was not named."""
    count, missed, random = Counter(), Counter(), Random(seed)
    for name, steps, exercise, checker in made(n, seed):
        known = given(exercise)
        _right(count, missed, steps, known, checker, random)
        for left_out in (False, True):
            _planted(count, missed, name, steps, known, checker, random, left_out=left_out)
        for digits in (4, 3, 2):
            _by_chance(count, steps, known, checker, random, digits)
    return count, missed


def _right(count, missed, steps, known, checker, random):
    habits = {
        "as written": lambda written, x: written,
        "as calculated": lambda written, x: x,
        "now so, now so": lambda written, x: random.choice([written, x]),
    }
    least = checker.calculation.exercise.decimals
    for way in (*[way for way in COARSE if way.digits >= least], *WAYS):
        habit, goes_on = random.choice(list(habits.items()))
        answers, _ = student(steps, known, way, goes_on=goes_on)
        if answers is None:
            continue
        some = {s: x for s, x in answers.items() if random.random() < 0.5}
        # who rounds to two decimals what is not written down rounds too early
        whole = way in COARSE and habit != "as calculated"
        for written in (answers,) if whole else (answers, some):
            report = checker.report(written)
            count["right answers"] += len(written)
            verdicts = [s.verdict for s in report.steps if s.answer is not None]
            count["right answers judged right"] += verdicts.count("right")
            for s in report.steps:
                if s.verdict in ("wrong", "follows"):
                    missed[f"right, {habit}: {s.symbol} = {s.answer}, own {s.own}"] += 1


def _planted(count, missed, name, steps, known, checker, random, *, left_out):
    step = random.choice(steps)
    code = random.choice(step.wrong)
    way = random.choice(WAYS)
    answers, _ = student(steps, known, way, (step, code))
    if answers is None:
        return
    at = steps[-1].symbol if left_out else step.symbol
    if left_out:
        if step is steps[-1]:
            return
        before = {s.symbol: answers[s.symbol] for s in steps[: steps.index(step)]}
        answers = before | {at: answers[at]}
    wrong, decimals = answers[at], checker.calculation.exercise.decimals
    kind = "left out" if left_out else "planted"
    given_before = {s: x for s, x in answers.items() if s != at}
    low, high = honest(steps, known, given_before, way)[at]
    half = half_unit(wrong, decimals) * (1 + 1e-9)
    if low - half <= float(wrong) <= high + half:
        right = abs(float(wrong) - (low + high) / 2) <= half
        count[f"{kind}, but no other number" if right else f"{kind}, but within rounding"] += 1
        return  # the slip does not change the number to the digits given
    report = checker.report(answers)
    count[kind] += 1
    count[f"{kind}: found where it is"] += report.first_wrong == at
    missed[f"{kind} not found: {at} = {wrong}, not {low} to {high}"] += report.first_wrong != at
    (judged,) = (s for s in report.steps if s.symbol == at)
    named = any(alike(d, step, code, steps, random, at_end=left_out) for d in judged.slips)
    count[f"{kind}: named"] += named
    count[f"{kind}: named, not as a guess"] += named and not judged.slips[0].is_guess
    count[f"{kind}: slips named"] += len(judged.slips)
    if not named:
        instead = [d.formula for d in judged.slips]
        missed[f"{kind}: {name}: {step.symbol} = {code.co_filename}"] += 1
        count[f"{kind}: not named, but others with the same number"] += bool(instead)


def _by_chance(count, steps, known, checker, random, digits):
    answers, _ = student(steps, known, WAYS[2])
    if answers is None:
        return
    step = random.choice(steps)
    size = 2 * max(abs(float(answers[step.symbol])), 0.25)

    def judged(way):
        wrong = way.written(random.uniform(-size, size))
        report = checker.report(answers | {step.symbol: wrong})
        return next(s for s in report.steps if s.symbol == step.symbol)

    first = judged(Way(digits, decimals=False))
    if first.verdict != "wrong":
        return
    count[f"{digits} digits"] += 1
    count[f"{digits} digits: explained"] += bool(first.slips)
    certain = [d for d in first.slips if not d.is_guess]
    count[f"{digits} digits: explained, not as a guess"] += bool(certain)
    if first.slips:  # is it as likely as it says that others are explained?
        least, *_ = first.slips
        name = next(f"chance to {most:6.2%}" for most in STATED if least.chance <= most)
        decimals = max(-first.answer.as_tuple().exponent, checker.calculation.exercise.decimals)
        as_simple = SLIPS[: SLIPS.index(least.slip) + 1]
        for other in (judged(Way(decimals, decimals=True)) for _ in range(AGAIN)):
            if other.verdict == "wrong":
                count[name] += 1
                count[f"{name}: stated"] += least.chance
                count[f"{name}: explained"] += any(d.slip in as_simple for d in other.slips)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variants", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--missed", action="store_true", help="list what was not named")
    options = parser.parse_args()
    count, missed = measure(options.variants, options.seed)
    print(f"{options.variants} variants of {', '.join(SHAPES)}; seed {options.seed}")
    for what, n in sorted(count.items()):
        whole = next((w for w in (what.partition(":")[0], "right answers") if w in what), what)
        share = f"{n / count[whole]:8.2%}" if what != whole and "slips named" not in what else ""
        print(f"{what:58} {n:7.6g} {share}")
    if options.missed:
        for what, n in (+missed).most_common():
            print(f"{n:5} {what}")


if __name__ == "__main__":
    main()

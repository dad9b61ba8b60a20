"""Random programs against independent oracles: ``python -m tests.campaign --minutes 10``.

Each program is a few operations on ordinary or extreme numbers. Its value, the derivative in a
direction and the second derivative there are compared with mpmath, by arithmetic on Taylor series
(`tests.series`); what `lambdify` compiles, with the recorded graph; the equalities
of worked solutions, with the graph. How far a result may be off follows from how it was computed:
a few roundings of each operation, by what the result depends on it. What is farther off, as near
a jump, is judged by its parts (`tests.judging`), so that rounding never decides. Of a failure,
the smallest program that fails in the same way is printed.
"""

import argparse
import math
import multiprocessing
import os
import pathlib
import random
import signal
import tempfile
import time
from collections import Counter
from html.parser import HTMLParser
from multiprocessing.connection import wait
from typing import NamedTuple

import mpmath as mp
import numpy as np

from micrograd_vn import Value, draw, explain, grad, lambdify, table, topological_order
from micrograd_vn.engine import Constant
from micrograd_vn.errors import ERRORS
from tests import judging, series
from tests.formulas.browser import NODE, node
from tests.judging import EPS, ROUNDINGS, LeftOutError, Plain
from tests.series import OPERATIONS, Series

mp.mp.prec = 200
TINY, HUGE = 1e-290, 1e290
LIMIT = 20  # seconds of the processor that may go into a program
SHRINKING = 5  # of them, to make one smaller
ARRAY_ROUNDINGS = 64  # of one operation in NumPy, JAX or JavaScript
NUMBERS = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.0, -2.0, 10.0, 1e-3, 100.0]
LABELS = [
    "x", "x", "y", "w₁", "w⁽¹⁾₁,₁′", "<script>alert(1)</script>~", "&amp;", "a\\b", "x^2_1",
    "100 %", "$", "{", "}}", "#1", "a b", "", "\n\n", "\t\x00", "ĥ", "Đạo hàm", "🙂", "\u202eabc",
    "lambda", "np", "inf", "f", "math", "self", "del", "∂L/∂R", "a+b", "'", '"', "`", "*/", "//",
    "]]>", "|x|",
]  # fmt: skip


class UnclearError(Exception):
    """To be judged by its parts."""


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
            if engine:
                series.exact.seen(results[-1].x, results[-1].d, results[-1].dd)
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
    if any(x.data < 0 and not isinstance(y, Constant) for x, y in powers):
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
    """Return the smallest program that is wrong in the same way, and what is: of those tried."""
    said, found, end = wrong(program), True, time.process_time() + SHRINKING
    while found:
        found = False
        for candidate in smaller(program):
            if time.process_time() > end:
                return program, said
            try:
                now = wrong(candidate) if candidate != program else ""
            except (*ERRORS, LeftOutError):
                continue
            if now and now.split(":")[0] == said.split(":")[0]:
                program, said, found = candidate, now, True
                break
    return program, said


def said_by(check):
    """Return a check whose failure includes any error that is none of the domain."""

    def wrong(program):
        try:
            return check(program)
        except (*ERRORS, LeftOutError):
            raise
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    return wrong


def checks(k, chance):
    """Return the checks of the k-th program: those that take longer not of all."""
    made = [("mpmath", lambda p: against_the_oracle(p)[0])]
    if k % 2 == 0:
        made.append(("floats", lambda p: compiled(p, "math")))
    if k % 4 == 1:
        made.append(("NumPy", lambda p: compiled(p, "numpy")))
    if k % 16 == 5:
        made.append(("JAX", lambda p: compiled(p, jax_numpy())))
    if k % 32 == 2:
        seed = chance.random()
        made.append(("labels", lambda p: with_hostile_labels(p, random.Random(seed))))
    return made


class Found:
    """How many of each check there were, the worst error, and what failed."""

    def __init__(self):
        self.count, self.worst, self.failures = Counter(), 0.0, []

    def look(self, k, program, chance):
        """Do the checks of the k-th program."""
        self.count["programs"] += 1
        for name, wrong in checks(k, chance):
            said = ""
            try:
                if name == "mpmath":
                    said, off, why = against_the_oracle(program)
                    self.worst = max(self.worst, off)
                    self.count[why] += 1
                else:
                    said = wrong(program)
            except LeftOutError as why:
                self.count[f"left out: {why}"] += 1
            except ERRORS:
                self.count["outside the domain"] += name == "mpmath"
            except Exception:
                said = "?"
            else:
                self.count[name] += 1
            if said:
                self.failures.append((k, *shrunk(program, said_by(wrong))))
        if k % 32 == 4:
            self.explain(k, chance)

    def explain(self, k, chance):
        """Look at the worked solution of a program."""
        try:
            said = said_by(an_explanation)(chance)
        except (*ERRORS, LeftOutError):
            return
        self.count["explanations"] += 1
        if said:
            self.failures.append((k, "", said))

    def run_javascript(self, k, programs):
        """Look at many programs at once, in one process of node."""
        for failed, said in in_javascript(programs):
            if failed is None:
                self.count["JavaScript"] += said
            else:
                self.failures.append((k, failed, said))

    def add(self, other):
        """Take in what another part found."""
        self.count += other.count
        self.worst = max(self.worst, other.worst)
        self.failures += other.failures


def work(seed, first, step, deadline, most, report=None, at=None):
    """Return what was found; report it every 5 seconds instead where that is asked for.

    Parameters
    ----------
    seed
        Of the programs: each follows from it and its number.
    first, step, most
        The numbers of the programs, as of `range`.
    deadline
        By the monotonic clock.
    report
        Called with what was found since it was called last.
    at
        Whose `value` is set to the number of the program that is looked at. A program that takes
        longer than `LIMIT` ends the process then, whatever it is doing.
    """
    found, waiting, reported = Found(), [], time.monotonic()
    for k in range(first, most, step):
        if time.monotonic() > deadline:
            break
        if at is not None:
            at.value = k
            signal.setitimer(signal.ITIMER_PROF, LIMIT)
        chance = random.Random(f"{seed} {k}")
        program = random_program(chance)
        found.look(k, program, chance)
        if k % 4 == 3:
            waiting.append(program)
        if NODE and len(waiting) == 500:
            found.run_javascript(k, waiting)
            waiting = []
        if report and (found.failures or time.monotonic() > reported + 5):
            report(found)
            found, reported = Found(), time.monotonic()
    signal.setitimer(signal.ITIMER_PROF, 0)
    if report:
        report(found)
    return found


def worker(pipe, at, *given):
    """Work in a process of its own."""
    work(*given, report=pipe.send, at=at)
    pipe.close()


class Worker:
    """A process that looks at every `step`-th program; begun anew behind one that ends it."""

    def __init__(self, seed, first, step, deadline, most):
        self.given, self.step, self.deadline = (seed, step, deadline, most), step, deadline
        self.begin(first)

    def begin(self, first):
        """Start with a program."""
        context, (seed, step, deadline, most) = multiprocessing.get_context("spawn"), self.given
        self.pipe, theirs = context.Pipe(duplex=False)
        self.at = context.Value("q", first)
        given = (theirs, self.at, seed, first, step, deadline, most)
        self.process = context.Process(target=worker, args=given, daemon=True)
        self.process.start()
        theirs.close()

    def ended(self, found):
        """Return whether the work is done, once the process has ended; else go on with it."""
        self.process.join()
        if self.process.exitcode == 0:
            return True
        k = self.at.value
        said = f"ended by the signal {-self.process.exitcode}: after {LIMIT} s it is SIGPROF"
        found.failures.append((k, random_program(random.Random(f"{self.given[0]} {k}")), said))
        if time.monotonic() > self.deadline:
            return True
        self.begin(k + self.step)
        return False


def campaign(seed, deadline, most, processes):
    """Return what was found by some processes until the deadline, which none of them delays."""
    found = Found()
    workers = [Worker(seed, i, processes, deadline, most) for i in range(processes)]
    told = 0
    while workers and time.monotonic() < deadline + 60:
        ready = wait([w.pipe for w in workers], timeout=5)
        for one in [w for w in workers if w.pipe in ready]:
            try:
                found.add(one.pipe.recv())
            except EOFError:
                if one.ended(found):
                    workers.remove(one)
        if (now := found.count["programs"] // 20_000) > told:
            told = now
            print(
                f"{found.count['programs']:,} programs, {len(found.failures)} failures", flush=True
            )
            for k, program, said in found.failures[-1:]:
                print(f"the last one, {k}:\n{program}\n{said}", flush=True)
    for one in workers:
        one.process.kill()
        found.failures.append((one.at.value, "", "no end: a minute after the deadline"))
    return found


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
    found = campaign(seed, time.monotonic() + 60 * given.minutes, given.programs, given.processes)
    print(", ".join([f"{name}: {number:,}" for name, number in sorted(found.count.items())]))
    print(f"worst error: {found.worst:.3f} of what rounding allows")
    failures = sorted(found.failures, key=lambda f: len(str(f)))
    kinds = Counter([said.split(":")[0] for _, _, said in failures])
    print(f"failures: {len(failures)}", dict(kinds) or "")
    for kind in kinds:  # the smallest of each
        k, program, said = next(f for f in failures if f[2].split(":")[0] == kind)
        print(f"\nprogram {k}, made smaller:\n{program}\n{said}")
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()

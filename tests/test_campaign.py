"""The campaign and the mutants find what is wrong: checked on what we break."""

import math
import os
import random
import signal
import subprocess
import sys
import time

import mpmath
import pytest

from micrograd_vn import Op, Value, grad, ops, table, topological_order
from tests import campaign, comparing, judging, mutation, programs, series
from tests.operations import TABLE
from tests.sizes import size

DEAD = Op("dead", math.exp, lambda out, x: (0.0,))


def test_some_programs_are_right():
    found = campaign.work(seed=7, first=0, step=1, deadline=1e300, most=48)
    count, worst = found.count, found.worst
    assert found.failures == []
    assert count["programs"] == 48
    assert count["mpmath"] > 30
    assert min(count[name] for name in ("floats", "NumPy", "labels")) > 0
    assert 0.0 < worst < 1.0


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("tanh", Op("tanh", ops.tanh.forward, lambda out, x: (1 - out,)), "derivative: "),
        ("sin", Op("sin", lambda x: x, lambda out, x: (ops.cos(x),)), "value: "),
        ("exp", Op("exp", math.exp, lambda out, x: (DEAD(x),)), "second derivative: "),
    ],
)  # fmt: skip
def test_a_wrong_operation_is_found_and_its_program_made_small(monkeypatch, name, wrong, said):
    right = series.OPERATIONS[name]
    monkeypatch.setitem(series.OPERATIONS, name, right._replace(ours=wrong))
    monkeypatch.setitem(judging.SMOOTH, "dead", mpmath.exp)
    steps = (("square", (0,)), ("add", (1, 1)), (name, (2,)), ("twice", (3,)), ("neg", (4,)))
    program = programs.Program((0.7, 0.3), (1.0, 0.5), steps)
    small, message = programs.shrunk(program, lambda p: comparing.against_the_oracle(p)[0])
    assert message.startswith(said)
    assert small.steps == ((name, (0,)),)


@pytest.mark.parametrize("jump", ["step", "sign"])
def test_rounding_at_a_jump_is_no_failure_and_a_wrong_number_is_one(jump):
    # Of 2, √x·√x − x is 0, and 4·10⁻¹⁶ in floats.
    steps = (("sqrt", (0,)), ("mul", (1, 1)), ("sub", (2, 0)), (jump, (3,)))
    program = programs.Program((2.0,), (1.0,), steps)
    _, outputs = comparing.recorded(program)
    assert comparing.at_first_sight(program, outputs, 0.0)[0]
    assert comparing.against_the_oracle(program)[0] == ""
    operand = outputs[0].parents[0]
    operand.data = math.nextafter(operand.data * (1 + 1e-14), 1.0)
    assert judging.wrong_node(topological_order(*outputs)).startswith("sub(")


def test_the_oracle_keeps_the_digits_of_what_is_added_to_one():
    # log_softmax(3, 3, 683): ln(1 + 2 e^-680), which is 9·10^-296
    steps = (("square", (1,)), ("expm1", (2,)), ("log_softmax", (0, 0, 3)))
    program = programs.Program((3.0, -2.555), (1.0, 0.0), steps)
    assert comparing.against_the_oracle(program)[0] == ""
    order = topological_order(table.excess_op(*map(Value, (0.0, 0.0, -680.0))))
    assert judging.wrong_node(order) == ""
    order[-1].data = 0.0
    assert judging.wrong_node(order).startswith("excess(")


def test_what_is_too_large_for_a_float_may_be_infinite_elsewhere():
    x, y = Value(1.0), Value(-1e150)
    product = x * y
    elsewhere = {x: 1e300, y: y.data, product: -math.inf}
    assert judging.wrong_node([x, y, product], elsewhere) == ""
    assert judging.wrong_node([x, y, product], elsewhere | {product: math.inf}).startswith("mul(")


def test_a_rounded_exponent_is_no_failure_and_a_wrong_one_is():
    program = programs.Program((1e-230, -1e-8), (0.0, 1.0), (("pow", (0, 1)),))
    assert comparing.against_the_oracle(program)[0] == ""
    order = topological_order(table.power_slope(*map(Value, (1e-230, -1e-8))))
    assert judging.wrong_node(order) == ""
    order[-1].data *= 1 + 1e-11
    assert judging.wrong_node(order).startswith("power_slope(")


def test_a_program_that_ends_its_process_is_a_failure_and_the_others_are_looked_at():
    found = campaign.Found()
    worker = campaign.Worker(5, 0, 1, time.monotonic() + 60, 8)
    os.kill(worker.process.pid, signal.SIGPROF)  # as if it took too long
    ended = False
    while not ended:
        assert worker.pipe.poll(60)
        try:
            found.add(worker.pipe.recv())
        except EOFError:
            ended = worker.ended(found)
    ((k, _, said),) = found.failures
    assert k == 0
    assert said.startswith("ended by the signal")
    assert found.count["programs"] == 7


def test_a_formula_that_is_wrong_by_little_is_found():
    almost = Op("tanh", math.tanh, lambda out, x: ((1 + 1e-12) * ops.sech(x) ** 2,))
    x = Value(0.5)
    (slope,) = grad(almost(x), [x])
    exact = [mpmath.sech(0.5) ** 2]
    assert judging.wrong_formula({"slope": slope}, lambda sides: exact)
    (slope,) = grad(ops.tanh(x), [x])
    said = judging.wrong_formula(
        {"slope": slope}, lambda sides: [mpmath.sech(mpmath.mpf(0.5)) ** 2]
    )
    assert said == ""


def test_every_operation_of_the_package_is_tried():
    used = set()
    for name, operation in series.OPERATIONS.items():
        xs = [Value(0.3 + 0.1 * i) for i in range(operation.operands)]
        order = topological_order(operation.ours(*xs))
        used |= {v.op for v in order}
        assert any(v.op for v in order), name
    inside = {op.name for op in TABLE.values() if op not in used}
    assert {op.name for op in TABLE.values()} == judging.SMOOTH.keys() | judging.JUMPS.keys()
    # These occur in derivatives only.
    assert inside == {"power_slope", "log_or_nan", "witch", "bell", "erfc", "softmax_rest"}


def test_a_program_follows_from_its_seed():
    made = [programs.random_program(random.Random("1 2")) for _ in range(2)]
    assert made[0] == made[1] != programs.random_program(random.Random("1 3"))


def test_mutants_are_programs_that_differ_in_one_place():
    for file in ("engine.py", "optim.py", "formulas/text.py"):
        found = mutation.mutants(file)
        assert len(found) > 50
        original = (mutation.PACKAGE / file).read_bytes()
        for mutant in found[::7]:
            compile(mutant.source(), file, "exec")
            assert mutant.source() != original
            assert mutant.source().startswith(original[: mutant.start])
        assert len({m.source() for m in found}) > 0.9 * len(found)


NOTICED = """
import pathlib, sys
from tests import mutation

folder = pathlib.Path(sys.argv[1])
mutation.copied(folder)
file = "formulas/reader.py"
original = (mutation.PACKAGE / file).read_bytes()
chosen = mutation.reach(folder, "tests/formulas/test_reader.py", 120)["seconds"]
sources = original + b"# nothing", mutation.mutants(file)[0].source()
print(len(chosen), [mutation.passes(folder, file, s, chosen, 60) for s in sources])
"""


@pytest.mark.skipif(size(True, False), reason="CI tries mutants anyway")
def test_a_mutant_that_no_test_notices_is_told_from_one_that_is(tmp_path):
    # By itself, since it forks, which threads of other tests would not survive.
    done = subprocess.run(
        [sys.executable, "-c", NOTICED, tmp_path], cwd=mutation.ROOT, capture_output=True, text=True
    )
    assert done.stdout.endswith("[True, False]\n"), done.stderr
    assert "\n0 [" not in done.stdout


def test_what_is_called_equivalent_is_a_mutant():
    for file, changes in mutation.equivalent().items():
        keys = {m.key for m in mutation.mutants(file)}
        assert not changes.keys() - keys, changes.keys() - keys


def test_every_file_has_tests_of_its_own():
    for path in mutation.PACKAGE.rglob("*.py"):
        file = path.relative_to(mutation.PACKAGE).as_posix()
        if path.name not in ("__init__.py", "__main__.py"):
            tests = mutation.tests_of(file)
            assert len(tests) > 1, file
            assert all((mutation.ROOT / t).exists() for t in tests), tests

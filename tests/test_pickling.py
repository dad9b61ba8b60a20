"""Pickling and copying: values at any depth, with all that they share, operations, functions."""

import copy
import multiprocessing
import pickle
import subprocess
import sys
import threading

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_vn import Op, Value, cross_entropy, dot, exp, grad, lambdify, softmax, table, tanh
from micrograd_vn.engine import Constant, topological_order
from micrograd_vn.errors import ERRORS
from micrograd_vn.exercises import network
from micrograd_vn.moons import make_moons
from micrograd_vn.nn import MLP
from micrograd_vn.optim import SGD, Adam
from micrograd_vn.train import CompiledLoss
from tests.formulas.recipes import PHASES, TABLE, build, recipes
from tests.sizes import size

SOFTSIGN = Op("softsign", lambda x: x / (1 + abs(x)), lambda out, x: (1 / (1 + abs(x)) ** 2,))
COPIES = [
    *[lambda x, p=p: pickle.loads(pickle.dumps(x, p)) for p in (2, pickle.HIGHEST_PROTOCOL)],
    copy.deepcopy,
]  # fmt: skip


def described(roots):
    """Return all that graphs say: data, gradients, labels, operations and who shares what."""
    order = topological_order(*roots)
    place = {v: i for i, v in enumerate(order)}
    return [
        (type(v), repr(v.data), repr(v.grad), v.label, v.op, [place[x] for x in v.parents])
        for v in order
    ]


@pytest.mark.parametrize("copied", COPIES)
@settings(max_examples=40, phases=PHASES)
@given(recipes(2), st.tuples(*[st.floats(-3, 3)] * 2))
def test_a_copy_of_a_graph_says_the_same(copied, recipe, point):
    values = [Value(x, f"x{i}") for i, x in enumerate(point)]
    try:
        y = build(recipe, values)
        if not isinstance(y, Value):
            return
        y.backward()
    except ERRORS:
        return
    outputs = [y, *values]
    there = copied(outputs)
    assert described(there) == described(outputs)
    assert not set(topological_order(*there)) & set(topological_order(*outputs))


@pytest.mark.parametrize("copied", COPIES)
def test_a_graph_of_any_depth_is_copied(copied):
    x = y = Value(0.5, "x")
    for i in range(size(20_000, 1_000_000)):
        y = y * 0.999 + x if i % 2 else tanh(y)
    there_x, there = copied([x, y])
    assert there.data == y.data
    there.backward()
    y.backward()
    assert there_x.grad == x.grad != 0.0


@pytest.mark.parametrize("copied", COPIES)
def test_what_is_shared_stays_shared_and_what_is_apart_stays_apart(copied):
    x, same_number = Value(2.0, "x"), Value(2.0, "x")
    y = x * x + same_number
    a, b, (c, d), e = copied([y, x, (y, same_number), y * 3])
    assert a is c
    assert a.parents[0].parents == (b, b)
    assert a.parents[0].parents[0] is b
    assert a.parents[1] is d
    assert b is not d
    assert e.parents[0] is a
    assert isinstance(e.parents[1], Constant)


@pytest.mark.parametrize("copied", COPIES)
def test_a_copied_graph_goes_on(copied):
    x = Value(0.7, "x")
    y = cross_entropy([dot([x, 2.0], [x, 1.0], x), exp(x), SOFTSIGN(x)], 1) + softmax([x, 1.0])[0]
    there = copied(y)
    (there_x,) = [v for v in topological_order(there) if v.label == "x"]
    (dy,), (there_dy,) = grad(y, [x]), grad(there, [there_x])
    assert there_dy.data == dy.data
    assert (there * 2).data == y.data * 2
    assert lambdify([there_x], there)(0.1) == lambdify([x], y)(0.1)


@pytest.mark.parametrize("copied", COPIES)
def test_an_operation_is_the_same_object_after_copying(copied):
    for op in [*TABLE.values(), SOFTSIGN]:
        assert copied(op) is op
    assert copied(SOFTSIGN(Value(1.0))).op is SOFTSIGN


@pytest.mark.parametrize("copied", COPIES)
def test_networks_are_copied_with_all_they_share(copied):
    model = MLP(2, [4, 1])
    model.tied = model.parameters()[0]
    there = copied(model)
    assert there.state_dict() == model.state_dict()
    assert there.tied is there.parameters()[0]
    assert not set(there.parameters()) & set(model.parameters())
    x = [0.3, -0.7]
    assert there(x).data == model(x).data
    exercise = network()
    y = exercise.nodes["L"]
    assert copied(y).data == y.data


@pytest.mark.parametrize("make", [lambda ps: SGD(ps, 0.1, momentum=0.9), lambda ps: Adam(ps, 0.1)])
@pytest.mark.parametrize("copied", COPIES)
def test_an_optimizer_goes_on_with_its_state_and_its_model(copied, make):
    model = MLP(2, [3, 1], activation="tanh")
    optimizer = make(model.parameters())

    def step(model, optimizer):
        optimizer.zero_grad()
        (model([0.3, -0.7]) ** 2).backward()
        optimizer.step()
        return model.state_dict()

    for _ in range(3):
        step(model, optimizer)
    there_model, there = copied((model, optimizer))
    for _ in range(3):
        assert step(there_model, there) == step(model, optimizer)


@pytest.mark.parametrize("modules", ["math", "numpy", jnp])
@pytest.mark.parametrize("copied", [*COPIES, copy.copy])
def test_a_compiled_loss_goes_on_with_its_parameters(copied, modules):
    model = MLP(2, [1])
    loss = CompiledLoss(
        model, squared, [0.0, 0.0], 0.0, penalty=lambda ps: ps[0] * ps[0], modules=modules
    )
    X, y = make_moons(5)
    there = copied(loss)
    assert there(X, y) == loss(X, y)
    assert [p.grad for p in there.parameters] == [p.grad for p in model.parameters()]
    there.parameters[0].data += 1.0
    assert (there(X, y) == loss(X, y)) is (there.parameters[0] is model.parameters()[0])


def squared(output, target):
    return (output - target) ** 2


@pytest.mark.parametrize("modules", ["math", "numpy"])
@pytest.mark.parametrize("copied", COPIES)
def test_compiled_functions_are_copied(copied, modules):
    x, w = Value(0.3, "x"), Value(0.5, "w")
    y = SOFTSIGN(x * w) + softmax([x, w])[0]
    f = lambdify([x, [w]], {"math": [y, *grad(y, [w])], "numpy": (y,)}[modules], modules)
    there = copied(f)
    assert there.source == f.source
    assert there.__name__ == "f"
    assert there(2.0, [3.0]) == f(2.0, [3.0])


def test_compiled_functions_and_values_reach_other_processes():
    x = Value(0.3, "x")
    y = SOFTSIGN(x) * tanh(x)
    compiled = [lambdify([x], [y, *grad(y, [x])], modules) for modules in ("math", "numpy")]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for f in compiled:
            got = pool.map(f, [0.5, 2.0])
            assert np.allclose(got, [f(0.5), f(2.0)], rtol=0, atol=0)
        (there,) = pool.map(doubled, [y])
    assert there.data == 2 * y.data
    assert there.parents[0].op is table.mul


def doubled(value):
    return value * 2


def test_a_process_that_has_not_got_the_operation_says_which(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from micrograd_vn import Op\nmine = Op('mine', lambda x: x, lambda out, x: (1.0,))\n"
    )
    code = "import mine, pickle, sys; from micrograd_vn import Value; "
    code += "sys.stdout.buffer.write(pickle.dumps(mine.mine(Value(1.0))))"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True
    )
    with pytest.raises(ModuleNotFoundError, match="mine"):
        pickle.loads(made.stdout)


def test_an_operation_without_a_name_in_its_module_gives_a_clear_error_and_no_harm():
    local = Op("local", lambda x: x * x, lambda out, x: (2 * x,))
    x = Value(3.0, "x")
    y = local(x + 1)
    for _ in range(2):
        for what in (local, y, [x, y], lambdify([x], y)):
            said = "can't pickle the operation local: no variable of the module tests.test_pickling"
            with pytest.raises(pickle.PicklingError, match=said):
                pickle.dumps(what)
    z = tanh(x + 1) * x
    assert pickle.loads(pickle.dumps(z)).data == z.data
    assert described([pickle.loads(pickle.dumps(z))]) == described([z])
    assert y.parents[0].data == 4.0


def test_a_local_operation_of_the_name_of_another_is_not_taken_for_it():
    """That of the module is called the same, and is not what the value was made with."""
    fake = Op("SOFTSIGN", lambda x: 7.0, lambda out, x: (0.0,))
    with pytest.raises(pickle.PicklingError, match="SOFTSIGN"):
        pickle.dumps(fake(Value(1.0)))
    tanh_of_my_own = Op("tanh", lambda x: x, lambda out, x: (1.0,))
    with pytest.raises(pickle.PicklingError, match="tanh"):
        pickle.dumps(tanh_of_my_own)


def test_a_local_operation_can_be_copied_in_the_same_process():
    local = Op("local", lambda x: x * x, lambda out, x: (2 * x,))
    x = Value(3.0, "x")
    y = local(x)
    there = copy.deepcopy(y)
    assert there.op is local
    assert there.parents[0] is not x
    assert copy.copy(local) is local
    assert copy.copy(y).parents[0] is x


class Stops:
    def __reduce__(self):
        raise RuntimeError("stops")


def test_after_a_failure_everything_works():
    x = Value(0.5, "x")
    y = tanh(x) * x + 1
    with pytest.raises(RuntimeError, match="stops"):
        pickle.dumps([y, Stops(), y])
    with pytest.raises(RuntimeError, match="stops"):
        copy.deepcopy([y, Stops()])
    deep = x
    for _ in range(5000):
        deep = deep + x
    with pytest.raises(RuntimeError, match="stops"):
        pickle.dumps((deep, Stops()))
    for copied in COPIES:
        assert described([copied(deep)]) == described([deep])
        assert described([copied(y)]) == described([y])


def test_threads_pickle_the_same_graph_at_once():
    x = y = Value(0.5, "x")
    for _ in range(200):
        y = tanh(y) + x
    wrong = []

    def work():
        for _ in range(5):
            if described([pickle.loads(pickle.dumps(y))]) != described([y]):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_a_pickle_is_linear_in_the_graph():
    def length(n):
        x = y = Value(0.5, "x")
        for _ in range(n):
            y = tanh(y) * y + x
        return len(pickle.dumps(y))

    assert length(2000) < 2.2 * length(1000)

"""The compiled path gives the numbers of the eager loop; the demo learns its moons."""

import json
import math
import os
import random
import subprocess
import sys

import autograd.numpy
import dask.array as da
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from micrograd_vn import Value
from micrograd_vn.cli import main
from micrograd_vn.moons import accuracy, make_moons, plot, train
from micrograd_vn.nn import MLP, Module, cross_entropy, hinge_loss
from micrograd_vn.optim import SGD, Adam
from micrograd_vn.train import CompiledLoss, fit

jax.config.update("jax_enable_x64", True)


def penalty(parameters):
    return 1e-3 * sum([p * p for p in parameters], Value(0.0))


MODULES = ["math", math, "numpy", np, jnp, da, autograd.numpy]


@pytest.mark.parametrize("modules", MODULES)
def test_the_compiled_path_has_the_numbers_of_the_eager_loop(modules):
    X, y = make_moons(20, seed=3)
    eager, compiled = MLP(2, [4, 4, 1], seed=5), MLP(2, [4, 4, 1], seed=5)

    def step(X, y):
        loss = hinge_loss([eager(row) for row in X], y) + penalty(eager.parameters())
        loss.backward()
        return loss.data

    losses = fit(step, Adam(eager.parameters(), lr=0.05), X, y, 15)
    point = CompiledLoss(
        compiled, lambda s, t: hinge_loss([s], [t]), X[0], y[0], penalty=penalty, modules=modules
    )
    again = fit(point, Adam(compiled.parameters(), lr=0.05), X, y, 15)
    assert again == pytest.approx(losses, rel=1e-9)
    for a, b in zip(eager.parameters(), compiled.parameters(), strict=True):
        assert b.data == pytest.approx(a.data, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("modules", MODULES)
def test_several_outputs_and_targets(modules):
    X, y = make_moons(10, seed=3)
    targets = [[float(t < 0), float(t > 0)] for t in y]
    model = MLP(2, [3, 2], activation="tanh", seed=1)
    want = cross_entropy([model(row) for row in X], targets)
    want.backward()
    gradients = [p.grad for p in model.parameters()]
    model.zero_grad()
    step = CompiledLoss(
        model, lambda h, t: cross_entropy([h], [t]), X[0], [1.0, 0.0], modules=modules
    )
    assert step(X, targets) == pytest.approx(want.data, rel=1e-12)
    assert [p.grad for p in model.parameters()] == pytest.approx(gradients, rel=1e-9)


def test_the_schedule_sets_the_learning_rate():
    w = Value(1.0)
    optimizer = SGD([w])
    rates = []

    def step(X, Y):
        rates.append(optimizer.lr)
        return 0.0

    assert fit(step, optimizer, [], [], 3, schedule=lambda k: 0.1 * k) == [0.0] * 3
    assert rates == [0.0, 0.1, 0.2]


def test_progress_shows_a_bar(capsys):
    fit(lambda X, Y: 0.5, SGD([Value(1.0)]), [], [], 3, progress=True)
    assert "loss=0.5000" in capsys.readouterr().err


def test_the_demo_reaches_100_percent_within_its_100_steps():
    X, y = make_moons()
    model, losses = train(X, y)
    assert accuracy(model, X, y) == 1.0
    assert losses[-1] < 0.05 < losses[0]
    first, again = (train(X, y, steps=10)[0].state_dict() for _ in range(2))
    assert first == again != model.state_dict()


def test_make_moons_has_the_shape_of_the_demos_data():
    X, y = make_moons(100, noise=0.0)
    assert (len(X), y.count(1.0), y.count(-1.0)) == (100, 50, 50)
    noise = random.Random(3)
    first = [1.0 + noise.gauss(0, 0.1), noise.gauss(0, 0.1)]
    assert make_moons(4, noise=0.1, seed=3)[0][0] == pytest.approx(first)
    angles = {-1.0: [], 1.0: []}
    for (a, b), t in zip(X, y, strict=True):
        a, b = (a - 1.0, 0.5 - b) if t > 0 else (a, b)
        assert a**2 + b**2 == pytest.approx(1.0)
        angles[t].append(math.atan2(b, a))
    evenly = [math.pi * i / 49 for i in range(50)]
    for found in angles.values():
        assert sorted(found) == pytest.approx(evenly)
    assert make_moons(50, seed=1) == make_moons(50, seed=1) != make_moons(50, seed=2)


def test_the_command_trains_and_draws(tmp_path, capsys):
    main(["moons", "--steps", "5", "--points", "20", "--out", str(tmp_path), "--lang", "en"])
    printed = capsys.readouterr().out
    assert "Step    5   loss 0." in printed
    assert "Accuracy: " in printed
    assert (tmp_path / "moons.svg").read_text("utf-8").startswith("<?xml")
    main(["moons", "--steps", "1", "--format", "png", "--out", str(tmp_path)])
    assert "Độ chính xác" in capsys.readouterr().out
    assert (tmp_path / "moons.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_command_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SystemExit) as stopped:
        main(["moons", "--steps", "1", "--out", str(tmp_path)])
    assert stopped.value.code == 2
    captured = capsys.readouterr()
    assert "Độ chính xác" in captured.out
    assert "pip install matplotlib" in captured.err
    assert len(captured.err.splitlines()) == 1


def test_bad_arguments_of_the_command(capsys):
    for arguments in (["--steps", "0"], ["--points", "1"]):
        with pytest.raises(SystemExit) as stopped:
            main(["moons", *arguments])
        assert stopped.value.code == 2
        assert arguments[0] in capsys.readouterr().err


def squared(output, target):
    return (output - target) ** 2


def squares(output, target):
    return (output[0] - target[0]) ** 2 + (output[-1] - target[-1]) ** 2


@pytest.fixture(scope="module", params=MODULES)
def losses(request):
    """A loss of one target that stands alone, one of two, and one of one in a list."""

    def make(loss, outputs, y):
        model = MLP(2, [outputs], seed=1)
        return CompiledLoss(model, loss, [0.0, 0.0], y, modules=request.param)

    return (
        make(squared, 1, 0.0),
        make(squares, 2, [0.0, 0.0]),
        make(lambda o, t: squared(o, t[0]), 1, [0.0]),
    )


X3, X3_SHAPE = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "(3, 2)"


def test_a_column_of_targets_means_one_each(losses):
    one, _, listed = losses
    want = one(X3, [1.0, 2.0, 3.0])
    gradients = [p.grad for p in one.parameters]
    for loss in (one, listed):
        for y in ([[1.0], [2.0], [3.0]], np.array([[1.0], [2.0], [3.0]]), np.array([1, 2, 3])):
            for p in loss.parameters:
                p.grad = 0.0
            assert loss(X3, y) == want
            assert [p.grad for p in loss.parameters] == gradients
            assert {type(p.grad) for p in loss.parameters} == {float}
        assert type(want) is float


@pytest.mark.parametrize(
    ("which", "X", "Y", "x", "y"),
    [
        (0, X3, [1.0, 2.0], X3_SHAPE, "(2,)"),
        (0, X3[:2], [1.0, 2.0, 3.0], "(2, 2)", "(3,)"),
        (0, X3[:1], [1.0, 2.0, 3.0], "(1, 2)", "(3,)"),
        (0, X3, [[1.0, 2.0, 3.0]], X3_SHAPE, "(1, 3)"),
        (0, X3, [[1.0, 2.0]] * 3, X3_SHAPE, "(3, 2)"),
        (0, X3, 1.0, X3_SHAPE, "()"),
        (0, [1.0, 2.0], [1.0, 2.0], "(2,)", "(2,)"),
        (0, [[1.0]] * 3, [1.0] * 3, "(3, 1)", "(3,)"),
        (0, [[1.0, 2.0], [1.0]], [1.0, 2.0], r"(2, {1, 2})", "(2,)"),
        (0, X3, [[[1.0]]] * 3, X3_SHAPE, "(3, 1, 1)"),
        (0, [], [], "(0,)", "(0,)"),
        (0, np.zeros((0, 2)), np.zeros(0), "(0, 2)", "(0,)"),
        (0, "ab", [1.0, 2.0], "()", "(2,)"),
        (1, X3, [1.0, 2.0, 3.0], X3_SHAPE, "(3,)"),
        (1, X3, [[1.0]] * 3, X3_SHAPE, "(3, 1)"),
        (1, X3, [[1.0, 2.0, 3.0]] * 3, X3_SHAPE, "(3, 3)"),
        (1, X3, [[1.0, 2.0]] * 2, X3_SHAPE, "(2, 2)"),
        (2, X3, [[1.0, 2.0]] * 3, X3_SHAPE, "(3, 2)"),
    ],
)
def test_shapes_that_do_not_fit_are_one_error_in_all_modes(losses, which, X, Y, x, y):
    loss = losses[which]
    before = [p.grad for p in loss.parameters]
    wanted = ["(n,)", "(n, 2)", "(n, 1)"][which]
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        loss(X, Y)
    assert str(caught.value) == (
        f"CompiledLoss: X of shape {x} and Y of shape {y} do not fit: for n points, at least one, "
        f"they are of the shapes (n, 2) and {wanted}"
    )
    assert [p.grad for p in loss.parameters] == before


@pytest.mark.parametrize("modules", ["javascript", "jax", 3, json, None])
def test_modules_are_those_of_lambdify(modules):
    with pytest.raises(ValueError, match="modules is 'math', 'numpy'"):
        CompiledLoss(MLP(2, [1]), squared, [0.0, 0.0], 0.0, modules=modules)


def test_sums_have_no_side_effects_and_add_up():
    X, y = make_moons(50)
    for modules in MODULES:
        loss = CompiledLoss(MLP(2, [3, 1], seed=1), squared, X[0], y[0], modules=modules)
        p = [0.1 * i for i in range(len(loss.parameters))]
        whole = loss.sums(X, y, p)
        parts = [loss.sums(X[:20], y[:20], p), loss.sums(X[20:], y[20:], p)]
        assert [a + b for a, b in zip(*parts, strict=True)] == pytest.approx(whole, rel=1e-12)
        assert {p.grad for p in loss.parameters} == {0.0}
        assert type(whole) is list
        assert {type(x) for x in whole} == {float}


@pytest.mark.parametrize("n", [1, 999, 4000, 4001, 12_345])
def test_blocks_of_any_number_of_points_add_up(n):
    X, y = make_moons(n)
    loss = CompiledLoss(MLP(2, [3, 1], seed=1), squared, X[0], y[0], modules="numpy")
    p = [parameter.data for parameter in loss.parameters]
    x, t = np.array(X).T.copy(), np.array(y)
    want = [np.sum(np.broadcast_to(r, n)) for r in loss.sums.point(list(x), t, p)]
    assert loss.sums(X, y, p) == pytest.approx(want, rel=1e-12)


def test_numpy_works_on_many_points_at_once():
    X, y = make_moons(4000)
    loss = CompiledLoss(MLP(2, [3, 1], seed=1), squared, X[0], y[0], modules="numpy")
    point, calls = loss.sums.point, []

    def counted(x, t, p):
        calls.append(len(x[0]))
        return point(x, t, p)

    loss.sums.point = counted
    loss(X, y)
    assert sum(calls) == 4000
    assert len(calls) <= 4


def test_a_result_that_is_the_same_for_all_points_counts_for_each():
    w = Value(2.0)
    model = Module()
    model.w = w
    model.__class__ = type("Shift", (Module,), {"__call__": lambda self, x: self.w + x[0]})
    for modules in MODULES:
        loss = CompiledLoss(model, lambda o, t: o - t, [0.0], 0.0, modules=modules)
        assert loss.sums([[1.0], [2.0], [3.0]], [0.0, 0.0, 0.0], [2.0]) == [12.0, 3.0]


def test_a_gradient_of_none_counts_as_zero():
    X, y = make_moons(3)
    loss = CompiledLoss(MLP(2, [1]), squared, X[0], y[0])
    loss(X, y)
    want = [p.grad for p in loss.parameters]
    for p in loss.parameters:
        p.grad = None
    loss(X, y)
    assert [p.grad for p in loss.parameters] == want


DEVICES = """
import jax, jax.numpy as jnp
from micrograd_vn.moons import make_moons
from micrograd_vn.nn import MLP, hinge_loss
from micrograd_vn.optim import SGD
from micrograd_vn.train import CompiledLoss, fit
jax.config.update("jax_enable_x64", True)
assert len(jax.devices()) == 4
for n in (8, 400):
    X, y = make_moons(n)
    mesh = jax.sharding.Mesh(jax.devices(), "d")
    rows = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("d"))
    shared = [jax.device_put(jnp.array(a), rows) for a in (X, y)]
    runs = []
    for points, targets in ((X, y), shared):
        model = MLP(2, [2, 1], seed=3)
        loss = CompiledLoss(
            model, lambda s, t: hinge_loss([s], [t]), X[0], y[0], modules=jnp
        )
        runs.append(fit(loss, SGD(model.parameters(), lr=0.5), points, targets, 10))
    assert max(abs(a - b) for a, b in zip(*runs)) <= 1e-12, runs
    assert runs[0][-1] < runs[0][0]
    results, *_ = loss.sums._jitted
    assert all(len(r.sharding.device_set) == 4 for r in results(*shared, [0.1] * 9))
    text = loss.sums._jitted[2].lower(*shared, [0.1] * 9).compile().as_text()
    assert "all-reduce" in text and "all-gather" not in text
"""


def test_points_on_four_devices_stay_there_and_give_the_losses_of_one():
    environment = os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=4"}
    done = subprocess.run(
        [sys.executable, "-c", DEVICES], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("n", [1, 32, 33])
def test_jax_compiles_small_batches_without_repeating_itself(n):
    """XLA repeated what leads to a sum of at most 32 terms for every sum: it took minutes."""
    X, y = make_moons(n)
    loss = CompiledLoss(MLP(2, [2, 1]), squared, X[0], y[0], modules=jnp)
    p = [parameter.data for parameter in loss.parameters]
    functions = loss.sums._jitted
    loss.sums(X, y, p)
    used = [f._cache_size() for f in functions]
    assert used == ([1, 1, 0] if n <= 32 else [0, 0, 1])


def test_a_plot_is_a_figure_that_notebooks_show_and_files_hold(tmp_path):
    X, y = make_moons(20)
    model = MLP(2, [2, 1])
    figure = plot(model, np.array(X), np.array(y))
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert list(tmp_path.iterdir()) == []
    (axes,) = figure.axes
    assert [axes.get_xlabel(), axes.get_ylabel()] == ["x₁", "x₂"]
    drawn = [np.asarray(c.get_offsets()).tolist() for c in axes.collections[-2:]]
    assert drawn == [[x for x, t in zip(X, y, strict=True) if t == sign] for sign in (-1, 1)]
    for name, start in (("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")):
        plot(model, X, y, tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(start)
    with pytest.raises(ValueError, match="not supported"):
        plot(model, X, y, tmp_path / "a.nothing")
    assert len(list(tmp_path.iterdir())) == 3


def test_a_plot_has_the_colour_of_the_class_where_the_model_sees_it():
    model = MLP(2, [1])
    for p, x in zip(model.parameters(), (1.0, -0.5, 0.25), strict=True):  # x₁ − x₂/2 > −1/4
        p.data = x
    X = [[-2.0, -1.0], [2.0, 3.0], [-1.0, 1.0], [1.0, -0.9], [0.5, 2.4], [-1.9, -2.0]]
    figure = plot(model, X, [1.0] * len(X))
    image = pixels(figure)
    (axes,) = figure.axes
    for x, y in [(x + 0.2, y - 0.1) for x, y in X]:  # beside the marks
        column, row = axes.transData.transform((x, y))
        red, _, blue = map(int, image[image.shape[0] - 1 - round(row), round(column)][:3])
        assert (blue > red) == (x - y / 2 > -0.25), (x, y)
    for x, is_border in ((0.25, True), (-0.25, False)):  # a dark line
        column, row = map(round, axes.transData.transform((x, 1.0)))
        around = image[-1 - row - 3 : -1 - row + 4, column - 3 : column + 4, :3].astype(int)
        assert (around.sum(axis=-1).min() < 300) == is_border, x


def test_accuracy_is_the_share_of_points_on_their_side():
    model = MLP(2, [1])
    for p, x in zip(model.parameters(), (1.0, -0.5, 0.25), strict=True):
        p.data = x
    points = [[1.0, 0.0], [-1.0, 0.0], [2.0, 0.0], [0.0, 4.0]]
    assert accuracy(model, points, [1, -1, -1, -1]) == 0.75


def pixels(figure):
    """Return the pixels of a figure, from above."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def test_arrays_train_the_demo_too():
    X, y = make_moons(20)
    model, losses = train(X, y, steps=3, modules="numpy")
    again, same = train(np.array(X), np.array(y), steps=3, modules=np)
    assert same == losses
    assert accuracy(again, np.array(X), np.array(y)) == accuracy(model, X, y)


def test_the_bar_is_that_of_the_place():
    """In a notebook, tqdm.auto makes it a widget; elsewhere it is text."""
    code = "import sys; from micrograd_vn.train import fit; from micrograd_vn import Value; "
    code += "from micrograd_vn.optim import SGD; "
    code += "fit(lambda X, Y: 0.5, SGD([Value(1.0)]), [], [], 3, progress=True); "
    code += "assert 'tqdm.auto' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)

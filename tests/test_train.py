"""The compiled path gives the numbers of the eager loop; the demo learns its moons."""

import sys

import jax
import jax.numpy as jnp
import pytest

from micrograd_vn import Value
from micrograd_vn.cli import main
from micrograd_vn.moons import accuracy, make_moons, train
from micrograd_vn.nn import MLP, cross_entropy, hinge_loss
from micrograd_vn.optim import SGD, Adam
from micrograd_vn.train import CompiledLoss, fit

jax.config.update("jax_enable_x64", True)


def penalty(parameters):
    return 1e-3 * sum([p * p for p in parameters], Value(0.0))


@pytest.mark.parametrize("modules", ["math", "numpy", jnp])
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


@pytest.mark.parametrize("modules", ["math", "numpy", jnp])
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
    again, _ = train(X, y)
    assert again.state_dict() == model.state_dict()


def test_make_moons_has_the_shape_of_the_demos_data():
    X, y = make_moons(100, noise=0.0)
    assert (len(X), y.count(1.0), y.count(-1.0)) == (100, 50, 50)
    for (a, b), t in zip(X, y, strict=True):
        centre = (1.0, 0.5) if t > 0 else (0.0, 0.0)
        assert (a - centre[0]) ** 2 + (b - centre[1]) ** 2 == pytest.approx(1.0)
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

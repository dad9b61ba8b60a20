"""Programs written for the peers run on ours, with the import line replaced."""

from types import SimpleNamespace

import micrograd.engine
import pytest

from micrograd_vn import Value, dot
from micrograd_vn.nn import MLP
from tests.benchmarks.tuple_value import TupleValue
from tests.benchmarks.workloads import train_gpt


def readme_example(Value):
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return g, a, b


def test_micrograds_readme_example_gives_the_published_numbers():
    g, a, b = readme_example(Value)
    assert f"{g.data:.4f}" == "24.7041"
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def sanity(Value):
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    return y, x


@pytest.mark.parametrize("program", [readme_example, sanity])
def test_micrograds_programs_give_the_same_on_both(program):
    ours, theirs = program(Value), program(micrograd.engine.Value)
    assert ours[0].data == pytest.approx(theirs[0].data, rel=1e-14)
    for a, b in zip(ours[1:], theirs[1:], strict=True):
        assert a.grad == pytest.approx(b.grad, rel=1e-13)


def test_the_training_of_micrograds_demo():
    from micrograd_vn.moons import make_moons

    X, y = make_moons(30, seed=1)
    model = MLP(2, [16, 16, 1], seed=3)

    def loss():
        inputs = [list(map(Value, row)) for row in X]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        alpha = 1e-4
        reg_loss = alpha * sum((p * p for p in model.parameters()))  # noqa: UP034
        total_loss = data_loss + reg_loss
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores, strict=True)]
        return total_loss, sum(accuracy) / len(accuracy)

    for k in range(40):
        total_loss, acc = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 40
        for p in model.parameters():
            p.data -= learning_rate * p.grad
    assert acc == 1.0


def test_a_program_in_the_manner_of_microgpt_trains_to_the_same_losses():
    ours = train_gpt(SimpleNamespace(value=Value), 2)
    assert ours == pytest.approx(train_gpt(SimpleNamespace(value=TupleValue), 2), rel=1e-9)
    assert ours == pytest.approx(train_gpt(SimpleNamespace(value=Value), 2, dot), rel=1e-9)

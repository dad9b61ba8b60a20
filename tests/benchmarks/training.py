"""Training with a network library: workload A with `nn` and `optim`, and the whole demo."""

import micrograd.engine
import micrograd.nn

from micrograd_vn.moons import train
from micrograd_vn.nn import MLP, hinge_loss
from micrograd_vn.optim import SGD


def eager_step(inputs, classes):
    """Return a step of our network: forward, backward and update."""
    model = MLP(2, [16, 16, 1])
    optimizer = SGD(model.parameters(), lr=0.1)

    def step():
        loss = hinge_loss([model(row) for row in inputs], classes)
        loss = loss + 1e-4 * sum([p * p for p in optimizer.params])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def micrograd_step(inputs, classes):
    """Return a step of micrograd's demo, with its own network."""
    model = micrograd.nn.MLP(2, [16, 16, 1])

    def step():
        rows = [list(map(micrograd.engine.Value, row)) for row in inputs]
        scores = list(map(model, rows))
        losses = [(1 + -y * s).relu() for y, s in zip(classes, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses))
        loss = loss + 1e-4 * sum([p * p for p in model.parameters()])
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        return loss.data

    return step


def torch_step(inputs, classes):
    """Return the same with a tensor of PyTorch for each scalar."""
    import torch

    torch.set_num_threads(1)
    parameters = [
        torch.tensor(p.data, dtype=torch.float64, requires_grad=True)
        for p in MLP(2, [16, 16, 1]).parameters()
    ]

    def step():
        scores = []
        for row in inputs:
            x = [torch.tensor(number, dtype=torch.float64) for number in row]
            start = 0
            for size, width in ((2, 16), (16, 16), (16, 1)):
                outputs = []
                for _ in range(width):
                    total = parameters[start + size]
                    for w, number in zip(parameters[start : start + size], x, strict=True):
                        total = total + w * number
                    outputs.append(total.relu() if width > 1 else total)
                    start += size + 1
                x = outputs
            scores += x
        losses = [(1 - y * s).relu() for y, s in zip(classes, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum([p * p for p in parameters])
        for p in parameters:
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p -= 0.1 * p.grad
        return loss.item()

    return step


def whole_demo(inputs, classes, steps):
    """Return the whole demo, compiled for NumPy, compilation included."""

    def run():
        _, losses = train(inputs, classes, steps=steps, modules="numpy")
        return losses[-1]

    return run

"""A small language model over scalar values: the program of the tutorial.

The shape is that of Karpathy's microgpt: token and position embeddings, RMS
normalisation, attention with four heads, a network with ReLU, and Adam. It learns to
spell Vietnamese given names, without their marks.
"""

import math
import random
from itertools import pairwise

from micrograd_vn import Value, cross_entropy, dot, relu, softmax
from micrograd_vn.nn import Module
from micrograd_vn.optim import Adam

NAMES = (
    "an anh bao binh chau chi cuong dao diep dung duong giang hai hang hanh hieu hoa hoang "
    "hong hue hung huong khanh khoa kien lam lan linh loan long mai minh my nam nga ngan ngoc "
    "nhi nhung phong phuc phuong quan quang quynh son tam thanh thao thu thuy tien trang tri "
    "trung tu tuan tuyet uyen van viet vinh vy xuan yen"
).split()
LETTERS = sorted(set("".join(NAMES)))
END = len(LETTERS)  # a token of its own, before and after each name


def tokens(name: str) -> list[int]:
    """Return a name as numbers."""
    return [END, *(LETTERS.index(letter) for letter in name), END]


def matrix(rows: int, columns: int, rng: random.Random) -> list[list[Value]]:
    """Return small random values."""
    return [[Value(rng.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]


def linear(x: list[Value], weights: list[list[Value]]) -> list[Value]:
    """Return the products of a matrix with a vector."""
    return [dot(row, x) for row in weights]


def normalised(x: list[Value]) -> list[Value]:
    """Return a vector divided by the root of its mean square."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [a * scale for a in x]


class GPT(Module):
    """One layer of attention and one of neurons, between embeddings and logits."""

    def __init__(self, width: int = 16, heads: int = 4, context: int = 8, seed: int = 42) -> None:
        rng = random.Random(seed)
        self.heads, self.size = heads, width // heads
        self.token = matrix(END + 1, width, rng)
        self.position = matrix(context, width, rng)
        self.query, self.key, self.value, self.project = (
            matrix(width, width, rng) for _ in range(4)
        )
        self.widen = matrix(4 * width, width, rng)
        self.narrow = matrix(width, 4 * width, rng)
        self.head = matrix(END + 1, width, rng)

    def __call__(self, token: int, position: int, past: list[list[list[Value]]]) -> list[Value]:
        """Return the logits of the next token; `past` holds keys and values, and grows."""
        x = [a + b for a, b in zip(self.token[token], self.position[position], strict=True)]
        before = x = normalised(x)
        x = normalised(x)
        query = linear(x, self.query)
        past.append([linear(x, self.key), linear(x, self.value)])
        attended: list[Value] = []
        for head in range(self.heads):
            part = slice(head * self.size, (head + 1) * self.size)
            scores = [dot(query[part], key[part]) / math.sqrt(self.size) for key, _ in past]
            weights = softmax(scores)
            for i in range(part.start, part.stop):
                attended.append(dot(weights, [value[i] for _, value in past]))
        x = [a + b for a, b in zip(linear(attended, self.project), before, strict=True)]
        before = x
        x = linear([relu(a) for a in linear(normalised(x), self.widen)], self.narrow)
        return linear([a + b for a, b in zip(x, before, strict=True)], self.head)


def loss_of(model: GPT, name: str) -> Value:
    """Return the mean cross-entropy of each letter of a name, given those before it."""
    past: list[list[list[Value]]] = []
    steps = enumerate(pairwise(tokens(name)))
    losses = [cross_entropy(model(token, i, past), target) for i, (token, target) in steps]
    return sum(losses[1:], losses[0]) / len(losses)


def train(steps: int, seed: int = 42) -> tuple[GPT, list[float]]:
    """Return a model trained on a name a step, and the losses."""
    model = GPT(seed=seed)
    optimizer = Adam(model.parameters(), betas=(0.85, 0.99))
    names = NAMES[:]
    random.Random(seed).shuffle(names)
    losses = []
    for step in range(steps):
        optimizer.lr = 0.01 * (1 - step / steps)
        optimizer.zero_grad()
        loss = loss_of(model, names[step % len(names)])
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    return model, losses


def spell(model: GPT, seed: int) -> str:
    """Return a name drawn from the model."""
    rng = random.Random(seed)
    name, token, past = "", END, []  # type: ignore[var-annotated]
    for position in range(8):
        weights = [p.data for p in softmax(model(token, position, past))]
        (token,) = rng.choices(range(END + 1), weights)
        if token == END:
            break
        name += LETTERS[token]
    return name

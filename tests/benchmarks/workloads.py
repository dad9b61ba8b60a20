"""The programs of the benchmarks, each the same for every engine."""

import random
from itertools import pairwise

from micrograd_vn import dot


def sum_neuron(weights, inputs, bias):
    """Multiply and add one by one, as micrograd's neuron does."""
    return sum([w * x for w, x in zip(weights, inputs, strict=True)], bias)


def dot_neuron(weights, inputs, bias):
    """Multiply and add in one operation."""
    return dot(weights, inputs, bias)


SIZES = [2, 16, 16, 1]


def moons_parameters(seed=1337):
    """Return the 337 parameters of micrograd's demo: per neuron the weights, then the bias."""
    rng = random.Random(seed)
    parameters = []
    for size, width in pairwise(SIZES):
        for _ in range(width):
            parameters += [rng.uniform(-1, 1) for _ in range(size)] + [0.0]
    return parameters


def moons_network(parameters, x, relu, neuron):
    """Return the score of one point: layers of 16, 16 and 1 neurons."""
    start = 0
    for size, width in pairwise(SIZES):
        outputs = []
        for _ in range(width):
            weights, bias = parameters[start : start + size], parameters[start + size]
            outputs.append(neuron(weights, x, bias))
            start += size + 1
        x = [relu(value) for value in outputs] if width > 1 else outputs
    return x[0]


def moons_loss(engine, inputs, classes, neuron=sum_neuron):
    """Return the loss of micrograd's demo as a function of its parameters: workload A."""

    def loss(parameters):
        scores = [
            moons_network(parameters, [engine.value(x) for x in row], engine.relu, neuron)
            for row in inputs
        ]
        losses = [engine.relu(1 + -y * score) for y, score in zip(classes, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        return data_loss + 1e-4 * sum([p * p for p in parameters])

    return loss


# Workload B: a small GPT in the shape of microgpt.

NAMES = (
    "anhtuan baochau baolong camly chilinh diemmy ducanh giahan giakhanh haiyen hoaian hoangnam "
    "hongnhung huonggiang khanhlinh kimngan lanhuong maianh minhchau minhquan mylinh ngocanh "
    "nhatminh phuonglinh quocbao quynhnhu thanhthao thienan thuylinh trungkien tuanminh vananh "
    "an binh chau dung giang hanh khoa lam my nga phuc quyen son thu uyen vy xuan yen"
).split()
VOCABULARY = 27  # the letters and an end
WIDTH, HEADS, CONTEXT = 16, 4, 16


def tokens(name):
    """Return a name as numbers, with an end on either side."""
    return [26, *(ord(letter) - ord("a") for letter in name), 26]


def gpt_parameters(seed=42):
    """Return the matrices by name, as lists of rows of numbers."""
    rng = random.Random(seed)
    shapes = {
        "tokens": (VOCABULARY, WIDTH),
        "positions": (CONTEXT, WIDTH),
        "query": (WIDTH, WIDTH),
        "key": (WIDTH, WIDTH),
        "value": (WIDTH, WIDTH),
        "project": (WIDTH, WIDTH),
        "widen": (4 * WIDTH, WIDTH),
        "narrow": (WIDTH, 4 * WIDTH),
        "head": (VOCABULARY, WIDTH),
    }
    return {
        name: [[rng.gauss(0, 0.08) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in shapes.items()
    }


def sum_product(ws, xs):
    """Multiply and add one by one."""
    return sum([w * x for w, x in zip(ws, xs, strict=True)])


def gpt_loss(matrices, name, product=sum_product):
    """Return the mean loss of predicting each letter of `name` from those before."""

    def linear(x, matrix):
        return [product(row, x) for row in matrices[matrix]]

    def softmax(xs):
        largest = max([x.data for x in xs])
        powers = [(x - largest).exp() for x in xs]
        total = sum(powers)
        return [power / total for power in powers]

    def normalised(xs):
        scale = (product(xs, xs) / len(xs) + 1e-5) ** -0.5
        return [x * scale for x in xs]

    keys, values, losses = [], [], []
    size = WIDTH // HEADS
    for position, (token, target) in enumerate(pairwise(tokens(name))):
        x = [t + p for t, p in zip(matrices["tokens"][token], matrices["positions"][position],
                                   strict=True)]  # fmt: skip
        x = normalised(x)
        before, x = x, normalised(x)
        query = linear(x, "query")
        keys.append(linear(x, "key"))
        values.append(linear(x, "value"))
        attended = []
        for start in range(0, WIDTH, size):
            part = slice(start, start + size)
            scores = [product(query[part], key[part]) / size**0.5 for key in keys]
            weights = softmax(scores)
            for i in range(start, start + size):
                attended.append(product(weights, [value[i] for value in values]))
        x = [a + b for a, b in zip(linear(attended, "project"), before, strict=True)]
        before, x = x, normalised(x)
        x = linear([value.relu() for value in linear(x, "widen")], "narrow")
        x = [a + b for a, b in zip(x, before, strict=True)]
        losses.append(-softmax(linear(x, "head"))[target].log())
    return sum(losses) * (1 / len(losses))


def train_gpt(engine, steps, product=sum_product):
    """Return the losses of training with Adam, a name a step: workload B."""
    matrices = {
        name: [[engine.value(x) for x in row] for row in rows]
        for name, rows in gpt_parameters().items()
    }
    parameters = [p for rows in matrices.values() for row in rows for p in row]
    mean = [0.0] * len(parameters)
    square = [0.0] * len(parameters)
    losses = []
    for step in range(steps):
        loss = gpt_loss(matrices, NAMES[step % len(NAMES)], product)
        loss.backward()
        losses.append(loss.data)
        rate = 0.01 * (1 - step / steps)
        for i, p in enumerate(parameters):
            mean[i] = 0.85 * mean[i] + 0.15 * p.grad
            square[i] = 0.99 * square[i] + 0.01 * p.grad**2
            m = mean[i] / (1 - 0.85 ** (step + 1))
            v = square[i] / (1 - 0.99 ** (step + 1))
            p.data -= rate * m / (v**0.5 + 1e-8)
            p.grad = 0
    return losses

"""The numbers on live pages, in a real browser, against those of the package."""

import json
import math
import random
import subprocess
from itertools import chain, islice

import pytest

from micrograd_vn import (
    Value,
    cross_entropy,
    dot,
    grad,
    leaky_relu,
    log_softmax,
    logsumexp,
    ops,
    softmax,
    table,
    topological_order,
)
from micrograd_vn.engine import Constant
from micrograd_vn.errors import ERRORS
from micrograd_vn.formulas.text import Text, number
from micrograd_vn.formulas.tree import of_all, rounded
from micrograd_vn.readers.folded import blocks, cut_at_names, inside_softmax
from micrograd_vn.readers.numbers import drawn, equals
from micrograd_vn.readers.player import play
from micrograd_vn.readers.player.page import FOLDER
from tests.formulas.browser import NODE
from tests.formulas.recipes import build, examples, recipes, uses
from tests.operations import TABLE
from tests.readers.live import measured, needs_chromium
from tests.sizes import size

GRAPHS, POINTS = size(12, 200), size(4, 20)  # at least so many, and each operation
FOLDED = size(12, 40)

# Graphs of what random arithmetic does not reach; those of derivatives are of derivatives' own.
OTHERS = [
    lambda x, y, z: dot([x, y], [z, x], y),
    lambda x, y, z: dot([x, 2.0], [z, -1.5]),
    lambda x, y, z: logsumexp([x, y, z]),
    lambda x, y, z: softmax([x, y, z])[1] * x,
    lambda x, y, z: softmax([x, y, z] * 3)[4] * x,
    lambda x, y, z: log_softmax([x, y, z])[2] - y,
    lambda x, y, z: log_softmax([x, y, z] * 3)[4] * x,
    lambda x, y, z: cross_entropy([x, y, z], 1),
    lambda x, y, z: cross_entropy([x * y, y, z], [0.2, 0.3, 0.5]),
    lambda x, y, z: cross_entropy([x, y, z], 1) + softmax([x, y, z])[1],
    lambda x, y, z: cross_entropy([x, x, z], [0.2, 0.3, 0.5]) * softmax([x, x, z])[2],
    lambda x, y, z: cross_entropy([x, y] * 5, 1) + softmax([x, y] * 5)[1],
    lambda x, y, z: x**y + z,
    lambda x, y, z: leaky_relu(x, y) * z,
    lambda x, y, z: table.identity(x) * x,
    lambda x, y, z: ops.greater(x, y) * ops.step(z) + ops.sign(x) * y,
    lambda x, y, z: table.erfc(x) * y,
    lambda x, y, z: grad(table.erf(x * y) + ops.atan(z), [y])[0] * z,
    lambda x, y, z: grad(ops.atan(x * y), [x])[0],
    lambda x, y, z: grad(ops.tanh(x * y), [x])[0],
    lambda x, y, z: grad(x**y, [x])[0] + grad(x**y, [y])[0],
    lambda x, y, z: grad(softmax([x, y, z])[0], [x])[0],
    lambda x, y, z: (x + y) * (x - y) / z,
    lambda x, y, z: (x * x).named("y") + (x * 3.0) ** -2,
]


def graph(make, xs):
    """Return the output of an expression after backward, or None if something does not exist."""
    try:
        output = make(*[Value(x, f"x{i}") for i, x in enumerate(xs)])
        output.backward()
        for v in topological_order(output):
            v.local_derivatives()
    except ERRORS:
        return None
    return output if all(math.isfinite(v.data) for v in topological_order(output)) else None


def read(text):
    return float(text.replace("Infinity", "inf"))


def assert_same(output, got):
    """Every number on a page is that of the graph: inside to 1e-12, and as it is shown."""
    order = topological_order(output)
    for i, v in enumerate(order):
        assert math.isclose(read(got["d"][i]), v.data, rel_tol=1e-12, abs_tol=1e-12)
        if not isinstance(v, Constant):
            assert math.isclose(read(got["g"][i]), v.grad, rel_tol=1e-12, abs_tol=1e-12)
    boxes = dict(got["boxes"])
    unseen = inside_softmax(order)
    assert set(boxes) == {
        i for i, v in enumerate(order) if v not in unseen and not isinstance(v, Constant)
    }
    probabilities = {p for block in blocks(order).values() for p in block.outputs}
    for i, (data, *gradients) in boxes.items():
        assert data == f"giá trị {Text()(drawn(order[i], 4))}"
        exact = order[i].grad
        assert len(gradients) == (order[i] not in probabilities)  # which come out of a loss's block
        for gradient in gradients:
            assert gradient.endswith(f" {equals(rounded(exact), exact)} {number(exact)}")
    for key, texts in got["notes"]:
        i, slot = key.split(",")
        if slot == "out":
            continue
        v, operands = order[int(i)], [order[x] for x in got["parents"][int(i)]]
        if not isinstance(operands[int(slot)], Constant):
            slope = slopes(v, operands)[int(slot)]
            assert math.isclose(
                read(got["slopes"][int(i)][int(slot)]), slope, rel_tol=1e-12, abs_tol=1e-12
            )
            alike = [x for x in order if x.data == slope]  # ∂(w·x)/∂w = x = 3.0
            written = texts[0].rpartition(" ")[2]  # ŷ₀ − y₀ ≈ −0.1571
            assert written in {number(slope), *[Text()(drawn(x, 4)) for x in alike]}


def slopes(v, operands):
    """Return the derivatives of a value by what it depends on in the picture."""
    if list(map(id, operands)) == list(map(id, v.parents)):
        return v.local_derivatives()
    if of_all(v)[0] is not v.op:
        return of_all(v)[0].partials(v.data, *[x.data for x in operands])
    by = list(zip(v.parents, v.local_derivatives(), strict=True))
    return [math.fsum(slope for p, slope in by if p is x) for x in operands]


def expressions():
    """Yield expressions of three operands, and a recipe or what else tells them apart."""
    yield from OTHERS
    found = examples(recipes(3), size(200, 500))
    for recipe in sorted(found, key=lambda recipe: -len(operations(recipe))):
        if uses(recipe) and recipe[0] not in ("x", "number"):
            yield lambda *xs, recipe=recipe: build(recipe, xs)


def operations(recipe):
    """Return the names of operations in a recipe."""
    inside = [operations(part) for part in recipe[1:] if isinstance(part, tuple)]
    return {recipe[0]}.union(*inside)


@needs_chromium
def test_every_number_of_random_graphs_is_that_of_the_package(chromium, tmp_path):
    chance = random.Random(1)
    file = tmp_path / "page.html"
    met, graphs = set(), 0
    page = chromium.new_page()
    for make in expressions():
        points = [[round(chance.uniform(-3, 3), 2) for _ in range(3)] for _ in range(POINTS)]
        outputs = [graph(make, xs) for xs in points]
        output = next((o for o in outputs if o is not None), None)
        if output is None:
            continue
        order = topological_order(output)
        used = {v.op.name for v in order if v.op is not None}
        if graphs >= GRAPHS and used <= met:
            continue
        graphs += 1
        met |= used
        inputs = [int(v.label[1:]) for v in order if v.op is None and v.label]
        play(output).save(file)
        page.goto(file.as_uri() + f"?{graphs}#folded=0")
        results = measured(page, [[xs[i] for i in inputs] for xs in points])
        for wanted, got in zip(outputs, results, strict=True):
            if wanted is None:
                assert not all(map(math.isfinite, map(read, [*got["d"], *chain(*got["slopes"])])))
            else:
                assert_same(wanted, got)
        if graphs >= GRAPHS and met.issuperset(TABLE):
            break
    assert graphs >= GRAPHS
    assert met.issuperset(TABLE)


# Folded graphs


# Of each value with a name: its slopes, and what its formula gives.
READ = """(xs) => {
  GRAPH.leaves.forEach(({ node }, i) => { state.d[node] = xs[i]; });
  recompute();
  return walk.forward.map((i) => [
    i, walk.part(i).parents, state.slopes[i].map(String),
    String(apply(i, operandsOf(i).map((x) => state.d[x]))), String(state.d[i]),
  ]);
}"""


def named_graph(recipe, xs, chosen):
    """Return the output of a recipe, some of whose values have names, or None if there is none."""
    try:
        output = build(recipe, [Value(x, f"x{i}") for i, x in enumerate(xs)])
        inner = [v for v in topological_order(output) if v.op is not None]
        for k, v in enumerate(inner):
            if chosen(k) or v is output:
                v.label = f"n{k}"
        for v in inner:
            v.local_derivatives()
    except ERRORS:
        return None
    return output


@needs_chromium
def test_every_number_of_random_folded_graphs_is_that_of_the_outline(chromium, tmp_path):
    chance = random.Random(3)
    page = chromium.new_page()
    compared = graphs = 0
    for recipe in examples(recipes(3), 10 * FOLDED):
        if graphs == FOLDED:
            break
        if not uses(recipe) or recipe[0] in ("x", "number"):
            continue
        names = {k for k in range(40) if chance.random() < 0.4}
        points = [[round(chance.uniform(-3, 3), 2) for _ in range(3)] for _ in range(6)]
        made = [named_graph(recipe, xs, names.__contains__) for xs in points]
        output = next((o for o in made if o is not None), None)
        live = None if output is None else play(output)
        if live is None or 'data-picture="folded"' not in live.html:
            continue
        graphs += 1
        file = tmp_path / f"{graphs}.html"
        live.save(file)
        page.goto(file.as_uri() + "#folded=1")
        inputs = [int(v.label[1:]) for v in topological_order(output) if v.op is None and v.label]
        for root, xs in zip(made, points, strict=True):
            if root is not None:
                found = page.evaluate(READ, [xs[i] for i in inputs])
                compared += compare_folded(root, found)
    assert graphs == FOLDED
    assert compared > 12 * FOLDED


def compare_folded(root, found):
    """Check the numbers of a folded graph; return how many."""
    order = topological_order(root)
    cut = cut_at_names(order, {root}, 4)
    count = 0
    for i, parents, slopes, given, data in found:
        v = order[i]
        assert [id(order[x]) for x in parents] == [*map(id, cut.operands(v))]
        assert math.isclose(float(data), v.data, rel_tol=1e-12, abs_tol=1e-12)
        if given != "NaN":  # the formula as it is written may overflow where the operation doesn't
            assert math.isclose(float(given), v.data, rel_tol=1e-6, abs_tol=1e-9)
        for x, slope in zip(cut.operands(v), slopes, strict=True):
            try:
                wanted = cut.number(cut.derivative(v, x))
            except ERRORS:
                continue
            assert math.isclose(float(slope), wanted, rel_tol=1e-9, abs_tol=1e-9)
            count += 2
    return count


# Rounding, as at school, of decimal digits


def run(script, *data):
    """Return what a script makes of data, with the page's own functions for numbers."""
    source = (FOLDER / "numbers.js").read_text("utf-8")
    text = f"{source}\nconst data = {json.dumps(data)};\nconsole.log(JSON.stringify({script}));"
    done = subprocess.run([NODE, "-"], input=text, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def numbers():
    """Yield numbers of all sizes, and those that rounding is hard for."""
    chance = random.Random(2)
    yield from [0.0, -0.0, 0.5, 2.5, 999.95, 9999.5, 0.00099995, 99999.5, 999999999.5, 1e9, 1e-5]
    yield from [0.1 + 0.2, 1.005, 2.675, 123456789.5, 5e-324, 1.7976931348623157e308, 0.00012345]
    while True:
        yield chance.uniform(-10, 10) * 10.0 ** chance.randint(-12, 14)
        yield round(chance.uniform(-10, 10), chance.randint(0, 5))
        yield (chance.randint(1, 99999) + 0.5) * 10.0 ** chance.randint(-8, 8)


@pytest.mark.skipif(NODE is None, reason="no node")
def test_numbers_of_all_sizes_look_as_the_package_shows_them():
    xs = list(islice(numbers(), size(2_000, 10_000)))
    for digits in (4, 8, 1, 14):
        assert run(f"data[0].map((x) => shown(x, {digits}))", xs) == [number(x, digits) for x in xs]
    assert run("data[0].map((x) => parsed(shown(x, 17)).value)", xs) == xs  # what is shown is read
    finite = [x for x in xs if abs(x) < 1e308]
    assert run("data[0].map((x) => asShown(x))", finite) == [
        float(rounded(x)) + 0.0 for x in finite
    ]


TYPED = [
    ("0,25", 0.25, -2), ("−3", -3.0, 0), (" +1.50 ", 1.5, -2), ("1e-3", 0.001, -3),
    (".5", 0.5, -1), ("2.", 2.0, 0), ("1 000", 1000.0, 0), ("-1,5E2", -150.0, 1),
    ("3·10⁹", 3e9, 9), ("−1,5·10⁻¹²", -1.5e-12, -13), ("2 * 10^3", 2e3, 3), ("2×10^−3", 2e-3, -3),
]  # fmt: skip


@pytest.mark.skipif(NODE is None, reason="no node")
def test_numbers_are_typed_with_a_point_or_a_comma():
    found = run("data[0].map(parsed)", [text for text, _, _ in TYPED])
    assert found == [{"value": value, "place": place} for _, value, place in TYPED]
    wrong = ["", "abc", "1,2,3", "1/2", "--1", "1e", "NaN", "Infinity", "1e999", "0x1"]
    wrong += ["5²", "3·109", "3·10", "3·10^", "10⁹⁹⁹", "3·10⁹·10⁹"]
    assert run("data[0].map(parsed)", wrong) == [None] * len(wrong)


@pytest.mark.skipif(NODE is None, reason="no node")
def test_an_answer_is_judged_to_the_digits_typed():
    cases = [
        ("0.72", 0.7199853, True), ("0,72", 0.7199853, True), ("0.720", 0.7199853, True),
        ("0.7199", 0.7199853, False), ("0.71999", 0.7199853, True),
        ("-0.11", -0.10997, True), ("0.11", -0.10997, False), ("0.5", 0.45, True),
        ("3", 2.5, True), ("-3", -2.5, True), ("1e3", 1499.0, True), ("0", 0.0, True),
    ]  # fmt: skip
    got = run("data[0].map(([t, x]) => agrees(parsed(t), x))", [[t, x] for t, x, _ in cases])
    assert got == [right for _, _, right in cases]

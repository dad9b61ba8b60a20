"""What needs nothing but Python: printed the same everywhere, as in a browser."""

import graphviz

from micrograd_vn import Value, draw, explain, grad, lambdify, tanh
from micrograd_vn.exercises import cau3, cau4, variants
from micrograd_vn.moons import accuracy, make_moons, train


def main():
    """Print numbers, a solution, code, DOT text, and what is said where there is no `dot`."""
    w, x = Value(-1.5, "w"), Value(0.7, "x")
    y = tanh(w * x + 1).named("y")
    y.backward()
    f = lambdify([w, x], [y, *grad(y, [w, x])])
    for text in (explain(y, w, digits=6), f.source, f(-1.5, 0.7) == [y.data, w.grad, x.grad]):
        print(text)
    print(draw(y).source)
    for exercise in (cau3(), *variants(cau4, 3, seed=7)):
        print(exercise.givens, exercise.answer, exercise.explain(), sep="\n")
    model, losses = train(*make_moons(20), steps=3)
    print([f"{loss:.9g}" for loss in losses], accuracy(model, *make_moons(20)))
    try:
        print(draw(y).pipe(format="eps"))
    except graphviz.ExecutableNotFound as error:
        print(error)


if __name__ == "__main__":
    main()

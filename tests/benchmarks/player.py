"""Live pages in Chromium: how large they are, how fast they open and follow an input."""

import pathlib
import shutil
import tempfile
from statistics import median

from micrograd_vn import Value, play, tanh
from micrograd_vn.exercises import cau3
from tests.benchmarks.compiled import installed

# All that follows an input, until the browser has laid it out.
UPDATE = """(rounds) => {
  go(walk.steps.length);
  const { node } = GRAPH.leaves[0];
  const times = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    change(node, 0.3 + i / 1000);
    picture.svg.getBBox();
    document.body.getBoundingClientRect();
    times.push(performance.now() - start);
  }
  return times;
}"""
OPENED = "performance.getEntriesByType('navigation')[0].domComplete"


def network(width):
    """Return the output of a network of one hidden layer, with 9 values for each unit."""
    x, y = Value(0.5, "x"), Value(-1.0, "y")
    total = Value(0.1, "b")
    for i in range(width):
        u, v, w = (Value(0.1 * (i % 7) - k, f"{name}{i}") for k, name in enumerate("uvw"))
        total = total + w * tanh(u * x + v * y)
    return total.named("L")


def pages():
    """Return the pages that are measured."""
    large = play(network(55))
    return {"Câu 3": cau3().play(), "a network of 498 values": large}


def live_pages(rounds):
    """Return for each page its bytes, and the seconds to open it and to follow an input."""
    if not (installed("playwright") and shutil.which("chromium")):
        print("\nLeft out, as not installed: playwright or chromium")
        return {}
    from playwright.sync_api import sync_playwright

    found = {}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "page.html")
        options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox"]}
        chromium = playwright.chromium.launch(**options)
        for name, live in pages().items():
            live.save(file)
            opened = []
            page = chromium.new_page()
            for _ in range(3):
                page.goto(file.as_uri() + f"?{len(opened)}#folded=0")  # all values
                opened.append(page.evaluate(OPENED) / 1e3)
            updated = median(page.evaluate(UPDATE, rounds)) / 1e3
            found[name] = len(live.html.encode()), median(opened), updated
            page.close()
        chromium.close()
    return found

"""Live pages in a real browser."""

import contextlib
import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium")
# In CI there is one, and its absence an error.
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="no browser"
)


@contextlib.contextmanager
def browser():
    """Yield Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@contextlib.contextmanager
def opened(chromium, url, **options):
    """Yield a page, in which nothing may go wrong and from which no request may leave."""
    context = chromium.new_context(**options)
    page = context.new_page()
    wrong = []
    page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("request", lambda r: r.url.split("#")[0] == url.split("#")[0] or wrong.append(r.url))
    page.goto(url)
    yield page
    context.close()
    assert wrong == []


MEASURE = """(points) => points.map((xs) => {
  GRAPH.leaves.forEach(({ node }, i) => { state.d[node] = xs[i]; });
  recompute();
  go(walk.steps.length);
  const texts = (fields) => fields.map(({ element }) => element.textContent);
  const plain = (x) => Object.is(x, -0) ? "-0" : `${x}`;
  return {
    d: state.d.map(plain), g: state.g.map(plain), slopes: state.slopes.map((s) => s.map(plain)),
    boxes: [...picture.fields].map(([i, fields]) => [i, texts(fields)]),
    notes: [...picture.notes].map(([key, fields]) => [key, texts(fields)]),
  };
})"""


def measured(page, points):
    """Return what a page computes and shows at each of some points, at its last step."""
    return page.evaluate(MEASURE, points)


def until(page, condition):
    """Wait until an expression is true; Playwright's own way needs the eval that is shut."""
    for _ in range(200):
        if page.evaluate(f"Boolean({condition})"):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"never true: {condition}")

"""JavaScript, run by node and by a browser: many functions in one process."""

import html
import json
import math
import re
import shutil
import subprocess

from micrograd_vn.formulas.javascript import HELPERS

NODE, CHROMIUM = shutil.which("node"), shutil.which("chromium")


def program(scripts, points):
    """Return JavaScript whose `results` are those of each script at each of its points."""
    functions = [f"functions.push((() => {{\n{s.source}\nreturn f;\n}})());" for s in scripts]
    return "\n".join([
        HELPERS.read_text("utf-8"),
        "const functions = [];",
        *functions,
        f"const points = {json.dumps(points, allow_nan=False)};",
        "const shown = (x) => Array.isArray(x) ? x.map(shown) : Object.is(x, -0) ? '-0' : `${x}`;",
        "const results = functions.map((f, i) => points[i].map((at) => shown(f(...at))));",
    ])  # fmt: skip


def numbers(results):
    """Return the results of a program as floats."""
    if isinstance(results, list):
        return [numbers(r) for r in results]
    return float(results.replace("Infinity", "inf"))


def node(scripts, points, tmp_path):
    """Return the results of scripts as node computes them."""
    file = tmp_path / "program.js"
    text = '"use strict";\n' + program(scripts, points)
    file.write_text(text + "\nconsole.log(JSON.stringify(results));\n", "utf-8")
    done = subprocess.run([NODE, file], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[:2000]
    return numbers(json.loads(done.stdout))


def chromium(scripts, points, tmp_path):
    """Return the results of scripts as Chromium computes them on a page."""
    file = tmp_path / "page.html"
    text = program(scripts, points) + "\ndocument.body.textContent = JSON.stringify(results);\n"
    assert "</script" not in text
    file.write_text(f"<!doctype html><meta charset=utf-8><body><script>{text}</script>", "utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/user"]
    done = subprocess.run(
        [CHROMIUM, *flags, "--dump-dom", file.as_uri()], capture_output=True, timeout=60
    )
    page = done.stdout.decode("utf-8")
    return numbers(json.loads(html.unescape(re.search(r"<body>(.*)</body>", page, re.S)[1])))


def close(got, want, tolerance):
    """Whether two numbers are one, but for `tolerance`; nan is nan."""
    if math.isnan(want) or math.isinf(want):
        return repr(got) == repr(want)
    return abs(got - want) <= tolerance

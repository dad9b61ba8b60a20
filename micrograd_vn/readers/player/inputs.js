// The inputs: a slider and a field for each leaf, and steps of gradient descent.

/**
 * The controls of an input.
 * @typedef {{leaf: Leaf, slider: HTMLInputElement, field: HTMLInputElement, chosen: HTMLInputElement, derivative: HTMLElement}} Row
 */

/** @type {Row[]} */
const ROWS = [];
/** @type {number[]} the output after each step of gradient descent */
let descent = [];

/** @param {string} id @returns {any} an element of the page */
function byId(id) {
  return document.getElementById(id);
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 * @returns {any} an element
 */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, text] of Object.entries(attributes)) {
    made.setAttribute(key, `${text}`);
  }
  made.append(...children);
  return made;
}

/**
 * Make the controls of all inputs.
 * @param {(node: number, x: number) => void} change
 */
function makeInputs(change) {
  for (const leaf of GRAPH.leaves) {
    const { node, range, fixed } = leaf;
    const id = `x${node}`;
    const [low, max] = range;
    const power = Math.floor(Math.log10((max - low) / 100));
    const step = 10 ** (NODES[node].integer ? Math.max(0, power) : power);
    const min = (Math.floor(low / step) * step).toFixed(Math.max(0, -power)); // for round numbers
    const slider = element("input", { type: "range", min, max, step, id: `${id}s` });
    const looks = { inputmode: "decimal", autocomplete: "off", size: 7 };
    const field = element("input", { type: "text", ...looks, id });
    const chosen = element("input", { type: "checkbox", id: `${id}c` });
    const label = element("label", { for: id }, mathOf([nameOf(node)]));
    const derivative = element("span", { class: "slope" });
    byId("inputs").append(
      element("div", { class: "input" }, chosen, label, slider, field, derivative),
    );
    chosen.checked = GRAPH.learned.includes(node);
    for (const control of [slider, field, chosen]) {
      control.disabled = fixed !== null;
    }
    slider.addEventListener("input", () => change(node, Math.max(low, Number(slider.value))));
    field.addEventListener("change", () => {
      const typed = parsed(field.value);
      field.ariaInvalid = typed === null;
      if (typed) {
        change(node, typed.value);
      } else {
        announce(phrase("no number"));
      }
    });
    ROWS.push({ leaf, slider, field, chosen, derivative });
  }
  byId("descent").hidden = GRAPH.given; // a loss beyond the graph, which doesn't follow
}

/** Say in the reader's language what the controls are. */
function nameInputs() {
  for (const { leaf, slider, field, chosen } of ROWS) {
    const name = heard(nameOf(leaf.node).text);
    slider.ariaLabel = name;
    field.ariaLabel = name;
    chosen.ariaLabel = said("learn", name);
  }
  const fixed = GRAPH.leaves.filter((leaf) => leaf.fixed !== null);
  const names = fixed.map((leaf) => nameOf(leaf.node).text).join(", ");
  byId("fixed").hidden = fixed.length === 0;
  byId("fixed").textContent = fixed.length ? said("fixed", `${fixed[0].fixed}`, names) : "";
}

/** @param {number[]} d @param {number[]} g */
function writeInputs(d, g) {
  for (const { leaf, slider, field, derivative } of ROWS) {
    const x = d[leaf.node];
    if (document.activeElement !== slider) {
      slider.value = `${x}`;
    }
    const given = shownGiven(x, NODES[leaf.node].integer);
    slider.ariaValueText = given;
    if (
      field.value !== given &&
      !(document.activeElement === field && parsed(field.value)?.value === x)
    ) {
      field.value = given;
      field.ariaInvalid = "false";
    }
    const slope = DIFFERENTIATED.has(leaf.node) ? shown(g[leaf.node] || 0) : "–";
    if (derivative.textContent !== slope) {
      derivative.textContent = slope;
    }
  }
}

/**
 * A step of gradient descent on the chosen inputs, as far as it leads to numbers.
 * @param {number[]} d
 * @param {number[]} g
 * @returns {[node: number, x: number][] | null} the new numbers; null if the rate is none
 */
function descended(d, g) {
  const rate = parsed(byId("rate").value);
  byId("rate").ariaInvalid = rate === null;
  if (rate === null) {
    return null;
  }
  return ROWS.flatMap(({ leaf: { node, fixed }, chosen }) => {
    const x = d[node] - rate.value * g[node];
    return fixed === null && chosen.checked && Number.isFinite(x) ? [[node, x]] : [];
  });
}

/** @param {number} before @param {number} after the output, before and after a step */
function noteDescent(before, after) {
  descent = [...(descent.length ? descent : [before]), after].filter(Number.isFinite).slice(-60);
  const goal = nameOf(ROOT).text;
  byId("fall").textContent = `${goal}: ${shown(before)} → ${shown(after)}`;
  const [low, high] = [Math.min(...descent), Math.max(...descent)];
  const size = high / 2 - low / 2 || 1; // of halves, which no difference of two numbers exceeds
  const points = descent.map((y, i) => {
    const across = (i / Math.max(1, descent.length - 1)) * 196 + 2;
    return `${across.toFixed(1)},${(36 - ((y / 2 - low / 2) / size) * 32).toFixed(1)}`;
  });
  byId("curve").setAttribute("points", points.join(" "));
}

/** Forget the steps of gradient descent. */
function forgetDescent() {
  descent = [];
  byId("fall").textContent = "";
}

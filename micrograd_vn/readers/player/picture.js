// The picture: Graphviz has laid it out; numbers are put into its boxes, what is at work stands
// out, and the view is moved and scaled by the drawing's own frame.

const SVG = /** @type {SVGSVGElement} */ (document.querySelector("#picture svg"));
const FONT = 18; // of the boxes, in units of the drawing
const ROOM = 130; // of a number in its box, in the same units

/** The boxes of values and the circles of operations, by value. */
const BOXES = parts("data-box");
const CIRCLES = parts("data-op");
/** The edges, by result and operand: "7,0", or "7,out" from the circle to the result. */
const EDGES = parts("data-edge");

/** @param {string} attribute @returns {Map<string, SVGGElement>} parts of the picture */
function parts(attribute) {
  /** @type {NodeListOf<SVGGElement>} */
  const found = SVG.querySelectorAll(`[${attribute}]`);
  return new Map([...found].map((g) => [g.getAttribute(attribute) ?? "", g]));
}

/**
 * A text in the picture that changes, and what it says now.
 * @typedef {{element: SVGTextElement, said: string}} Field
 */

/** @param {SVGTextElement | undefined} element @returns {Field[]} */
function field(element) {
  return element ? [{ element, said: element.textContent ?? "" }] : [];
}

/** @type {Map<number, Field[]>} the number and the derivative of each box */
const FIELDS = new Map();
for (const [i, box] of BOXES) {
  if (!NODES[Number(i)].constant) {
    const texts = [...box.querySelectorAll("text")].slice(-2);
    FIELDS.set(Number(i), texts.flatMap(field));
  }
}
/** @type {Map<string, Field[]>} the partial derivative at each edge */
const NOTES = new Map(
  [...EDGES].map(([key, g]) => [key, field(g.querySelector("text") ?? undefined)]),
);

/** @param {Field} place @param {string} text */
function write(place, text) {
  if (place.said !== text) {
    place.said = text;
    place.element.textContent = text;
    if (text.length > 15) {
      place.element.setAttribute("textLength", `${ROOM}`);
      place.element.setAttribute("lengthAdjust", "spacingAndGlyphs");
    } else {
      place.element.removeAttribute("textLength");
    }
  }
}

/**
 * What is known at a step: the values, the derivatives, and through which operations one went back.
 * @typedef {{values: Set<number>, d: number[], g: number[], slopes: number[][], passed: Set<number>}} Known
 */

/** @param {Known} known */
function writeNumbers(known) {
  for (const [i, [data, grad]] of FIELDS) {
    write(data, `data ${known.values.has(i) ? shown(known.d[i]) : ""}`);
    const outside = !DIFFERENTIATED.has(i);
    const arrived =
      !Number.isNaN(known.g[i]) || (known.passed.size === BACKWARD.length && !outside);
    write(grad, `grad ${outside ? "–" : arrived ? shown(known.g[i]) : ""}`);
  }
  for (const [key, [note]] of NOTES) {
    const [i, slot] = key.split(",").map(Number);
    if (note) {
      write(note, known.passed.has(i) ? shown(known.slopes[i][slot]) : "");
    }
  }
}

/**
 * Let an operation stand out, with its edges and boxes.
 * @param {number} i its result, or -1
 * @param {string} direction of its step
 */
function highlight(i, direction) {
  for (const g of SVG.querySelectorAll(".working, .found")) {
    g.classList.remove("working", "found");
  }
  if (i < 0 || direction === "seed") {
    BOXES.get(`${i}`)?.classList.add("found");
    return;
  }
  const { parents } = NODES[i];
  const result = [BOXES.get(`${i}`)];
  const others = parents.filter((x) => !NODES[x].constant).map((x) => BOXES.get(`${x}`));
  const edges = [...parents.keys(), "out"].map((slot) => EDGES.get(`${i},${slot}`));
  const [working, found] = direction === "forward" ? [others, result] : [result, others];
  for (const g of [CIRCLES.get(`${i}`), ...edges, ...working]) {
    g?.classList.add("working");
  }
  for (const g of found) {
    g?.classList.add("found");
  }
}

/** @param {number} i the value whose chain rule is shown, or -1 */
function mark(i) {
  SVG.querySelector(".selected")?.classList.remove("selected");
  BOXES.get(`${i}`)?.classList.add("selected");
}

// The view

const WHOLE = SVG.viewBox.baseVal;
const ALL = { x: WHOLE.x, y: WHOLE.y, width: WHOLE.width, height: WHOLE.height };
const SHIFT = /** @type {SVGGElement} */ (
  SVG.querySelector(".graph")
).transform.baseVal.consolidate()?.matrix;
const view = {
  x: ALL.x + ALL.width / 2,
  y: ALL.y + ALL.height / 2,
  scale: 1,
  mode: "auto",
  moving: 0,
};

/** @returns {number} the scale at which all is seen */
function fitting() {
  return Math.min(SVG.clientWidth / ALL.width, SVG.clientHeight / ALL.height, 2.2);
}

/** Show what the view says, no farther out than the picture goes. */
function showView() {
  const [width, height] = [SVG.clientWidth / view.scale, SVG.clientHeight / view.scale];
  view.x = within(view.x, ALL.x, ALL.width, width);
  view.y = within(view.y, ALL.y, ALL.height, height);
  SVG.setAttribute("viewBox", `${view.x - width / 2} ${view.y - height / 2} ${width} ${height}`);
  SVG.parentElement?.classList.toggle("larger", view.scale > fitting() * 1.01);
}

/** @param {number} at @param {number} start @param {number} size @param {number} seen */
function within(at, start, size, seen) {
  const middle = start + size / 2;
  const slack = Math.max(0, (size - seen) / 2);
  return Math.min(middle + slack, Math.max(middle - slack, at));
}

/**
 * Show all of the picture, or as much as there is room for.
 * @param {string} mode
 * @param {number} smallest how small the text may get, in pixels
 */
function fit(mode, smallest) {
  view.mode = mode;
  view.scale = Math.max(fitting(), smallest / FONT);
  showView();
}

/**
 * Make the picture larger or smaller about a point of the window.
 * @param {number} by
 * @param {number} x
 * @param {number} y
 */
function zoom(by, x, y) {
  const frame = SVG.getBoundingClientRect();
  const [dx, dy] = [x - frame.left - frame.width / 2, y - frame.top - frame.height / 2];
  const scale = Math.min(6, Math.max(fitting(), view.scale * by));
  view.x += dx / view.scale - dx / scale;
  view.y += dy / view.scale - dy / scale;
  view.scale = scale;
  view.mode = "own";
  showView();
}

/** @param {number} dx @param {number} dy by how many pixels */
function pan(dx, dy) {
  view.x -= dx / view.scale;
  view.y -= dy / view.scale;
  showView();
}

/** @param {number} i the value whose operation is to be seen */
function lookAt(i) {
  const around = [i, ...NODES[i].parents].map((x) => BOXES.get(`${x}`)?.getBBox());
  const boxes = around.filter((b) => b !== undefined);
  if (view.mode === "whole" || boxes.length === 0 || !SHIFT) {
    return;
  }
  const [width, height] = [SVG.clientWidth / view.scale, SVG.clientHeight / view.scale];
  const left = Math.min(...boxes.map((b) => b.x)) + SHIFT.e;
  const right = Math.max(...boxes.map((b) => b.x + b.width)) + SHIFT.e;
  const top = Math.min(...boxes.map((b) => b.y)) + SHIFT.f;
  const bottom = Math.max(...boxes.map((b) => b.y + b.height)) + SHIFT.f;
  const x = nearest(view.x, left, right, width);
  const y = nearest(view.y, top, bottom, height);
  if (x !== view.x || y !== view.y) {
    glide(x, y);
  }
}

/** @param {number} at @param {number} low @param {number} high @param {number} seen */
function nearest(at, low, high, seen) {
  const inside = at - seen / 2 <= low && high <= at + seen / 2;
  return inside ? at : (low + high) / 2;
}

/** @param {number} x @param {number} y where to move the view, at once where motion is unwanted */
function glide(x, y) {
  cancelAnimationFrame(view.moving);
  const [from, start] = [{ x: view.x, y: view.y }, performance.now()];
  const time = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : 300;
  const move = (/** @type {number} */ now) => {
    const part = Math.min(1, Math.max(0, (now - start) / time));
    const eased = part * part * (3 - 2 * part);
    view.x = from.x + (x - from.x) * eased;
    view.y = from.y + (y - from.y) * eased;
    showView();
    if (part < 1) {
      view.moving = requestAnimationFrame(move);
    }
  };
  view.moving = requestAnimationFrame(move);
}

/** Follow the pointers: one moves the picture, two scale it; a click that does not move is a choice. */
function followPointers() {
  /** @type {Map<number, {x: number, y: number}>} */
  const down = new Map();
  const spread = () => {
    const [a, b] = [...down.values()];
    return { size: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  };
  SVG.addEventListener("pointerdown", (event) => {
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  SVG.addEventListener("pointermove", (event) => {
    const last = down.get(event.pointerId);
    if (!last) {
      return;
    }
    const before = down.size === 2 ? spread() : null;
    const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
    if (down.size === 1 && !SVG.hasPointerCapture(event.pointerId) && Math.hypot(dx, dy) < 5) {
      return;
    }
    SVG.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (before) {
      const after = spread();
      zoom(after.size / before.size, after.x, after.y);
    } else {
      pan(dx, dy);
    }
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    SVG.addEventListener(kind, (event) =>
      down.delete(/** @type {PointerEvent} */ (event).pointerId),
    );
  }
  SVG.addEventListener(
    "wheel",
    (event) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        zoom(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
      }
    },
    { passive: false },
  );
}

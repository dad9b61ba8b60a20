// The picture: Graphviz has laid it out; numbers are put into its boxes, what is at work stands
// out, and the view is moved and scaled by the drawing's own frame.

const FONT = 16; // of the smallest text, that of the edges, in units of the drawing
const READABLE = 9; // pixels that this text has at least, unless the reader wants to see all
const ENOUGH = 8; // with which nothing needs to be moved, as all is seen
const HALL = 21.5; // for a hall, where the text is 18 units high everywhere, so that it has 24
const MANY = 100; // boxes, of which a picture that opens has no more if it can be folded
const RIM = 4; // of a box that stands out, in units of the drawing
const LETTER = 8.6; // the width of a letter, in the same units

/**
 * The texts of a box: a title with a number in it, as of a target; or its numbers.
 * @typedef {{title?: Field, data?: Field, gradient?: Field}} Texts
 */

/**
 * A text in the picture that changes: what it says now, about what, and for how many letters there
 * is room.
 * @typedef {{element: SVGTextElement, said: string, about: string, room: number}} Field
 */

/**
 * A picture: boxes of values and circles of operations by value; edges by result and operand, such
 * as "7,0", or "7,out" from the circle to the result; the block that a value comes out of, where
 * several do; and the texts.
 * @typedef {ReturnType<typeof read>} Picture
 */

/** @param {SVGSVGElement} svg */
function read(svg) {
  const [boxes, edges] = [parts(svg, "data-box"), parts(svg, "data-edge")];
  const { x, y, width, height } = svg.viewBox.baseVal;
  const graph = /** @type {SVGGElement} */ (svg.querySelector(".graph"));
  const shift = /** @type {DOMMatrix} */ (graph.transform.baseVal.consolidate()?.matrix);
  /** @type {Map<number, Texts>} */
  const fields = new Map();
  for (const [i, box] of boxes) {
    if (!NODES[Number(i)].constant) {
      const several = Number(box.getAttribute("data-fields"));
      const [data, gradient] = textsOf(box).slice(-several || -1);
      fields.set(Number(i), several ? { data, gradient } : { title: data });
    }
  }
  const notes = new Map([...edges].map(([key, g]) => [key, textsOf(g, 9)]));
  const folded = svg.getAttribute("data-picture") === "folded";
  const blocks = new Map(
    [...edges].flatMap(([key, g]) => {
      const block = g.getAttribute("data-block");
      return block === null ? [] : [[Number.parseInt(key, 10), Number(block)]];
    }),
  );
  return {
    ...{ svg, boxes, edges, fields, notes, shift, whole: { x, y, width, height } },
    ...{ circles: parts(svg, "data-op"), blocks, folded },
  };
}

/** @param {SVGSVGElement} svg @param {string} attribute @returns {Map<string, SVGGElement>} */
function parts(svg, attribute) {
  /** @type {NodeListOf<SVGGElement>} */
  const found = svg.querySelectorAll(`[${attribute}]`);
  return new Map([...found].map((g) => [g.getAttribute(attribute) ?? "", g]));
}

/** @param {SVGGElement} group @param {number} room at least @returns {Field[]} */
function textsOf(group, room = 0) {
  return [...group.querySelectorAll("text")].map((element) => {
    const said = element.textContent ?? "";
    return { element, said, about: "", room: Math.max(room, said.length) };
  });
}

const PICTURES = [
  .../** @type {NodeListOf<SVGSVGElement>} */ (document.querySelectorAll("#picture svg")),
].map(read);
let picture = PICTURES[0];

/** What the derivative by each value is called. */
let symbols = /** @type {string[]} */ ([]);

/**
 * @param {Field} place
 * @param {string} about what its text follows from
 * @returns {boolean} whether that is as it was before
 */
function isSame(place, about) {
  const same = place.about === about;
  place.about = about;
  return same;
}

/** @param {Field | undefined} place @param {string} text */
function write(place, text) {
  if (place && place.said !== text) {
    place.said = text;
    place.element.textContent = text;
    if (text.length > place.room) {
      place.element.setAttribute("textLength", `${place.room * LETTER}`);
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
  const all = known.passed.size === walk.back.length;
  for (const [i, { title, data, gradient }] of picture.fields) {
    const [x, g, there] = [known.d[i], known.g[i], known.values.has(i)];
    if (isSame(/** @type {Field} */ (title ?? data), `${[x, g, there, all, reader.language]}`)) {
      continue;
    }
    const outside = !DIFFERENTIATED.has(i) || (all && Number.isNaN(g));
    const arrived = !Number.isNaN(g);
    const [name, none] = [nameOf(i).text, phrase("not found")];
    const number = !there ? "" : Number.isFinite(x) ? valueNumber(i, x).text : "–";
    const value = `${name} ${sign(asShownAt(i, x), x)} ${number}`;
    const slope = outside ? "= –" : arrived ? `${equals(g)} ${shown(g)}` : "= ";
    write(title, value);
    write(data, `${phrase("value")} ${number}`);
    write(gradient, `${symbols[i]} ${slope}`);
    const also = gradient && !outside ? `; ${symbols[i]} ${arrived ? slope : none}` : "";
    const box = /** @type {SVGGElement} */ (picture.boxes.get(`${i}`));
    box.ariaLabel = heard((there ? value : `${name} ${none}`) + also);
  }
  for (const [key, [note]] of picture.notes) {
    const [i, slot] = key.split(",").map(Number);
    const passed = known.passed.has(i);
    if (note && !isSame(note, `${passed && known.slopes[i][slot]}`)) {
      write(note, passed ? noteOf(i, slot, known.slopes) : "");
    }
  }
}

/**
 * @param {number} i
 * @param {number} slot
 * @param {number[][]} slopes
 * @returns {string} what an edge says: the derivative, into a block also its formula if it is short
 */
function noteOf(i, slot, slopes) {
  const number = Number.isNaN(slopes[i][slot]) ? "∄" : slopeNumber(i, slot, slopes).text;
  const formula = blockAt(i) ? slopeOf(i, slot)?.text : undefined;
  const short = formula && formula !== number && formula.length <= GRAPH.longest;
  return short
    ? `${formula} ${sign(slopeAsShown(i, slot, slopes), slopes[i][slot])} ${number}`
    : number;
}

/** @param {number} i @returns {boolean} whether several values come out of an operation */
function blockAt(i) {
  return [...picture.blocks.values()].includes(i);
}

/**
 * Let an operation stand out, with its edges and boxes.
 * @param {number} i its result, or -1
 * @param {string} direction of its step
 */
function highlight(i, direction) {
  for (const g of picture.svg.querySelectorAll(".working, .found")) {
    g.classList.remove("working", "found");
  }
  if (i < 0) {
    return;
  }
  const { boxes, circles, edges, blocks } = picture;
  const result = [boxes.get(`${i}`)];
  if (direction === "seed") {
    result[0]?.classList.add("found");
    return;
  }
  const { parents } = walk.part(i);
  const block = blocks.get(i) ?? i;
  const others = parents.filter((x) => !NODES[x].constant).map((x) => boxes.get(`${x}`));
  const [working, found] = direction === "forward" ? [others, result] : [result, others];
  const into = walk
    .part(block)
    .parents.map((x, slot) => (parents.includes(x) ? edges.get(`${block},${slot}`) : undefined));
  for (const g of [circles.get(`${block}`), edges.get(`${i},out`), ...into, ...working]) {
    g?.classList.add("working");
  }
  for (const g of found) {
    g?.classList.add("found");
  }
}

/** @param {number} i @returns {number} the value on the walk in whose formula a value is */
function hostOf(i) {
  let host = i;
  while (!walk.parts[host]) {
    const inside = host;
    const next = NODES.findIndex((node) => node.parents.includes(inside));
    if (next < 0) {
      return host;
    }
    host = next;
  }
  return host;
}

/** @param {number} i the value whose chain rule is shown, or -1 */
function mark(i) {
  for (const [key, box] of picture.boxes) {
    box.ariaExpanded = `${Number(key) === i}`;
  }
}

// The view

const view = { x: 0, y: 0, scale: 1, mode: "auto", moving: 0 };

/** @param {number} n which picture is shown, and walked through */
function usePicture(n) {
  picture = PICTURES[n];
  walk = (picture.folded && FOLDED) || WHOLE;
  symbols = NODES.map((_, i) => gradientOf(i).text);
  for (const each of PICTURES) {
    each.svg.toggleAttribute("hidden", each !== picture);
  }
  view.mode = "auto";
}

/** @returns {number} the scale at which all is seen */
function fitting() {
  const { svg, whole } = picture;
  return Math.min(svg.clientWidth / whole.width, svg.clientHeight / whole.height, 2.2);
}

/** Show what the view says, no farther out than the picture goes. */
function showView() {
  const { svg, whole } = picture;
  const [width, height] = [svg.clientWidth / view.scale, svg.clientHeight / view.scale];
  view.x = within(view.x, whole.x, whole.width, width);
  view.y = within(view.y, whole.y, whole.height, height);
  svg.setAttribute("viewBox", `${view.x - width / 2} ${view.y - height / 2} ${width} ${height}`);
  svg.parentElement?.classList.toggle("larger", view.scale > fitting() * 1.01);
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
 * @param {number} enough pixels of the text with which all is shown
 * @param {number} least pixels of it otherwise
 */
function fit(mode, enough, least) {
  view.mode = mode;
  view.scale = fitting() * FONT < enough ? least / FONT : fitting();
  showView();
}

/**
 * Make the picture larger or smaller about a point of the window.
 * @param {number} by
 * @param {number} x
 * @param {number} y
 */
function zoom(by, x, y) {
  const frame = picture.svg.getBoundingClientRect();
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

/**
 * Move to boxes: to the first, and to as many of the others as are seen at once with it.
 * @param {SVGGElement[]} boxes
 */
function lookAt(boxes) {
  const { svg, shift } = picture;
  const [width, height] = [svg.clientWidth / view.scale, svg.clientHeight / view.scale];
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const box of boxes) {
    const b = box.getBBox();
    const [l, r] = [Math.min(left, b.x - RIM), Math.max(right, b.x + b.width + RIM)];
    const [t, u] = [Math.min(top, b.y - RIM), Math.max(bottom, b.y + b.height + RIM)];
    if (box === boxes[0] || (r - l <= width && u - t <= height)) {
      [left, right, top, bottom] = [l, r, t, u];
    }
  }
  const x = nearest(view.x, left + shift.e, right + shift.e, width);
  const y = nearest(view.y, top + shift.f, bottom + shift.f, height);
  if (view.mode !== "whole" && (x !== view.x || y !== view.y)) {
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

/**
 * Follow the pointers: one moves the picture, two scale it; a click that does not move is a choice.
 * @param {SVGSVGElement} svg
 */
function followPointers(svg) {
  /** @type {Map<number, {x: number, y: number}>} */
  const down = new Map();
  const spread = () => {
    const [a, b] = [...down.values()];
    return { size: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  };
  svg.addEventListener("pointerdown", (event) => {
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  svg.addEventListener("pointermove", (event) => {
    const last = down.get(event.pointerId);
    if (!last) {
      return;
    }
    const before = down.size === 2 ? spread() : null;
    const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
    if (down.size === 1 && !svg.hasPointerCapture(event.pointerId) && Math.hypot(dx, dy) < 5) {
      return;
    }
    svg.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (before) {
      const after = spread();
      zoom(after.size / before.size, after.x, after.y);
    } else {
      pan(dx, dy);
    }
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    svg.addEventListener(kind, (event) =>
      down.delete(/** @type {PointerEvent} */ (event).pointerId),
    );
  }
  svg.addEventListener(
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

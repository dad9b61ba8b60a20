// What the graph computes: its values forward, its derivatives backward. The functions of each
// operation stand in FUNCTIONS, written from the package's table.

/** @type {GraphData} */
const GRAPH = JSON.parse(
  /** @type {HTMLElement} */ (document.getElementById("data")).textContent ?? "",
);
const NODES = GRAPH.nodes;
const ROOT = GRAPH.root;

/** The values that are computed, in their order. */
const FORWARD = NODES.map((_, i) => i).filter((i) => NODES[i].kind >= 0);

/** Whose derivatives there are: what the output depends on. */
const DIFFERENTIATED = new Set([ROOT, ...GRAPH.backward.flatMap((i) => NODES[i].parents)]);

/** A step: a value is computed, the output's derivative by itself, or one goes back through one. */
/** @typedef {{kind: "forward" | "seed" | "backward", node: number}} Step */

/**
 * A walk through the graph: what is computed in which order, and from what one goes back, if it
 * is of more than numbers; and who uses each value: results, and the value's place in them.
 * @typedef {ReturnType<typeof walkOf>} Walk
 */

/**
 * @param {(Part | undefined)[]} parts how each value is found, by value
 * @param {number[]} forward
 * @param {number[]} all those that the output depends on, from the output back
 */
function walkOf(parts, forward, all) {
  const part = (/** @type {number} */ i) => /** @type {Part} */ (parts[i]);
  const back = all.filter((i) => part(i).parents.some((x) => !NODES[x].constant));
  /** @type {[result: number, slot: number][][]} */
  const users = NODES.map(() => []);
  for (const i of back) {
    part(i).parents.forEach((x, slot) => {
      if (!NODES[x].constant) {
        users[x].push([i, slot]);
      }
    });
  }
  /** @type {Step[]} */
  const steps = [
    ...forward.map((node) => /** @type {Step} */ ({ kind: "forward", node })),
    { kind: "seed", node: ROOT },
    ...back.map((node) => /** @type {Step} */ ({ kind: "backward", node })),
  ];
  return { parts, part, forward, back, users, steps };
}

/** From operation to operation, as the numbers are found. */
const SINGLE = walkOf(NODES, FORWARD, GRAPH.backward);

/** @param {SeenPart[]} seen the values of a picture @returns {Walk} from one of them to another */
function walkAlong(seen) {
  /** @type {(Part | undefined)[]} */
  const parts = NODES.map(() => undefined);
  for (const part of seen) {
    parts[part.node] = { ...NODES[part.node], ...part };
  }
  const computed = seen.map((part) => part.node).filter((i) => NODES[i].kind >= 0);
  const used = new Set(GRAPH.backward);
  return walkOf(
    parts,
    computed,
    [...computed].reverse().filter((i) => used.has(i)),
  );
}

/** As the picture of all values shows them: softmax and cross-entropy as one block. */
const WHOLE = GRAPH.whole ? walkAlong(GRAPH.whole) : SINGLE;

/** From name to name. */
const FOLDED = GRAPH.folded ? walkAlong(GRAPH.folded) : null;

/** The walk that the reader takes. */
let walk = WHOLE;

/** @param {number} i @param {number} x @returns {boolean} whether a value depends on another */
function dependsOn(i, x) {
  const below = new Set([i]);
  for (const v of below) {
    for (const p of walk.parts[v]?.parents ?? []) {
      below.add(Math.max(p, x - 1)); // what comes before does not
    }
  }
  return below.has(x);
}

/** @param {number} i @returns {number[]} what stands in the formulas of a value */
function operandsOf(i) {
  const { operands, parents } = walk.part(i);
  return operands ?? parents;
}

/** @param {number} i @returns {Kind} */
function kindOf(i) {
  return GRAPH.kinds[walk.part(i).kind];
}

/**
 * @param {number} i
 * @param {number[]} xs
 * @param {Part} part how the value is found
 * @returns {number} what operands give
 */
function apply(i, xs, part = walk.part(i)) {
  const f = FUNCTIONS.forward[part.kind];
  return f ? f(...xs) : (part === NODES[i] ? ORIGINAL : state.d)[i];
}

const NOISE = 1e-14; // of the terms that cancel: what rounding leaves of 0

/**
 * @param {number} sum
 * @param {number} size what its terms add up to without their signs
 * @returns {number} the sum; of decimal numbers, 0 if it is what rounding leaves of that
 */
function settled(sum, size) {
  return GRAPH.decimal && Math.abs(sum) <= NOISE * size ? 0 : sum;
}

/** @param {number} x @returns {number} without what binary digits add to a decimal number */
function inDecimals(x) {
  return GRAPH.decimal ? Number(x.toPrecision(15)) : x;
}

/**
 * Compute the values from those of the leaves, in place.
 * @param {number[]} d the values
 * @param {number} held a computed value that keeps its number, or -1
 */
function compute(d, held = -1) {
  const sizes = d.map(Math.abs);
  for (const i of FORWARD) {
    const { parents, kind } = NODES[i];
    const { terms } = GRAPH.kinds[kind];
    const [a, b] = parents.map((x) => sizes[x]);
    const xs = parents.map((x) => d[x]);
    const found = i === held ? d[i] : apply(i, xs, NODES[i]);
    sizes[i] = terms === "added" ? a + b : terms === "multiplied" ? a * b : Math.abs(found);
    d[i] = i === held || !terms ? found : inDecimals(found);
    if (i !== held && terms === "added") {
      d[i] = settled(d[i], sizes[i]);
    }
  }
}

/** @param {number[]} d @returns {number[][]} the partial derivatives of each value, if the output exists */
function slopesAt(d) {
  const there = Number.isFinite(d[ROOT]);
  return NODES.map((node, i) => {
    if (node.kind < 0) {
      return [];
    }
    const p = FUNCTIONS.partials[node.kind];
    const writable = p && FUNCTIONS.forward[node.kind];
    const xs = node.parents.map((x) => d[x]);
    const found = writable ? p(d[i], ...xs) : (node.slopes ?? []);
    return found.map((x) => (there ? (x ?? NaN) : NaN));
  });
}

/**
 * The derivatives of each value by those that it depends on, through what is not seen.
 * @param {number[][]} slopes the partial derivatives
 * @param {Walk} by
 * @param {number[]} d
 * @returns {number[][]}
 */
function slopesAlong(slopes, by, d) {
  return NODES.map((node, i) => {
    const part = by.parts[i];
    if (!part || part.parents === node.parents) {
      return part ? slopes[i] : [];
    }
    const p = FUNCTIONS.partials[part.kind];
    if (by !== FOLDED && p && !part.operands) {
      return p(d[i], ...part.parents.map((x) => d[x])); // of softmax of many
    }
    const [found, sizes] = [new Map([[i, 1]]), new Map([[i, 1]])];
    for (let j = i; j > Math.min(...part.parents); j--) {
      const up = found.get(j);
      if (up !== undefined && (j === i || !by.parts[j])) {
        NODES[j].parents.forEach((x, slot) => {
          const term = up * slopes[j][slot];
          sizes.set(x, (sizes.get(x) ?? 0) + Math.abs(term));
          found.set(x, settled((found.get(x) ?? 0) + term, sizes.get(x) ?? 0));
        });
      }
    }
    return part.parents.map((x) => found.get(x) ?? 0);
  });
}

/**
 * The chain rule as far as some of its steps.
 * @param {number[][]} slopes the partial derivatives
 * @param {Walk} by
 * @param {number} steps how many operations to go back through
 * @returns {number[]} the derivatives of the output; NaN where none has arrived
 */
function backward(slopes, by, steps = by.back.length) {
  const { part, users } = by;
  const g = new Array(NODES.length).fill(NaN);
  const sizes = new Array(NODES.length).fill(0);
  g[ROOT] = GRAPH.gradient;
  for (const i of by.back.slice(0, steps)) {
    part(i).parents.forEach((x, slot) => {
      if (!NODES[x].constant) {
        const term = g[i] * slopes[i][slot];
        sizes[x] += Math.abs(term);
        const first = users[x][0][0] === i && users[x][0][1] === slot;
        g[x] = first ? term : settled(g[x] + term, sizes[x]);
      }
    });
  }
  return g;
}

/**
 * @param {number[]} d
 * @returns {number} the first value that does not exist though its operands do, or -1
 */
function undefinedAt(d) {
  return FORWARD.find((i) => !Number.isFinite(d[i])) ?? -1;
}

/**
 * The output a little to both sides of a value: so little that there the function does not end,
 * and that less gives the same quotient.
 * @param {number[]} d
 * @param {number} i the value that is moved
 * @returns {{h: number, above: number, below: number}}
 */
function moved(d, i) {
  const size = Math.max(1, 10 ** Math.floor(Math.log10(Math.abs(d[i]) || 1)));
  const by = (/** @type {number} */ h) => {
    const [above, below] = [h, -h].map((change) => {
      const at = [...d];
      at[i] += change;
      compute(at, i);
      return at[ROOT];
    });
    return { h, above, below, slope: (above - below) / h };
  };
  const first = by(size / 1e4);
  let last = first;
  for (let k = 5; k < 16; k++) {
    const next = by(size / 10 ** k);
    if (Math.abs(next.slope - last.slope) < 1e-7 * Math.abs(next.slope)) {
      return last;
    }
    last = next;
  }
  return first;
}

/**
 * Random numbers from a seed: mulberry32, the same in every browser.
 * @param {number} seed
 * @returns {() => number} from 0 to 1
 */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

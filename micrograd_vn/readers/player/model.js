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

/** The computed values that the output depends on, from the output back; none of numbers alone. */
const BACKWARD = GRAPH.backward.filter((i) => NODES[i].parents.some((x) => !NODES[x].constant));

/** Whose derivatives there are: what the output depends on. */
const DIFFERENTIATED = new Set([ROOT, ...GRAPH.backward.flatMap((i) => NODES[i].parents)]);

/**
 * The users of each value that the output depends on: results and the operand's place in them.
 * @type {[result: number, slot: number][][]}
 */
const USERS = NODES.map(() => []);
for (const i of BACKWARD) {
  NODES[i].parents.forEach((x, slot) => {
    if (!NODES[x].constant) {
      USERS[x].push([i, slot]);
    }
  });
}

/** @param {number} i @param {number[]} d @returns {number[]} the numbers of a value's operands */
function operands(i, d) {
  return NODES[i].parents.map((x) => d[x]);
}

/** @param {number} i @param {number[]} xs @returns {number} an operation's result */
function apply(i, xs) {
  const f = FUNCTIONS.forward[NODES[i].kind];
  return f ? f(...xs) : NODES[i].data;
}

/**
 * Compute the values from those of the leaves, in place.
 * @param {number[]} d the values
 * @param {number} held a computed value that keeps its number, or -1
 */
function compute(d, held = -1) {
  for (const i of FORWARD) {
    if (i !== held) {
      d[i] = apply(i, operands(i, d));
    }
  }
}

/** @param {number[]} d @returns {number[][]} the partial derivatives of each value */
function slopesAt(d) {
  return NODES.map((node, i) => {
    if (node.kind < 0) {
      return [];
    }
    const p = FUNCTIONS.partials[node.kind];
    const writable = p && FUNCTIONS.forward[node.kind];
    return writable ? p(d[i], ...operands(i, d)) : (node.slopes ?? []).map((x) => x ?? NaN);
  });
}

/**
 * The chain rule as far as some of its steps.
 * @param {number[][]} slopes the partial derivatives
 * @param {number} steps how many operations to go back through
 * @returns {number[]} the derivatives of the output; NaN where none has arrived
 */
function backward(slopes, steps = BACKWARD.length) {
  const g = new Array(NODES.length).fill(NaN);
  g[ROOT] = GRAPH.gradient;
  for (const i of BACKWARD.slice(0, steps)) {
    NODES[i].parents.forEach((x, slot) => {
      if (!NODES[x].constant) {
        const term = g[i] * slopes[i][slot];
        g[x] = USERS[x][0][0] === i && USERS[x][0][1] === slot ? term : g[x] + term;
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
 * The output a little to both sides of a value.
 * @param {number[]} d
 * @param {number} i the value that is moved
 * @returns {{h: number, above: number, below: number}}
 */
function moved(d, i) {
  const h = 1e-4 * Math.max(1, 10 ** Math.floor(Math.log10(Math.abs(d[i]) || 1)));
  const [above, below] = [h, -h].map((by) => {
    const at = [...d];
    at[i] += by;
    compute(at, i);
    return at[ROOT];
  });
  return { h, above, below };
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

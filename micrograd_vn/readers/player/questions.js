// Questions: the number that comes next is hidden, and the student finds it. An answer is right
// if the exact number, rounded to the digits typed, is that; or if it follows from the numbers as
// they are shown, or from what the student found before, were it right or wrong.

/**
 * What is asked: a value, or what a path contributes to a derivative.
 * @typedef {{step: number, node: number, slot: number}} Question
 */

/** @type {Question[]} */
const QUESTIONS = STEPS.flatMap(({ kind, node }, step) => {
  if (kind === "seed") {
    return [];
  }
  const slots = kind === "forward" ? [-1] : [...NODES[node].parents.keys()];
  const asked = slots.filter((slot) => slot < 0 || !NODES[NODES[node].parents[slot]].constant);
  return asked.map((slot) => ({ step, node, slot }));
});

/** Where the questions are, and what the student has found. */
const quiz = {
  on: false,
  at: 0,
  right: 0,
  wrong: 0,
  tried: false,
  /** @type {number[]} the values as the student found them */
  d: [],
  /** @type {number[]} the derivatives as the student found them */
  g: [],
};

/** @returns {Question | undefined} */
function question() {
  return QUESTIONS[quiz.at];
}

/** @param {number[]} d the values to begin with */
function startQuiz(d) {
  Object.assign(quiz, { on: true, at: 0, right: 0, wrong: 0, tried: false });
  quiz.d = NODES.map((node, i) => (node.kind < 0 ? d[i] : NaN));
  quiz.g = NODES.map(() => NaN);
  quiz.g[ROOT] = GRAPH.gradient;
}

/**
 * Numbers for the inputs from a seed: of one decimal or two, where everything exists.
 * @param {number} seed
 * @param {number[]} start the numbers of what does not change
 * @returns {number[]} the values
 */
function drawn(seed, start) {
  const chance = generator(seed);
  for (let attempt = 0; attempt < 200; attempt++) {
    const d = [...start];
    for (const { node, range, fixed } of GRAPH.leaves) {
      if (fixed === null) {
        const [low, high] = range.map((end) => Math.max(-3, Math.min(3, end)));
        d[node] = Number((low + (high - low) * chance()).toFixed(high - low > 2 ? 1 : 2));
      }
    }
    compute(d);
    const slopes = slopesAt(d);
    if (
      undefinedAt(d) < 0 &&
      backward(slopes).every(
        (x, i) => !DIFFERENTIATED.has(i) || NODES[i].constant || Number.isFinite(x),
      )
    ) {
      return d;
    }
  }
  return start;
}

/**
 * @param {Question} asked
 * @param {number[]} d
 * @param {number[]} g
 * @returns {number} the answer from some values and derivatives
 */
function answer({ node, slot }, d, g) {
  const xs = operands(node, d);
  if (slot < 0) {
    return apply(node, xs);
  }
  const p = FUNCTIONS.partials[NODES[node].kind];
  const slope =
    p && FUNCTIONS.forward[NODES[node].kind] ? p(d[node], ...xs)[slot] : NODES[node].slopes?.[slot];
  return g[node] * (slope ?? NaN);
}

/**
 * Judge what was typed.
 * @param {Typed} typed
 * @param {number[]} d
 * @param {number[]} g
 * @returns {"right" | "follows" | "digits" | "wrong"}
 */
function judged(typed, d, g) {
  const asked = /** @type {Question} */ (question());
  const exact = answer(asked, d, g);
  const fromShown = answer(
    asked,
    d.map((x, i) => asShownAt(i, x)),
    g.map((x) => asShown(x)),
  );
  const own = [...quiz.d].map((x, i) => (Number.isNaN(x) ? d[i] : x));
  const ownG = [...quiz.g].map((x, i) => (Number.isNaN(x) ? g[i] : x));
  for (const [number, verdict] of /** @type {[number, "right" | "follows"][]} */ ([
    [exact, "right"],
    [fromShown, "right"],
    [answer(asked, own, ownG), "follows"],
  ])) {
    if (agrees(typed, number)) {
      const off = Math.abs(typed.value - number);
      return off <= 0.02 * Math.abs(number) || number === 0 ? verdict : "digits";
    }
  }
  return "wrong";
}

/** @param {number} found the student's number for the question, which is then done */
function keep(found) {
  const asked = /** @type {Question} */ (question());
  if (asked.slot < 0) {
    quiz.d[asked.node] = found;
  } else {
    const x = NODES[asked.node].parents[asked.slot];
    quiz.g[x] = isFirst(asked.node, asked.slot) ? found : quiz.g[x] + found;
  }
  quiz.at += 1;
  quiz.tried = false;
}

/** @param {Question} asked @returns {Piece} what is asked, as a formula */
function askedFor({ node, slot }) {
  return slot < 0 ? nameOf(node) : gradientOf(NODES[node].parents[slot]);
}

/** @param {Question} asked @returns {string} what is asked, around the formula */
function askedIn({ node, slot }) {
  const many = slot >= 0 && USERS[NODES[node].parents[slot]].length > 1;
  return many ? said("ask share", "{}", nameOf(node).text) : phrase("ask");
}

/** @param {Question} asked @param {number[]} d @returns {Line} the formula by which it is found */
function hint({ node, slot }, d) {
  if (slot < 0) {
    const definition = (NODES[node].named && definitionOf(node)) || numericOf(node, d);
    return { parts: definition ? [nameOf(node), "=", definition] : [nameOf(node)] };
  }
  const formula = slopeOf(node, slot);
  const slope = derivative(nameOf(node), nameOf(NODES[node].parents[slot]));
  /** @type {(Piece | string)[]} */
  const parts = [termOf(node, slot)];
  return {
    parts: formula ? [...parts, plain(", \u00a0"), slope, "=", formula] : parts,
    remark: reasonOf(node, slot, d),
  };
}

// Questions: the number that comes next is hidden, and the student finds it. An answer is right
// if the exact number, rounded to the digits typed, is that; or if it follows from the numbers as
// they are shown, or from what the student found before, were it right or wrong.

/**
 * What is asked: a value, or what a path contributes to a derivative.
 * @typedef {{step: number, node: number, slot: number}} Question
 */

/** @returns {Question[]} what is asked on the present walk */
function questions() {
  return walk.steps.flatMap(({ kind, node }, step) => {
    if (kind === "seed") {
      return [];
    }
    const { parents } = walk.part(node);
    const slots = kind === "forward" ? [-1] : [...parents.keys()];
    const asked = slots.filter((slot) => slot < 0 || !NODES[parents[slot]].constant);
    return asked.map((slot) => ({ step, node, slot }));
  });
}

/**
 * All numbers of the page: values, derivatives of the output, and those on the edges.
 * @typedef {{d: number[], g: number[], slopes: number[][]}} Numbers
 */

/** Where the questions are, and what the student has found. */
const quiz = {
  on: false,
  /** @type {Question[]} */
  all: [],
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
  return quiz.all[quiz.at];
}

/** @param {number[]} d the values to begin with */
function startQuiz(d) {
  Object.assign(quiz, { on: true, all: questions(), at: 0, right: 0, wrong: 0, tried: false });
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
      backward(slopes, SINGLE).every(
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
 * @param {Numbers} numbers
 * @returns {number} the answer
 */
function answer({ node, slot }, { d, g, slopes }) {
  return slot < 0 ? d[node] : g[node] * slopes[node][slot];
}

/**
 * @param {Question} asked
 * @param {number[]} d
 * @param {number[]} g
 * @param {number[][]} slopes the exact ones, for what can't be computed here
 * @returns {number} what would be the answer by some other values and derivatives
 */
function answerFrom({ node, slot }, d, g, slopes) {
  const xs = operandsOf(node).map((x) => d[x]);
  if (slot < 0) {
    return apply(node, xs);
  }
  const { kind } = walk.part(node);
  const p = FUNCTIONS.forward[kind] && FUNCTIONS.partials[kind];
  return g[node] * (p ? p(d[node], ...xs) : slopes[node])[slot];
}

/**
 * Judge what was typed.
 * @param {Typed} typed
 * @param {Numbers} numbers
 * @returns {"right" | "follows" | "digits" | "wrong"}
 */
function judged(typed, numbers) {
  const { d, g, slopes } = numbers;
  const asked = /** @type {Question} */ (question());
  const exact = answer(asked, numbers);
  const fromShown = answerFrom(
    asked,
    d.map((x, i) => asShownAt(i, x)),
    g.map((x) => asShown(x)),
    slopes,
  );
  const own = [...quiz.d].map((x, i) => (Number.isNaN(x) ? d[i] : x));
  const ownG = [...quiz.g].map((x, i) => (Number.isNaN(x) ? g[i] : x));
  for (const [number, verdict] of /** @type {[number, "right" | "follows"][]} */ ([
    [exact, "right"],
    [fromShown, "right"],
    [answerFrom(asked, own, ownG, slopes), "follows"],
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
    const x = walk.part(asked.node).parents[asked.slot];
    quiz.g[x] = isFirst(asked.node, asked.slot) ? found : quiz.g[x] + found;
  }
  quiz.at += 1;
  quiz.tried = false;
}

/** @param {Question} asked @returns {Piece} what is asked, as a formula */
function askedFor({ node, slot }) {
  return slot < 0 ? nameOf(node) : gradientOf(walk.part(node).parents[slot]);
}

/** @param {Question} asked @returns {string} what is asked, around the formula */
function askedIn({ node, slot }) {
  const many = slot >= 0 && walk.users[walk.part(node).parents[slot]].length > 1;
  return many ? said("ask share", "{}", nameOf(node).text) : phrase("ask");
}

/**
 * @param {Question} asked
 * @param {number[]} d
 * @returns {Line} the formula by which it is found
 */
function hint({ node, slot }, d) {
  if (slot < 0) {
    const named = walk === FOLDED || NODES[node].named;
    const definition = (named && definitionOf(node)) || numericOf(node, d);
    return { parts: definition ? [nameOf(node), "=", definition] : [nameOf(node)] };
  }
  const formula = slopeOf(node, slot);
  const slope = derivative(nameOf(node), nameOf(walk.part(node).parents[slot]));
  /** @type {(Piece | string)[]} */
  const parts = [termOf(node, slot)];
  return {
    parts: formula ? [...parts, plain(", \u00a0"), slope, "=", formula] : parts,
    remark: reasonOf(node, slot, d),
  };
}

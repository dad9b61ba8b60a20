// Formulas: how they look stands in the page, written by the package, with holes. Here the holes
// are filled, with names or numbers, in parentheses where what is put in holds less tightly than
// the place needs. No text is ever read as markup.

const MATHML = "http://www.w3.org/1998/Math/MathML";
const [SUM, PRODUCT, NAME] = [1, 2, 4]; // how tightly a formula holds together

/**
 * A formula, ready to be shown and to be said.
 * @typedef {{math: () => Node, text: string, holds: [number, number]}} Piece
 */

const TEMPLATE = /** @type {HTMLTemplateElement} */ (document.getElementById("formulas"));
const PATTERNS = [...TEMPLATE.content.children];

// Around what is no fraction, parentheses that may grow would stand far off in some browsers.
for (const part of [TEMPLATE.content, document]) {
  for (const sign of part.querySelectorAll(":is(mrow:not(:has(mfrac)), mover) > mo")) {
    sign.setAttribute("stretchy", "false");
  }
}

/**
 * @param {string} name
 * @param {(Node | string)[]} children
 * @returns {Element} an element of MathML
 */
function mathElement(name, ...children) {
  const element = document.createElementNS(MATHML, name);
  element.append(...children);
  return element;
}

/** @param {string} text @returns {Element} an operator */
function operator(text) {
  return mathElement("mo", text);
}

/** @param {Node} math @returns {Element} it in parentheses */
function parenthesised(math) {
  const [open, close] = ["(", ")"].map(operator);
  for (const each of [open, close]) {
    each.setAttribute("stretchy", "false");
  }
  return mathElement("mrow", open, math, close);
}

/**
 * @param {Written} written
 * @param {(hole: number) => Piece} content
 * @returns {Piece} a formula with its holes filled
 */
function filled(written, content) {
  const text = written.text
    .map((part) => {
      if (typeof part === "string") {
        return part;
      }
      const piece = content(part[0]);
      return piece.holds[1] < part[1] ? `(${piece.text})` : piece.text;
    })
    .join("");
  const math = () => {
    const row = mathElement("mrow", document.importNode(PATTERNS[written.math], true));
    const root = /** @type {Element} */ (row.firstChild);
    for (const hole of row.querySelectorAll("[data-hole]")) {
      const [index, least] = (hole.getAttribute("data-hole") ?? "").split(",").map(Number);
      const piece = content(index);
      const loose = piece.holds[0] < least;
      hole.replaceWith(loose ? parenthesised(piece.math()) : piece.math());
    }
    return mathElement("mrow", ...root.childNodes);
  };
  return { math, text, holds: written.holds ?? [NAME, NAME] };
}

/** @param {Written} written @returns {Piece} a formula without holes */
function whole(written) {
  return filled(written, () => plain(""));
}

/** @param {string} text @returns {Piece} words as a formula */
function plain(text) {
  return { math: () => mathElement("mtext", text), text, holds: [NAME, NAME] };
}

/** @param {number} i @returns {Piece} what a value is called */
function nameOf(i) {
  return whole(walk.parts[i]?.name ?? NODES[i].name);
}

/** @param {number} x @param {number} digits @returns {Piece} a number */
function numberOf(x, digits = DIGITS) {
  const r = rounded(x, digits);
  const small = !r.special && !isPlain(r.power);
  const holds = r.negative ? SUM : small ? PRODUCT : NAME;
  const math = () => {
    const row = mathElement("mrow");
    if (r.negative) {
      const minus = operator(MINUS);
      minus.setAttribute("form", "prefix");
      row.append(minus);
    }
    if (r.special) {
      row.append(mathElement(r.special === "∞" ? "mi" : "mn", r.special));
    } else if (small) {
      const power = numberOf(r.power).math();
      const ten = mathElement("msup", mathElement("mn", "10"), power);
      row.append(mathElement("mn", pointed(r.digits, 0)), operator("·"), ten);
    } else {
      row.append(mathElement("mn", pointed(r.digits, r.power)));
    }
    return row;
  };
  return { math, text: shown(x, digits), holds: [holds, holds] };
}

/** @param {number} i @param {number} x @returns {Piece} the number of a value */
function valueNumber(i, x) {
  if (NODES[i].kind >= 0 || NODES[i].constant) {
    return numberOf(x, drawnDigits(x));
  }
  const piece = numberOf(x, givenDigits(x));
  const text = shownGiven(x, NODES[i].integer);
  if (piece.text === text) {
    return piece;
  }
  const digits = mathElement("mn", text.replace(MINUS, ""));
  const math = () =>
    mathElement("mrow", ...(x < 0 ? [operator(MINUS)] : []), digits.cloneNode(true));
  return { math, text, holds: piece.holds };
}

/** @param {number} i @param {number} x @returns {number} the number of a value as it is shown */
function asShownAt(i, x) {
  const computed = NODES[i].kind >= 0 || NODES[i].constant;
  return asShown(x, computed ? drawnDigits(x) : givenDigits(x));
}

/** @param {number} i @param {number} slot @returns {number} the value that a slope is, or -1 */
function slopeIs(i, slot) {
  const text = kindOf(i).slopes[slot].formula?.text;
  const [hole] = text?.length === 1 && typeof text[0] !== "string" ? text[0] : [-1];
  return operandsOf(i)[hole] ?? -1;
}

/** @param {number} i @param {number} slot @param {number[][]} slopes @returns {Piece} a slope */
function slopeNumber(i, slot, slopes) {
  const x = slopeIs(i, slot);
  return x < 0 ? numberOf(slopes[i][slot]) : valueNumber(x, slopes[i][slot]);
}

/** @param {number} i @param {number} slot @param {number[][]} slopes @returns {number} as shown */
function slopeAsShown(i, slot, slopes) {
  const x = slopeIs(i, slot);
  return x < 0 ? asShown(slopes[i][slot]) : asShownAt(x, slopes[i][slot]);
}

/** @param {string} name @param {Piece[]} pieces @returns {Piece} a formula that all pages have */
function combined(name, ...pieces) {
  return filled(GRAPH.pieces[name], (hole) => pieces[hole]);
}

/** @param {Piece} of @param {Piece} by @returns {Piece} ∂of/∂by */
function derivative(of, by) {
  return combined("derivative", of, by);
}

/** @param {number} i @param {number} slot @returns {number[]} other operands that depend on one */
function heldIn(i, slot) {
  const { parents } = walk.part(i);
  return [...new Set(parents)].filter((x) => x !== parents[slot] && dependsOn(x, parents[slot]));
}

/** @param {number} i @param {number} slot @returns {Piece} a value's derivative by an operand */
function partialOf(i, slot) {
  const [of, by] = [nameOf(i), nameOf(walk.part(i).parents[slot])];
  const held = heldIn(i, slot).map(nameOf);
  if (held.length === 0) {
    return derivative(of, by);
  }
  const all = held.length > 1 ? plain(held.map((x) => x.text).join(", ")) : held[0];
  return combined("held", of, by, all);
}

/** @param {number} i @returns {Piece} the derivative of the output by a value */
function gradientOf(i) {
  return derivative(GRAPH.given ? whole(GRAPH.goal) : nameOf(ROOT), nameOf(i));
}

/** @param {number} i @returns {Piece | null} a value's formula, with names */
function definitionOf(i) {
  const { definition } = kindOf(i);
  const xs = operandsOf(i);
  return definition && filled(definition, (hole) => nameOf(xs[hole]));
}

/** @param {number} i @param {number[]} d @returns {Piece | null} a value's formula, with numbers */
function numericOf(i, d) {
  const { definition } = kindOf(i);
  const xs = operandsOf(i);
  return definition && filled(definition, (hole) => valueNumber(xs[hole], d[xs[hole]]));
}

/** @param {number} i @param {number} slot @returns {Piece | null} a partial derivative's formula */
function slopeOf(i, slot) {
  const { formula } = kindOf(i).slopes[slot];
  const xs = operandsOf(i);
  return formula ? filled(formula, (hole) => nameOf(xs[hole] ?? i)) : null;
}

/**
 * Formulas with signs between them, as one element.
 * @param {(Piece | string)[]} parts
 * @returns {Element}
 */
function mathOf(parts) {
  const math = mathElement("math");
  math.append(...parts.map((p) => (typeof p === "string" ? operator(p) : p.math())));
  return math;
}

/** @param {(Piece | string)[]} parts @returns {string} the same as text */
function textOf(parts) {
  return parts.map((p) => (typeof p === "string" ? ` ${p} ` : p.text)).join("");
}

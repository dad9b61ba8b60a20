// Numbers as they are shown and as they are typed. Rounding is that of a school: half away from
// zero, of the decimal digits; so every number looks as the package shows it.

const DIGITS = 4;
const GIVEN = 8; // digits that a person gives at most
const ASKED = 12; // digits at most; what a machine leaves of a number is beyond them
const MISSING = 1e-12; // of 1, at least; less is what binary digits add to decimal ones
const TINY = 1e-15; // what rounding leaves of 0
const MINUS = "−";

/**
 * A number in decimal digits: ± 0.d₁d₂d₃… · 10^(power + 1), or what is no number.
 * @typedef {{negative: boolean, digits: string, power: number, special: string}} Decimal
 */

/** @param {number} power @returns {boolean} whether a number of this size needs no power of ten */
function isPlain(power) {
  return -5 < power && power < 9;
}

/** @param {number} x @returns {Decimal} all digits of a number */
function decimal(x) {
  const negative = x < 0;
  if (!Number.isFinite(x)) {
    return { negative, digits: "", power: 0, special: Number.isNaN(x) ? "nan" : "∞" };
  }
  const [mantissa, exponent] = Math.abs(x).toExponential().split("e");
  return { negative, digits: mantissa.replace(".", ""), power: Number(exponent), special: "" };
}

/**
 * @param {Decimal} x
 * @param {number} keep how many of its digits
 * @returns {Decimal} the number rounded, without zeros at its end
 */
function cut(x, keep) {
  let { digits, power } = x;
  if (keep < digits.length) {
    const up = keep >= 0 && digits[keep] >= "5";
    digits = digits.slice(0, Math.max(keep, 0));
    if (up) {
      const raised = (BigInt(`0${digits}`) + 1n).toString().padStart(digits.length, "0");
      power += raised.length - digits.length;
      digits = raised;
    }
  }
  digits = digits.replace(/0+$/, "");
  return digits ? { ...x, digits, power } : { negative: false, digits: "0", power: 0, special: "" };
}

/**
 * @param {number} x
 * @param {number} digits
 * @returns {Decimal} a number with so many significant digits; its integer part stays whole
 */
function rounded(x, digits = DIGITS) {
  const all = decimal(x);
  if (all.special) {
    return all;
  }
  const exact = digits <= ASKED ? cut(all, ASKED + 2) : all; // without what binary noise adds
  const places = digits - 1 - exact.power;
  return cut(exact, exact.power + 1 + (isPlain(exact.power) ? Math.max(places, 0) : places));
}

/** @param {string} digits @param {number} power @returns {string} them with a point */
function pointed(digits, power) {
  if (power < 0) {
    return `0.${"0".repeat(-power - 1)}${digits}`;
  }
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  const rest = digits.slice(power + 1);
  return rest ? `${whole}.${rest}` : whole;
}

/** @param {number} n @returns {string} a whole number in small figures */
function superscript(n) {
  return [...`${n}`].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("");
}

/** @param {number} x @param {number} digits @returns {string} a number as the package shows it */
function shown(x, digits = DIGITS) {
  const r = rounded(x, digits);
  const sign = r.negative ? MINUS : "";
  if (r.special) {
    return sign + r.special;
  }
  if (isPlain(r.power)) {
    return sign + pointed(r.digits, r.power);
  }
  return `${sign}${pointed(r.digits, 0)}·10${superscript(r.power)}`;
}

/** @param {number} x @returns {number} how many digits of a number that was given are shown */
function givenDigits(x) {
  return asShown(x, GIVEN) === x ? GIVEN : drawnDigits(x);
}

/**
 * What is near to 1 and less is not written as 1, so that a probability of 0.000002 beside it
 * doesn't contradict it: it has the digits of what is missing.
 * @param {number} x
 * @returns {number} how many digits of a value are shown
 */
function drawnDigits(x) {
  const missing = 1 - Math.abs(x);
  const nearly = Math.abs(asShown(x)) === 1 && missing > MISSING;
  return nearly ? DIGITS - Math.floor(Math.log10(missing)) - 1 : DIGITS;
}

/**
 * @param {number} x
 * @param {boolean} [integer]
 * @returns {string} a number that was given: 3.0 is shown so, and 3 where integers are given
 */
function shownGiven(x, integer = false) {
  const text = shown(x, givenDigits(x));
  const whole = Number.isInteger(x) && isPlain(rounded(x).power);
  return whole && !integer ? `${text}.0` : text;
}

/** @param {number} x @param {number} digits @returns {number} a number as it is shown */
function asShown(x, digits = DIGITS) {
  const r = rounded(x, digits);
  return r.special
    ? x
    : Number(`${r.negative ? "-" : ""}${r.digits[0]}.${r.digits.slice(1)}e${r.power}`);
}

/**
 * The sign between two sides: "≈" unless they are the same number.
 * @param {number} left
 * @param {number} right
 */
function sign(left, right) {
  const noise = left && right ? MISSING * Math.abs(right) : TINY;
  return Object.is(left, right) || Math.abs(left - right) <= noise ? "=" : "≈";
}

/** @param {number} x @returns {string} what stands before a number as it is shown */
function equals(x) {
  return sign(asShown(x), x);
}

/**
 * What someone typed: the number, and the place of its last digit as a power of ten.
 * @typedef {{value: number, place: number}} Typed
 */

/**
 * @param {string} text
 * @returns {Typed | null} the number, with a point or a comma, 3e9 or 3·10⁹; null if it is none
 */
function parsed(text) {
  const plain = text
    .replace(/\s/g, "")
    .replace(/[·*×]10(?:\^|(?=[⁻⁰¹²³⁴-⁹]))(.+)$/, (_, power) => `e${power.normalize("NFKC")}`)
    .replace(/[−–]/g, "-")
    .replace(",", ".");
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain)) {
    return null;
  }
  const [mantissa, exponent] = plain.toLowerCase().split("e");
  const decimals = (mantissa.split(".")[1] ?? "").length;
  const value = Number(plain);
  return Number.isFinite(value) ? { value, place: Number(exponent ?? 0) - decimals } : null;
}

/**
 * @param {Typed} typed
 * @param {number} x
 * @returns {boolean} whether a number, rounded to the place of the last digit typed, is that
 */
function agrees(typed, x) {
  const exact = decimal(x);
  if (exact.special) {
    return false;
  }
  const r = cut(exact, exact.power + 1 - typed.place);
  const text = `${r.negative ? "-" : ""}${r.digits[0]}.${r.digits.slice(1)}e${r.power}`;
  return Number(text) === typed.value;
}

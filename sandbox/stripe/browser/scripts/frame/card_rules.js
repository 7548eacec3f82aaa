/**
 * Card numbers, expiry dates and security codes: how they are written and what is wrong with them.
 *
 * @typedef {object} Brand
 * @property {string} name As the API calls it.
 * @property {RegExp} starts
 * @property {number[]} lengths
 * @property {number} codeLength
 */

/** @type {Brand[]} */
const BRANDS = [
  { name: "visa", starts: /^4/, lengths: [16, 13, 19], codeLength: 3 },
  { name: "mastercard", starts: /^(5[1-5]|2(2[2-9]|[3-6]|7[01]|720))/, lengths: [16], codeLength: 3 },
  { name: "amex", starts: /^3[47]/, lengths: [15], codeLength: 4 },
  { name: "discover", starts: /^(6011|64[4-9]|65)/, lengths: [16], codeLength: 3 },
  { name: "diners", starts: /^(30[0-5]|309|36|38|39)/, lengths: [14, 16], codeLength: 3 },
  { name: "jcb", starts: /^35(2[89]|[3-8])/, lengths: [16], codeLength: 3 },
  { name: "unionpay", starts: /^(62|81)/, lengths: [16, 17, 18, 19], codeLength: 3 },
];
/** @type {Brand} */
const UNKNOWN = { name: "unknown", starts: /^/, lengths: [16], codeLength: 3 };

/**
 * @param {string} digits
 * @returns {Brand}
 */
export function brandOf(digits) {
  return BRANDS.find((brand) => brand.starts.test(digits)) ?? UNKNOWN;
}

/** @param {string} text */
export function digitsOf(text) {
  return text.replace(/\D/g, "");
}

/**
 * Write a card number in the groups printed on the card.
 * @param {string} text
 * @returns {string}
 */
export function formatNumber(text) {
  const brand = brandOf(digitsOf(text));
  const digits = digitsOf(text).slice(0, Math.max(...brand.lengths));
  const groups =
    brand.name === "amex" ? [4, 6, 5] : brand.name === "diners" && digits.length <= 14 ? [4, 6, 4] : [4, 4, 4, 4, 3];
  const parts = [];
  let start = 0;
  for (const size of groups) {
    if (start < digits.length) parts.push(digits.slice(start, start + size));
    start += size;
  }
  return parts.join(" ");
}

/**
 * @param {string} text
 * @returns {string | null}
 */
export function numberProblem(text) {
  const digits = digitsOf(text);
  const { lengths } = brandOf(digits);
  if (digits.length < Math.min(...lengths)) return "incomplete_number";
  if (!lengths.includes(digits.length)) return digits.length > 16 ? "incomplete_number" : "invalid_number";
  return hasCheckDigit(digits) ? null : "invalid_number";
}

/**
 * Whether nothing more will be typed: a shorter number may pass the check by chance while a longer one is being typed.
 * @param {string} text
 * @returns {boolean}
 */
export function isWholeNumber(text) {
  const digits = digitsOf(text);
  const { name, lengths } = brandOf(digits);
  return numberProblem(text) === null && digits.length >= (name === "visa" ? 16 : Math.max(...lengths));
}

/** @param {string} digits */
function hasCheckDigit(digits) {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/**
 * Write an expiry date as `MM / YY`. A first digit above 1 is a month of its own.
 * @param {string} text
 * @returns {string}
 */
export function formatExpiry(text) {
  let digits = digitsOf(text);
  if (/^[2-9]/.test(digits) || /^\d\s*\//.test(text)) digits = `0${digits}`;
  if (digits.length === 6 && digits.slice(2, 4) === "20") digits = digits.slice(0, 2) + digits.slice(4);
  digits = digits.slice(0, 4);
  return digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2)}` : digits;
}

/**
 * @param {string} text
 * @returns {{month: number, year: number}} The year has four digits.
 */
export function readExpiry(text) {
  const digits = digitsOf(text);
  return { month: Number(digits.slice(0, 2)), year: 2000 + Number(digits.slice(2, 4)) };
}

/**
 * @param {string} text
 * @param {Date} today
 * @returns {string | null}
 */
export function expiryProblem(text, today) {
  const digits = digitsOf(text);
  if (digits.length < 4) return Number(digits.slice(0, 2)) > 12 ? "invalid_expiry_month" : "incomplete_expiry";
  const { month, year } = readExpiry(text);
  if (month < 1 || month > 12) return "invalid_expiry_month";
  if (year < today.getFullYear()) return "invalid_expiry_year_past";
  if (year > today.getFullYear() + 50) return "invalid_expiry_year";
  return year === today.getFullYear() && month < today.getMonth() + 1 ? "invalid_expiry_month_past" : null;
}

/**
 * @param {string} code
 * @param {string} number The card number typed so far.
 * @returns {string | null}
 */
export function codeProblem(code, number) {
  return code.length === brandOf(digitsOf(number)).codeLength ? null : "incomplete_cvc";
}

/** IBANs: how they are written and what is wrong with them. */

/** Lengths by country, from the SWIFT registry; a country that is not here cannot pay by SEPA Direct Debit. */
const LENGTHS =
  "AD24 AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FR27 GB22 GI23 GR27 HR21 HU28 IE22 IS26 IT27 LI21 LT20 " +
  "LU20 LV21 MC27 MT31 NL18 NO15 PL28 PT25 RO24 SE24 SI19 SK24 SM27 VA22";

/** @param {string} text */
export function plainIban(text) {
  return text.replace(/[^a-z0-9]/gi, "").toUpperCase();
}

/**
 * Write an IBAN in groups of four.
 * @param {string} text
 * @returns {string}
 */
export function formatIban(text) {
  return (
    plainIban(text)
      .slice(0, 34)
      .match(/.{1,4}/g) ?? []
  ).join(" ");
}

/**
 * @param {string} text
 * @returns {string | null}
 */
export function ibanProblem(text) {
  const iban = plainIban(text);
  if (iban.length < 2) return "incomplete_iban";
  const known = new RegExp(`\\b${iban.slice(0, 2)}(\\d\\d)\\b`).exec(LENGTHS);
  if (!known) return "invalid_iban_country_code";
  if (iban.length < Number(known[1])) return "incomplete_iban";
  return iban.length === Number(known[1]) && hasCheckDigits(iban) ? null : "invalid_iban";
}

/**
 * ISO 13616: moved to the end, with letters as numbers, the whole leaves 1 when divided by 97.
 * @param {string} iban
 */
function hasCheckDigits(iban) {
  let remainder = 0;
  for (const sign of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

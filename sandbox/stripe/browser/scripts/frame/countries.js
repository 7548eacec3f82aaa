/** The countries of a billing address, and what each calls its postal code. */
import { say } from "./words.js";

const CODES =
  "AC AD AE AF AG AI AL AM AO AQ AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CD CF " +
  "CG CH CI CK CL CM CN CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FO FR GA GB GD GE GF GG GH GI GL " +
  "GM GN GP GQ GR GS GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IS IT JE JM JO JP KE KG KH KI KM KN KR KW KY KZ LA LB " +
  "LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA NC NE NG NI NL NO NP NR NU " +
  "NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PY QA RE RO RS RU RW SA SB SC SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SZ " +
  "TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VN VU WF WS XK YE YT ZA ZM ZW";

/** The Payment Element asks for a postal code with a card in these three only. */
const WITH_POSTAL_CODE = ["US", "CA", "GB"];

/** Banks outside the EEA need the payer's address for a SEPA debit. */
const SEPA_ADDRESS = [
  "AD",
  "CH",
  "GB",
  "GG",
  "GI",
  "IM",
  "JE",
  "MC",
  "PM",
  "SM",
  "VA",
  "BL",
  "GF",
  "GP",
  "MF",
  "MQ",
  "NC",
  "PF",
  "RE",
  "TF",
  "WF",
  "YT",
];

/**
 * Return all countries, sorted by name in the given language.
 * @param {string} locale
 * @returns {Array<{code: string, name: string}>}
 */
export function countries(locale) {
  const names = new Intl.DisplayNames([locale], { type: "region" });
  return CODES.split(" ")
    .map((code) => ({ code, name: names.of(code) ?? code }))
    .sort((a, b) => a.name.localeCompare(b.name, locale));
}

/**
 * Return the country to begin with: the browser's region, or the United States.
 * @param {string} language A language tag such as `de-AT`.
 * @returns {string}
 */
export function likelyCountry(language) {
  const region = new Intl.Locale(language).maximize().region ?? "US";
  return CODES.includes(region) ? region : "US";
}

/** @param {string} country */
export function needsPostalCode(country) {
  return WITH_POSTAL_CODE.includes(country);
}

/** @param {string} country The first two letters of an IBAN. */
export function needsSepaAddress(country) {
  return SEPA_ADDRESS.includes(country);
}

/** @param {string} country */
export function postalCodeLabel(country) {
  return say(country === "US" ? "zip" : "postalCode");
}

/** @param {string} country */
export function postalCodePlaceholder(country) {
  return { US: "12345", CA: "M5T 1T4", GB: "WS11 1DB" }[country] ?? "";
}

/**
 * Return the code of what is wrong with a postal code, or null.
 * @param {string} value
 * @param {string} country
 * @returns {string | null}
 */
export function postalCodeProblem(value, country) {
  const text = value.trim().toUpperCase();
  if (text === "") return "incomplete_zip";
  if (country === "US") return /^\d{5}(-?\d{4})?$/.test(text) ? null : "incomplete_zip";
  if (country === "CA") return /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/.test(text) ? null : "incomplete_zip";
  if (country === "GB") return /^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$/.test(text) ? null : "incomplete_zip";
  return null;
}

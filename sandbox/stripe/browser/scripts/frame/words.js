/**
 * What the frames say, in English (in Stripe's words) and German. Other languages read English.
 *
 * @typedef {keyof typeof ENGLISH} Word
 */

const ENGLISH = {
  card: "Card",
  sepa_debit: "SEPA Direct Debit",
  saved: "Saved",
  cardNumber: "Card number",
  expiry: "Expiration date",
  expiryPlaceholder: "MM / YY",
  cvc: "Security code",
  cvcPlaceholder: "CVC",
  country: "Country",
  zip: "ZIP code",
  postalCode: "Postal code",
  fullName: "Full name",
  fullNamePlaceholder: "First and last name",
  email: "Email",
  phone: "Phone number",
  line1: "Address",
  city: "City",
  iban: "IBAN",
  save: "Save payment details for future purchases",
  remove: "Remove",
  removeQuestion: "Remove {name}?",
  keep: "Keep",
  expires: "Expires {date}",
  methods: "Payment methods",
  savedMethods: "Saved payment methods",
  supported: "Supported cards: Visa, Mastercard, American Express, Discover",
  loading: "Loading payment details",
  cardTerms:
    "By providing your card information, you allow {business} to charge your card for future payments in accordance " +
    "with their terms.",
  sepaTerms:
    "By providing your payment information and confirming this payment, you authorise (A) {business} and Stripe, our " +
    "payment service provider, to send instructions to your bank to debit your account and (B) your bank to debit your " +
    "account in accordance with those instructions. As part of your rights, you are entitled to a refund from your bank " +
    "under the terms and conditions of your agreement with your bank. A refund must be claimed within 8 weeks starting " +
    "from the date on which your account was debited. Your rights are explained in a statement that you can obtain from " +
    "your bank. You agree to receive notifications for future debits up to 2 days before they occur.",
  incomplete_number: "Your card number is incomplete.",
  invalid_number: "Your card number is invalid.",
  incomplete_expiry: "Your card's expiration date is incomplete.",
  invalid_expiry_month: "Your card's expiration date is invalid.",
  invalid_expiry_year: "Your card's expiration year is invalid.",
  invalid_expiry_month_past: "Your card's expiration date is in the past.",
  invalid_expiry_year_past: "Your card's expiration year is in the past.",
  incomplete_cvc: "Your card's security code is incomplete.",
  incomplete_zip: "Your postal code is incomplete.",
  incomplete_iban: "Your IBAN is incomplete.",
  invalid_iban: "Your IBAN is invalid.",
  invalid_iban_country_code: "Your IBAN is invalid: its country is not supported.",
  incomplete_name: "Please provide your full name.",
  incomplete_email: "Your email is incomplete.",
  incomplete_address: "Your address is incomplete.",
  incomplete_payment_details: "Please provide complete payment details.",
};

/** @type {typeof ENGLISH} */
const GERMAN = {
  card: "Karte",
  sepa_debit: "SEPA-Lastschrift",
  saved: "Gespeichert",
  cardNumber: "Kartennummer",
  expiry: "Ablaufdatum",
  expiryPlaceholder: "MM / JJ",
  cvc: "Sicherheitscode",
  cvcPlaceholder: "CVC",
  country: "Land",
  zip: "Postleitzahl",
  postalCode: "Postleitzahl",
  fullName: "Vollständiger Name",
  fullNamePlaceholder: "Vor- und Nachname",
  email: "E-Mail",
  phone: "Telefonnummer",
  line1: "Adresse",
  city: "Ort",
  iban: "IBAN",
  save: "Zahlungsdaten für künftige Einkäufe speichern",
  remove: "Entfernen",
  removeQuestion: "{name} entfernen?",
  keep: "Behalten",
  expires: "Gültig bis {date}",
  methods: "Zahlungsmethoden",
  savedMethods: "Gespeicherte Zahlungsmethoden",
  supported: "Unterstützte Karten: Visa, Mastercard, American Express, Discover",
  loading: "Zahlungsangaben werden geladen",
  cardTerms:
    "Mit der Angabe Ihrer Kartendaten gestatten Sie {business}, Ihre Karte für künftige Zahlungen gemäß den " +
    "Geschäftsbedingungen zu belasten.",
  sepaTerms:
    "Durch Angabe Ihrer Zahlungsinformationen und der Bestätigung der vorliegenden Zahlung ermächtigen Sie (A) {business} " +
    "und Stripe, unseren Zahlungsdienstleister, Ihrem Kreditinstitut Anweisungen zur Belastung Ihres Kontos zu erteilen, " +
    "und (B) Ihr Kreditinstitut, Ihr Konto gemäß diesen Anweisungen zu belasten. Im Rahmen Ihrer Rechte haben Sie " +
    "Anspruch auf eine Rückerstattung durch Ihr Kreditinstitut gemäß den Bedingungen Ihres Vertrags mit Ihrem " +
    "Kreditinstitut. Eine Rückerstattung muss innerhalb von 8 Wochen ab dem Tag der Belastung Ihres Kontos geltend " +
    "gemacht werden. Ihre Rechte sind in einer Erklärung dargelegt, die Sie bei Ihrem Kreditinstitut erhalten. Sie " +
    "stimmen zu, Benachrichtigungen über künftige Belastungen bis zu 2 Tage vorher zu erhalten.",
  incomplete_number: "Die Kartennummer ist unvollständig.",
  invalid_number: "Die Kartennummer ist ungültig.",
  incomplete_expiry: "Das Ablaufdatum Ihrer Karte ist unvollständig.",
  invalid_expiry_month: "Das Ablaufdatum Ihrer Karte ist ungültig.",
  invalid_expiry_year: "Das Ablaufjahr Ihrer Karte ist ungültig.",
  invalid_expiry_month_past: "Das Ablaufdatum Ihrer Karte liegt in der Vergangenheit.",
  invalid_expiry_year_past: "Das Ablaufjahr Ihrer Karte liegt in der Vergangenheit.",
  incomplete_cvc: "Der Sicherheitscode Ihrer Karte ist unvollständig.",
  incomplete_zip: "Die Postleitzahl ist unvollständig.",
  incomplete_iban: "Die IBAN ist unvollständig.",
  invalid_iban: "Die IBAN ist ungültig.",
  invalid_iban_country_code: "Die IBAN ist ungültig: Ihr Land wird nicht unterstützt.",
  incomplete_name: "Bitte geben Sie Ihren vollständigen Namen an.",
  incomplete_email: "Die E-Mail-Adresse ist unvollständig.",
  incomplete_address: "Die Adresse ist unvollständig.",
  incomplete_payment_details: "Bitte geben Sie vollständige Zahlungsangaben ein.",
};

let words = ENGLISH;
let language = "en";

/**
 * Choose the language; `auto` takes the browser's.
 * @param {string} [locale]
 */
export function speak(locale = "auto") {
  const wanted = locale === "auto" ? navigator.language : locale;
  words = wanted.toLowerCase().startsWith("de") ? GERMAN : ENGLISH;
  language = words === GERMAN ? "de" : "en";
  document.documentElement.lang = language;
}

/** @returns {string} The language spoken now: `en` or `de`. */
export function spoken() {
  return language;
}

/**
 * Return a text with its `{names}` filled in.
 * @param {Word} word
 * @param {Record<string, string>} [values]
 * @returns {string}
 */
export function say(word, values = {}) {
  return words[word].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/**
 * Return the text for the code of a problem.
 * @param {string} code
 * @returns {string}
 */
export function sayProblem(code) {
  return say(/** @type {Word} */ (code));
}

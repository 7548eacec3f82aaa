/** A mistake in the merchant's own code, thrown so that a developer sees it; never something to show to a customer. */
export class IntegrationError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

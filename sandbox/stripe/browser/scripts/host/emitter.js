/** Keeps the handlers of named events, as `element.on`, `once` and `off` want them. */
export class Emitter {
  constructor() {
    /** @type {Map<string, Array<{handler: Function, once: boolean}>>} */
    this.handlers = new Map();
  }

  /**
   * @param {string} event
   * @param {Function} handler
   * @param {boolean} [once]
   */
  add(event, handler, once = false) {
    this.handlers.set(event, [...(this.handlers.get(event) ?? []), { handler, once }]);
  }

  /**
   * Forget one handler of an event, or all of them.
   * @param {string} event
   * @param {Function} [handler]
   */
  remove(event, handler) {
    const kept = (this.handlers.get(event) ?? []).filter((entry) => handler !== undefined && entry.handler !== handler);
    this.handlers.set(event, kept);
  }

  /**
   * @param {string} event
   * @param {any} [value]
   */
  emit(event, value) {
    const entries = this.handlers.get(event) ?? [];
    this.handlers.set(
      event,
      entries.filter((entry) => !entry.once),
    );
    for (const entry of entries) entry.handler(value);
  }
}

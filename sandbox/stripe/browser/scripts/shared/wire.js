/**
 * One end of a conversation between two windows of different origins.
 *
 * A message counts only if it comes from the other window, from the expected origin, and names this conversation's channel;
 * it is sent to that origin only. Calls made before the other end has said hello wait for it.
 *
 * @typedef {(...args: any[]) => any} Handler
 * @typedef {{channel: string, kind: "hello"|"call"|"answer"|"failure"|"event", id?: number, name?: string, value?: any}} Message
 */

const GONE =
  "We could not retrieve data from the specified Element. Please make sure the Element you are attempting to use is " +
  "still mounted.";

export class Wire {
  /**
   * @param {() => Window | null} other The other window, asked for at each message.
   * @param {string} origin The other window's origin.
   * @param {string} channel A name that both ends know.
   * @param {Record<string, Handler>} handlers What the other end may call, and `on…` for its events.
   */
  constructor(other, origin, channel, handlers) {
    this.other = other;
    this.origin = origin;
    this.channel = channel;
    this.handlers = handlers;
    this.isOpen = false;
    /** @type {Message[]} */
    this.waiting = [];
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.calls = new Map();
    this.lastId = 0;
    this.listener = (/** @type {MessageEvent} */ event) => this.receive(event);
    window.addEventListener("message", this.listener);
  }

  /** Tell the other end that this one listens. */
  hello() {
    this.isOpen = true;
    this.post({ channel: this.channel, kind: "hello" });
  }

  /**
   * Call a handler of the other end; rejects if it throws or if the wire is cut.
   * @param {string} name
   * @param {any} [value]
   * @returns {Promise<any>}
   */
  call(name, value) {
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject });
      this.send({ channel: this.channel, kind: "call", id, name, value });
    });
  }

  /**
   * Tell the other end of something that happened.
   * @param {string} name
   * @param {any} [value]
   */
  emit(name, value) {
    this.send({ channel: this.channel, kind: "event", name, value });
  }

  /** End the conversation; calls still out are rejected. */
  cut() {
    window.removeEventListener("message", this.listener);
    this.isOpen = false;
    for (const call of this.calls.values()) call.reject(new Error(GONE));
    this.calls.clear();
  }

  /** @param {Message} message */
  send(message) {
    if (this.isOpen) this.post(message);
    else this.waiting.push(message);
  }

  /** @param {Message} message */
  post(message) {
    this.other()?.postMessage(message, this.origin);
  }

  /** @param {MessageEvent} event */
  receive(event) {
    const message = /** @type {Message} */ (event.data);
    if (event.origin !== this.origin || event.source !== this.other()) return;
    if (typeof message !== "object" || message === null || message.channel !== this.channel) return;
    if (message.kind === "hello") this.opened();
    else if (message.kind === "event") this.handlers[`on${message.name}`]?.(message.value);
    else if (message.kind === "call") void this.answer(message);
    else this.settle(message);
  }

  opened() {
    this.isOpen = true;
    for (const message of this.waiting.splice(0)) this.post(message);
  }

  /** @param {Message} message */
  async answer(message) {
    const { channel, id, name } = message;
    try {
      const handler = this.handlers[String(name)];
      if (!handler) throw new Error(`Nothing answers to ${name}.`);
      const value = await handler(message.value);
      this.post({ channel, kind: "answer", id, value });
    } catch (error) {
      this.post({ channel, kind: "failure", id, value: error instanceof Error ? error.message : String(error) });
    }
  }

  /** @param {Message} message */
  settle(message) {
    const call = this.calls.get(Number(message.id));
    if (!call) return;
    this.calls.delete(Number(message.id));
    if (message.kind === "answer") call.resolve(message.value);
    else call.reject(new Error(String(message.value)));
  }
}

/**
 * Return what the page that opened this frame wrote behind the `#` of its address.
 * @returns {{channel: string, origin: string, [name: string]: string}}
 */
export function frameParameters() {
  const parameters = Object.fromEntries(new URLSearchParams(window.location.hash.slice(1)));
  return { channel: "", origin: "", ...parameters };
}

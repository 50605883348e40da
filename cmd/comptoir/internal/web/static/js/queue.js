// The queue of one page: taps become commands, sent one at a time in the order of the taps, each under an id of its
// own, and again under the same id until the server has answered. Beyond the page only what was answered is kept: see remember.js.

import { keep } from "./remember.js";

const first = 250, longest = 4000; // ms before trying again
const late = 2500; // ms after which an answer that has not come is told: the till is saving, on a slow disk

// newId is 128 random bits. getRandomValues works on plain http too, unlike randomUUID.
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

export class Queue {
  // prepare(command) fills in what is known only when its turn comes; it answers "send", "drop", or "again" when it
  // has put another command first;
  // answered(command, html) and refused(command, html, status) get what the server rendered;
  // changed(pending, offline) is told whenever either changes; troubled(html) what the server said of a trouble of its own.
  constructor({ url, prepare, answered, refused, changed, troubled = () => {} }) {
    Object.assign(this, { url, prepare, answered, refused, changed, troubled });
    this.waiting = [];
    this.running = false;
    this.offline = false;
    this.slow = false; // the answer to what was sent takes long
  }

  get pending() { return this.waiting.length; }

  // sending is the kind of what is being sent.
  get sending() { return this.waiting[0]?.kind; }

  add(kind, args = {}, more = {}) {
    this.waiting.push({ id: newId(), kind, args, ...more });
    this.changed(this.pending, this.offline);
    this.run();
  }

  // first puts a command before all that wait: what they need.
  first(kind, args = {}) { this.waiting.unshift({ id: newId(), kind, args }); }

  // next puts a command right behind the one whose turn it is.
  next({ kind, args }, more = {}) { this.waiting.splice(1, 0, { id: newId(), kind, args, ...more }); }

  // clear forgets what has not been sent, when what it depends on was refused, and tells what that was.
  clear() { return this.waiting.splice(0); }

  async run() {
    if (this.running) return;
    this.running = true;
    while (this.waiting.length) {
      const command = this.waiting[0];
      const turn = this.prepare(command);
      if (turn === "drop") this.waiting.shift();
      if (turn !== "send") continue;
      const { status, html } = await this.send(command);
      if (status !== 401) this.waiting.shift(); // without a session it was not even looked at
      if (status < 400) this.answered(command, html);
      else await this.refused(command, html, status);
      await this.kept; // the page may be left from here on
      if (status === 401) return;
      this.changed(this.pending, this.offline);
    }
    this.running = false;
    this.changed(this.pending, this.offline);
  }

  // send returns only when the server has said yes or no; its silence and its troubles are no answer.
  async send(command) {
    const body = JSON.stringify({ kind: command.kind, ticket: command.ticket ?? "", args: command.args });
    for (let pause = first; ; pause = Math.min(pause * 2, longest)) {
      const waiting = setTimeout(() => { this.slow = true; this.changed(this.pending, this.offline); }, late);
      try {
        const answer = await fetch(this.url, {
          method: "POST", body, credentials: "same-origin",
          headers: { "Content-Type": "application/json", "Idempotency-Key": command.id, "X-Fragment": "cart", Accept: "text/html" },
        });
        const html = await answer.text();
        if (answer.status < 400) this.kept = keep(command.id, answer);
        if (answer.status < 500) {
          this.offline = false;
          return { status: answer.status, html };
        }
        this.troubled(html);
      } catch {
        this.troubled(""); // no network, or the service is restarting: the same as a 5xx
      } finally {
        clearTimeout(waiting);
        this.slow = false;
      }
      this.offline = true;
      this.changed(this.pending, this.offline);
      await wait(pause);
    }
  }
}

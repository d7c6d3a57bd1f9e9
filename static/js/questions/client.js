/**
 * The client's half of the live questions protocol (docs/protocol.md): one connection per page, one Channel per
 * stream followed. Knows nothing of the page; panel.js and queue.js draw what it says.
 *
 * A Channel is an EventTarget. It fires: "change" (the questions, the channel or one's own ones differ),
 * "line" ({ up }), "refused" ({ kind, error }), "outcome" ({ state, reason }), "given-up", "present" ({ n }).
 */

import { io } from "../../vendor/socket.io-client/socket.io.esm.min.js";
import { token } from "../base.js";

const GAP_MS = 250; /* how long a missing number may still arrive by itself */
const ACK_MS = 8000;
const OUTBOX_MS = 10 * 60 * 1000; /* older than this nobody expects an answer any more */
const OPENING_MS = 6000; /* a websocket that has not opened by then is held up on the way: some networks just swallow it */

const connections = new Map();

/** The page's one connection for an event. */
export function connection(event) {
  if (!connections.has(event)) {
    const socket = io("/qa", {
      query: { event },
      auth: (give) => give({ v: 1, csrf: token() }),
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      autoConnect: false,
      timeout: OPENING_MS,
      reconnectionDelay: 500,
      reconnectionDelayMax: 8000,
      randomizationFactor: 0.6,
    });
    socket.on("bye", ({ retry_after_ms: after = 1000 }) => comeBack(socket, after));
    socket.on("disconnect", (reason) => {
      /* The library comes back by itself, except when the server ended it. */
      if (reason === "io server disconnect") comeBack(socket, 500);
    });
    socket.on("connect_error", (error) => {
      /* refused ones are tried by long polling at once (tryAllTransports); swallowed ones only time out */
      if (error.message === "timeout") socket.io.opts.transports = ["polling"];
    });
    connections.set(event, socket);
  }
  return connections.get(event);
}

/** Spread over the time given, so that five hundred don't knock at once. */
function comeBack(socket, after) {
  setTimeout(() => socket.connected || socket.connect(), after * (0.3 + Math.random()));
}

/** A name for a command that nobody else gives; getRandomValues works on plain http too. */
export function cid() {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

export class Channel extends EventTarget {
  /** `view` is "pub" or "mod"; `state` and `me` are addresses (me only for attendees). */
  constructor({ event, ch, view = "pub", state, me = null }) {
    super();
    this.event = event;
    this.ch = ch;
    this.view = view;
    this.address = state;
    this.me = me;
    this.questions = new Map();
    this.own = new Map(); /* by cid, those waiting to be sent included */
    this.votes = new Set();
    this.mailed = new Set(); /* one's own questions whose answer goes to an address */
    this.channel = null;
    this.epoch = null;
    this.seq = -1;
    this.ready = false;
    this.held = new Map();
    this.wishes = new Map(); /* question id -> vote wished for and not yet confirmed */
    this.shelf = `qa:outbox:${event}:${ch}`;
    this.socket = connection(event);
    this.socket.on("connect", () => this.sync());
    this.socket.on("disconnect", () => this.tell("line", { up: false }));
    this.socket.on("connect_error", () => this.tell("line", { up: false }));
    this.socket.on("ev", (event_) => this.onEvent(event_));
    this.socket.on("you", (news) => this.onYou(news));
    this.socket.on("tally", (tally) => this.onTally(tally));
    this.socket.on("presence", ({ ch, n }) => ch === this.ch && this.tell("present", { n }));
    this.socket.on("resync", ({ ch, after_ms: after = 1000 }) => {
      if (ch === this.ch) setTimeout(() => this.sync(), Math.random() * after);
    });
  }

  /** Read what is one's own (which also makes the visitor's cookie), then connect. */
  async start() {
    if (this.me) await this.readMine();
    if (this.socket.connected) this.sync();
    else this.socket.connect();
  }

  tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /* -- reading ------------------------------------------------------------------------------------------- */

  async readMine() {
    try {
      const answer = await fetch(this.me, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const { mine, votes } = await answer.json();
      for (const question of mine) {
        this.takeOwn(question, question.cid, question.reason);
        if (question.by_mail) this.mailed.add(question.id);
      }
      this.votes = new Set(votes);
      for (const [id, on] of this.wishes) this.votes[on ? "add" : "delete"](id); /* wished for, not yet known there */
    } catch {
      /* offline: the connection's own retries bring us back here */
    }
    for (const waiting of this.outbox()) this.showWaiting(waiting);
    this.tell("change");
  }

  /** Join first, then look: nothing can fall between the two. */
  async sync() {
    clearTimeout(this.gap);
    const cursor = this.ready ? { epoch: this.epoch, seq: this.seq } : undefined;
    const answer = await this.send("sync", { ch: this.ch, v: this.view, cursor });
    if (!answer || ["busy", "internal"].includes(answer.error?.code)) {
      /* a line that is open and silent, or a server in trouble: the line may hold, so nothing else would ask again */
      this.syncAgain();
      return;
    }
    if (!answer.ok) {
      this.tell("refused", { kind: "sync", error: answer.error });
      return;
    }
    if (answer.mode === "delta") {
      for (const event of answer.events) this.apply(event);
      this.drain();
    } else if (!(await this.load(answer.url))) {
      this.syncAgain();
      return;
    }
    this.tell("line", { up: true });
    this.tell("change");
    if (this.me) {
      this.readMine();
      this.flush();
      this.flushVotes();
    }
  }

  syncAgain() {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.socket.connected && this.sync(), 1000 + Math.random() * 2000);
  }

  async load(url) {
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-cache" });
      if (!answer.ok) return false;
      const state = await answer.json();
      this.questions = new Map(state.questions.map((question) => [question.id, question]));
      this.channel = state.channel;
      this.epoch = state.epoch;
      this.seq = state.seq;
      this.ready = true;
      this.drain();
      return true;
    } catch {
      return false;
    }
  }

  onEvent(event) {
    if (event.ch !== this.ch || event.v !== this.view) return;
    if (this.ready && event.seq <= this.seq) return;
    this.held.set(event.seq, event);
    this.drain();
    this.tell("change");
  }

  /** Apply what follows without a gap; a gap that does not close is asked for. */
  drain() {
    if (!this.ready) return;
    for (const seq of this.held.keys()) if (seq <= this.seq) this.held.delete(seq);
    while (this.held.has(this.seq + 1)) {
      const event = this.held.get(this.seq + 1);
      this.held.delete(event.seq);
      this.apply(event);
    }
    clearTimeout(this.gap);
    if (this.held.size) this.gap = setTimeout(() => this.socket.connected && this.sync(), GAP_MS);
  }

  apply({ seq, t: kind, d: data }) {
    if (seq !== this.seq + 1) return;
    this.seq = seq;
    if (kind === "q.put") {
      const known = this.questions.get(data.q.id);
      if (known && known.rev >= data.q.rev) return;
      /* a score travels apart from the rest; the newer one stays */
      const score = known && known.vrev > data.q.vrev ? { up: known.up, vrev: known.vrev } : {};
      this.questions.set(data.q.id, { ...data.q, ...score });
    } else if (kind === "q.del") {
      this.questions.delete(data.id);
    } else if (kind === "r.put") {
      const known = this.questions.get(data.q);
      if (!known || known.rev >= data.rev) return;
      known.replies = [...known.replies.filter((reply) => reply.id !== data.r.id), data.r];
      known.rev = data.rev;
    } else if (kind === "r.del") {
      const known = this.questions.get(data.q);
      if (!known || known.rev >= data.rev) return;
      known.replies = known.replies.filter((reply) => reply.id !== data.id);
      known.rev = data.rev;
    } else if (kind === "ch.put") {
      if (!this.channel || this.channel.rev < data.channel.rev) this.channel = data.channel;
    }
  }

  onTally({ ch, t: scores }) {
    if (ch !== this.ch) return;
    for (const [id, up, vrev] of scores) {
      const question = this.questions.get(id);
      if (question && question.vrev < vrev) Object.assign(question, { up, vrev });
    }
    this.tell("change");
  }

  onYou({ ch, q: question, cid: name, reason }) {
    if (ch !== this.ch) return;
    const before = this.own.get(name)?.state;
    this.takeOwn(question, name, reason);
    if (before !== question.state) this.tell("outcome", { state: question.state, reason });
    this.tell("change");
  }

  takeOwn(question, name, reason) {
    const known = this.own.get(name);
    if (known?.rev >= question.rev) return;
    this.own.set(name, { ...question, cid: name, reason: reason ?? null });
  }

  /* -- sending ------------------------------------------------------------------------------------------- */

  /** Send and wait for the acknowledgement; null when none came. */
  async send(kind, data) {
    try {
      return await this.socket.timeout(ACK_MS).emitWithAck(kind, data);
    } catch {
      return null;
    }
  }

  /** A moderator's command; gives the acknowledgement or null. */
  moderate(question, op, args = {}) {
    return this.send("mod", { cid: cid(), id: question.id, rev: question.rev, op, args });
  }

  /** Put a question into the outbox and send it as soon as the line is there. */
  ask(body, name = "", to = null) {
    const waiting = { cid: cid(), body, name, to, at: Date.now() };
    this.keepOutbox([...this.outbox(), waiting]);
    this.showWaiting(waiting);
    this.tell("change");
    this.flush();
  }

  showWaiting({ cid: name, body, at, failed }) {
    const state = failed ? "unsent" : "sending";
    if (this.own.has(name) && this.own.get(name).state === state) return;
    if (this.own.get(name)?.id) return;
    const asked = new Date(at).toISOString();
    this.own.set(name, { id: null, cid: name, body, state, rev: 0, asked_at: asked, replies: [] });
  }

  /** Change the words of one's own question, or take it back; gives the acknowledgement or null. */
  async changeOwn(question, kind, more = {}) {
    const answer = await this.send(kind, { cid: cid(), id: question.id, rev: question.rev, ...more });
    const now = answer?.ok ? answer.q : answer?.error?.current;
    if (now) this.takeOwn(now, question.cid, question.reason);
    this.tell("change");
    return answer;
  }

  /** Tell the moderators about another's question. */
  report(id, reason) {
    return this.send("report", { cid: cid(), id, reason });
  }

  outbox() {
    try {
      return JSON.parse(localStorage.getItem(this.shelf) ?? "[]");
    } catch {
      return this.memory ?? [];
    }
  }

  keepOutbox(list) {
    this.memory = list;
    try {
      localStorage.setItem(this.shelf, JSON.stringify(list));
    } catch {
      /* storage is full or forbidden: the memory of this page has to do */
    }
  }

  /** One acknowledged message at a time, in order; a resend carries the same cid. */
  async flush() {
    if (this.flushing || !this.socket.connected || !this.ready) return;
    this.flushing = true;
    try {
      const next = () => this.outbox().find((waiting) => !waiting.failed);
      for (let first = next(); first; first = next()) {
        if (Date.now() - first.at > OUTBOX_MS) {
          this.giveUp(first);
          this.tell("given-up");
          continue;
        }
        const { cid: name, body, name: called, to } = first;
        const lang = document.documentElement.lang;
        const answer = await this.send("ask", { cid: name, ch: this.ch, body, name: called, to: to || null, lang });
        if (!answer) return this.later(1000);
        if (answer.ok) {
          this.keepOutbox(this.outbox().filter((waiting) => waiting.cid !== first.cid));
          this.takeOwn(answer.q, first.cid, null);
          if (!answer.dup) this.tell("outcome", { state: answer.q.state });
          this.tell("change");
          continue;
        }
        const { code, retry_after_ms: after = 2000 } = answer.error;
        if (["rate_limited", "busy", "internal"].includes(code)) {
          if (code === "rate_limited") this.tell("refused", { kind: "wait", error: answer.error });
          return this.later(after);
        }
        if (code === "unauthenticated" && !this.reopened) {
          /* the cookie came after the connection: once more with it */
          this.reopened = true;
          await this.readMine();
          this.socket.disconnect().connect();
          return;
        }
        this.giveUp(first);
        this.tell("refused", { kind: "ask", error: answer.error });
      }
    } finally {
      this.flushing = false;
    }
  }

  later(after) {
    setTimeout(() => this.flush(), after + 50);
  }

  /** What can't be sent stays in the outbox with its text, until it is written anew or thrown away. */
  giveUp(waiting) {
    const failed = { ...waiting, failed: true };
    this.keepOutbox(this.outbox().map((one) => (one.cid === waiting.cid ? failed : one)));
    this.showWaiting(failed);
    this.tell("change");
  }

  drop({ cid: name }) {
    this.keepOutbox(this.outbox().filter((waiting) => waiting.cid !== name));
    if (!this.own.get(name)?.id) this.own.delete(name);
    this.tell("change");
  }

  /** Wish for a vote; wishes are absolute, so only the last one of a question is sent. */
  vote(id, on) {
    const question = this.questions.get(id);
    if (!question || this.votes.has(id) === on) return;
    question.up += on ? 1 : -1; /* shown at once; the acknowledgement and the tally put it right */
    if (on) this.votes.add(id);
    else this.votes.delete(id);
    this.wishes.set(id, on);
    this.tell("change");
    this.flushVotes();
  }

  async flushVotes() {
    if (this.voting || !this.socket.connected) return;
    this.voting = true;
    try {
      for (const [id, on] of this.wishes) {
        const answer = await this.send("vote", { id, on });
        if (!answer) return;
        if (!answer.ok && ["rate_limited", "busy", "internal"].includes(answer.error.code)) {
          setTimeout(() => this.flushVotes(), (answer.error.retry_after_ms ?? 1000) + 50);
          return;
        }
        if (this.wishes.get(id) === on) this.wishes.delete(id);
        const question = this.questions.get(id);
        if (answer.ok && question && question.vrev <= answer.vrev) {
          Object.assign(question, { up: answer.up, vrev: answer.vrev });
        }
        this.tell("change");
      }
    } finally {
      this.voting = false;
    }
  }
}

// The WebSocket: it comes back by itself, and every frame sent gets its answer or an error.

import { apply, state, tell } from "./state.js";
import { inert } from "./text.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
const NOBODY = 4004;

let socket = null;
let wait = FIRST_WAIT;
let timer = 0;
let refs = 0;
const waiting = new Map();

/** Connect as somebody, and stay connected. */
export function connect() {
  clearTimeout(timer);
  const as = new URLSearchParams(location.search).get("as") ?? "";
  const opened = new WebSocket(`ws://${location.host}/live?as=${encodeURIComponent(as)}`);
  socket = opened;
  opened.addEventListener("message", (event) => heard(JSON.parse(event.data)));
  opened.addEventListener("close", (event) => {
    if (socket === opened) lost(event.code);
  });
}

/** Try at once what would be tried later. */
export function connectNow() {
  wait = FIRST_WAIT;
  connect();
}

function heard(frame) {
  if (frame.type === "answer") {
    waiting.get(frame.ref)?.(harmless(frame));
    waiting.delete(frame.ref);
  } else if (frame.type === "nobody") {
    tell("nobody", frame);
  } else if (frame.type === "error") {
    tell("trouble", frame.text);
  } else {
    apply(frame);
    if (frame.type === "snapshot") found();
  }
}

/** What an answer says may quote names and tags that anybody has chosen. */
function harmless(answer) {
  const errors = Object.entries(answer.errors ?? {}).map(([id, text]) => [id, inert(text)]);
  return { ...answer, ...(answer.text ? { text: inert(answer.text) } : {}),
    ...(answer.errors ? { errors: Object.fromEntries(errors) } : {}) };
}

function found() {
  wait = FIRST_WAIT;
  state.online = true;
  tell("online", { online: true });
}

function lost(code) {
  for (const answer of waiting.values()) {
    answer({ ok: false, text: "The connection to the sandbox was lost." });
  }
  waiting.clear();
  if (code === NOBODY) return;
  state.online = false;
  tell("online", { online: false, seconds: Math.ceil(wait / 1000) });
  timer = setTimeout(connect, wait);
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

/**
 * Send what a person did.
 * @returns {Promise<{ok: boolean, text?: string, errors?: Object<string, string>}>}
 */
export function send(frame) {
  if (!socket || socket.readyState !== WebSocket.OPEN) {
    return Promise.resolve({ ok: false, text: "There is no connection to the sandbox." });
  }
  refs += 1;
  const ref = refs;
  socket.send(JSON.stringify({ ...frame, ref }));
  return new Promise((resolve) => waiting.set(ref, resolve));
}

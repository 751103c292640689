// One message: who, when, what, its thread, and how a press of it went.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { send } from "./link.js";
import { mrkdwn } from "./mrkdwn.js";
import { names } from "./names.js";
import { openThread } from "./place.js";
import { forget, redraw } from "./redraw.js";
import { state } from "./state.js";
import { initials } from "./text.js";
import { clock, momentOf } from "./times.js";

/** The colour of somebody's avatar: the same on every page. */
function hue(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 6;
  return sum;
}

/** Initials in a square; there are no pictures of people, and no logos. */
export function avatar(id, kind = "") {
  const app = names.isApp(id);
  return h("span", { class: `avatar ${kind} ${app ? "app" : `hue-${hue(id)}`}`,
    "aria-hidden": "true" }, app ? icon("swap", 20) : initials(names.user(id)));
}

/**
 * A message on the screen.
 * @param {any} message
 * @param {{inThread: boolean}} where
 */
export function drawMessage(message, { inThread }) {
  const content = h("div", { class: "content" });
  const node = h("li", { class: "message", "data-ts": message.ts });
  const spot = spotOf(() => node.message, (text) => tellFault(node, text));
  Object.assign(node, { spot, content, inThread });
  node.append(avatar(message.user), h("div", { class: "said" },
    h("div", { class: "only-you" }), h("div", { class: "origin" }), byline(message), content,
    h("p", { class: "press-fault", role: "alert" }), h("div", { class: "below" })),
  h("div", { class: "message-tools" }));
  update(node, message);
  return node;
}

/** Let a message show its newer version. */
export function update(node, message) {
  show(node, ".origin", origin(message, node.inThread));  // what it quotes may have changed
  if (node.message === message) return;
  node.message = message;
  node.classList.toggle("ephemeral", message.ephemeral);
  node.classList.toggle("gone", message.deleted);
  tellFault(node, "");
  show(node, ".only-you", message.ephemeral ? onlyYou() : "");
  if (message.blocks.length) {
    if (!node.hasBlocks) node.content.replaceChildren();
    redraw(node.content, message.blocks, node.spot);
  } else {
    forget(node.content);
    const words = message.deleted ? "This message was deleted." : mrkdwn(message.text);
    node.content.replaceChildren(h("div", { class: "mrkdwn plain-message" }, words));
  }
  node.hasBlocks = message.blocks.length > 0;
  if (message.edited && !message.deleted) markEdited(node);
  show(node, ".below", node.inThread ? "" : repliesOf(message));
  show(node, ".message-tools", node.inThread || message.ephemeral ? "" : replyTool(message));
}

/** Draw it again though it did not change: a name did. */
export function refresh(node) {
  const { message } = node;
  forget(node.content);
  node.content.replaceChildren();
  node.message = null;
  node.querySelector(".byline").replaceWith(byline(message));
  node.querySelector(".avatar").replaceWith(avatar(message.user));
  update(node, message);
}

function show(node, where, what) {
  const place = node.querySelector(`:scope > ${where}, :scope > .said > ${where}`);
  // what has the focus stays: a reply that comes in must not take it away
  const json = typeof what === "string" ? what : what.dataset.like;
  if (place.dataset.shows === json) return;
  place.dataset.shows = json;
  const focused = place.contains(document.activeElement);
  place.replaceChildren(what);
  if (focused) place.querySelector("button")?.focus();
}

function byline(message) {
  const at = momentOf(message.ts);
  return h("div", { class: "byline" },
    h("b", { class: "author" }, names.user(message.user)),
    names.isApp(message.user) ? h("span", { class: "badge" }, "APP") : null,
    h("time", { class: "stamp", datetime: at.toISOString(), title: at.toLocaleString() },
      clock(at)));
}

function onlyYou() {
  return h("span", { "data-like": "only you" }, icon("eye", 14), " Only visible to you");
}

function markEdited(node) {
  if (node.content.querySelector(":scope > .edited")) return;
  node.content.append(h("span", { class: "edited" }, "(edited)"));
}

function origin(message, inThread) {
  if (!message.broadcast) return "";
  if (inThread) return "Also sent to the channel";
  const parent = state.messages.get(`${message.channel} ${message.thread}`);
  const quoted = parent?.text.split("\n")[0];  // the style cuts it: a cut here could halve a mention
  const words = quoted ? `replied to a thread: ${quoted}` : "replied to a thread";
  return h("button", { type: "button", class: "link", "data-like": words,
    onclick: () => openThread(message.thread) }, mrkdwn(words, { verbatim: true }));
}

function repliesOf(message) {
  if (!message.replies) return "";
  const count = `${message.replies} ${message.replies === 1 ? "reply" : "replies"}`;
  return h("button", { type: "button", class: "replies",
    "data-like": `${count} ${message.last_reply}`, onclick: () => openThread(message.ts) },
  message.repliers.slice(0, 3).map((id) => avatar(id, "small")),
  h("b", {}, count),
  h("span", { class: "last-reply" }, `Last reply at ${clock(momentOf(message.last_reply))}`));
}

function replyTool(message) {
  return h("button", { type: "button", class: "tool", "data-like": message.thread ?? message.ts,
    title: "Reply in thread", "aria-label": "Reply in thread",
    onclick: () => openThread(message.thread ?? message.ts) },
  icon("talk"));
}

/** Where a press of this message goes to; pinned: to the version that was on the screen. */
function spotOf(current, fault) {
  const to = (message) => ({
    pin: () => to(message()),
    async press(block, element, option = null) {
      const { channel, ts, version } = message();
      const answer = await send({ do: "press", channel, ts, version, block: block.block_id,
        action: element.action_id, option });
      fault(answer.ok ? "" : answer.text);
    },
  });
  return { ...to(current), pin: () => {
    const seen = current();
    return to(() => seen);
  } };
}

function tellFault(node, text) {
  const place = node.querySelector(".press-fault");
  place.textContent = text ? `⚠ ${text}` : "";
}

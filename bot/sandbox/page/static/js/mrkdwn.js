// Slack's mrkdwn, and nothing more: what Slack leaves as typed stays as typed here, so that a
// message which looks right on this page looks right there.

import { h } from "./dom.js";
import { names } from "./names.js";
import { inert, isLink, unescaped, withEmoji } from "./text.js";
import { dateNode } from "./times.js";

// In this order: `code`, <…>, *bold*, _italic_, ~strike~. Bold and its likes only count at the
// edges of words: snake_case and 2*3*4 stay as they are, and so does **x**.
const INLINE = new RegExp([
  "`([^`\\n]+)`",
  "<([^<>\\n]+)>",
  "(?<![\\p{L}\\p{N}_*])\\*(?=\\S)([^*\\n]*[^\\s*])\\*(?![\\p{L}\\p{N}_*])",
  "(?<![\\p{L}\\p{N}_])_(?=\\S)([^_\\n]*[^\\s_])_(?![\\p{L}\\p{N}_])",
  "(?<![\\p{L}\\p{N}_~])~(?=\\S)([^~\\n]*[^\\s~])~(?![\\p{L}\\p{N}_~])",
].join("|"), "gu");
const FENCE = /```([\s\S]+?)```/g;
const QUOTE = /^(?:&gt;|>) ?/;
const BARE_LINK = /https?:\/\/[^\s<>|`*]+[^\s<>|`*.,;:!?)\]'"]/g;

/**
 * Nodes for a text in mrkdwn.
 * @param {string} text
 * @param {{verbatim?: boolean}} [how]  verbatim: no links of Slack's own making
 * @returns {Node[]}
 */
export function mrkdwn(text, { verbatim = false } = {}) {
  const made = [];
  let last = 0;
  for (const fence of text.matchAll(FENCE)) {
    made.push(...lines(trimmed(text.slice(last, fence.index)), verbatim));
    const inside = fence[1].replace(/^\n/, "").replace(/\n$/, "");
    made.push(h("pre", { class: "code-block" }, inert(unescaped(inside))));
    last = fence.index + fence[0].length;
  }
  const rest = text.slice(last);
  return [...made, ...lines(last ? rest.replace(/^\n/, "") : rest, verbatim)];
}

/** The line break before a block of code is not shown: the block has its own. */
function trimmed(text) {
  return text.replace(/\n$/, "");
}

/** Lines that begin with > stand together in a quote. */
function lines(text, verbatim) {
  const parts = [];
  for (const line of text ? text.split("\n") : []) {
    const quoted = QUOTE.test(line);
    const words = quoted ? line.replace(QUOTE, "") : line;
    const before = parts.at(-1);
    if (before && before.quoted === quoted) before.lines.push(words);
    else parts.push({ quoted, lines: [words] });
  }
  return parts.flatMap((part) => {
    const inside = inline(part.lines.join("\n"), verbatim);
    return part.quoted ? [h("blockquote", {}, inside)] : inside;
  });
}

function inline(text, verbatim) {
  const made = [];
  let last = 0;
  for (const found of text.matchAll(INLINE)) {
    made.push(...plainly(text.slice(last, found.index), verbatim));
    made.push(formatted(found, verbatim));
    last = found.index + found[0].length;
  }
  return [...made, ...plainly(text.slice(last), verbatim)];
}

function formatted([all, code, angle, bold, italic, strike], verbatim) {
  if (code !== undefined) return h("code", {}, inert(unescaped(code)));
  if (angle !== undefined) return reference(angle, all);
  if (bold !== undefined) return h("b", {}, inline(bold, verbatim));
  if (italic !== undefined) return h("i", {}, inline(italic, verbatim));
  return h("s", {}, inline(strike, verbatim));
}

/** Words without markup: entities, emoji, and links where Slack makes them by itself. */
function plainly(text, verbatim) {
  if (!text) return [];
  const words = (part) => inert(withEmoji(unescaped(part)));
  if (verbatim) return [words(text)];
  const made = [];
  let last = 0;
  for (const found of text.matchAll(BARE_LINK)) {
    made.push(words(text.slice(last, found.index)), link(unescaped(found[0]), found[0]));
    last = found.index + found[0].length;
  }
  return [...made, words(text.slice(last))].filter(Boolean);
}

/** What stands between < and >. */
function reference(inside, all) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : inside.slice(bar + 1);
  const date = /^!date\^([^^]*)\^([^^]*)(?:\^(.*))?$/.exec(target);
  if (date) return dateNode(date[1], unescaped(date[2]), label, unescaped(date[3] ?? ""));
  if (/^@[A-Z0-9]+$/.test(target)) return userNode(target.slice(1));
  if (/^#[A-Z0-9]+$/.test(target)) return channelNode(target.slice(1), label);
  const group = /^!subteam\^([A-Z0-9]+)$/.exec(target);
  if (group) return groupNode(group[1], label);
  if (/^!(?:here|channel|everyone)$/.test(target)) return mention(`@${target.slice(1)}`, true);
  if (isLink(unescaped(target))) return link(unescaped(target), label || target);
  return document.createTextNode(inert(unescaped(all)));
}

function link(target, label) {
  const words = inert(withEmoji(unescaped(label)));
  return h("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, words);
}

function mention(words, mine = false) {
  return h("span", { class: mine ? "mention mine" : "mention" }, inert(words));
}

/** Somebody by name; an id that nobody has stays an id. */
export function userNode(id) {
  return mention(`@${names.user(id)}`, names.isMe(id));
}

/** A user group by its handle. */
export function groupNode(id, label = "") {
  return mention(names.group(id, label));
}

/** A channel by name. */
export function channelNode(id, label = "") {
  return mention(`#${names.channel(id, label)}`);
}

/** A mention of all who are there. */
export function broadcastNode(range) {
  return mention(`@${range}`, true);
}

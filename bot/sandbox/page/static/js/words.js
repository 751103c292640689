// Text objects of Block Kit.

import { h } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { inert, withEmoji } from "./text.js";

/**
 * A text object as people read it; plain_text is never formatted.
 * @param {{type: string, text: string, emoji?: boolean, verbatim?: boolean}} object
 */
export function textNode(object) {
  if (object.type === "plain_text") {
    const words = inert(object.text);
    return h("span", { class: "plain" }, object.emoji === false ? words : withEmoji(words));
  }
  if (object.type === "mrkdwn") {
    return h("div", { class: "mrkdwn" }, mrkdwn(object.text, { verbatim: object.verbatim }));
  }
  throw new TypeError(`a text cannot be ${object.type}`);
}

/** The words of a text object, where no element can stand. */
export function wordsOf(object) {
  return object.type === "plain_text" && object.emoji === false
    ? inert(object.text) : withEmoji(inert(object.text));
}

/** What cannot be drawn, shown so that nobody overlooks it. */
export function faulty(what, part) {
  const told = JSON.stringify(part, null, 2) ?? String(part);
  return h("div", { class: "faulty", role: "group", "aria-label": `Error: ${what}` },
    h("b", {}, what),
    h("details", {}, h("summary", {}, "What was sent"),
      h("pre", { tabindex: "0" }, inert(told.slice(0, 4000)))));
}

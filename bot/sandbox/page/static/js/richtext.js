// rich_text and table blocks.

import { h } from "./dom.js";
import { broadcastNode, channelNode, groupNode, userNode } from "./mrkdwn.js";
import { inert, isLink, withEmoji } from "./text.js";
import { dateNode } from "./times.js";
import { faulty } from "./words.js";

const PARTS = {
  rich_text_section: (part) => h("div", { class: "rich" }, words(part.elements)),
  rich_text_preformatted: (part) =>
    h("pre", { class: "code-block" }, part.elements.map((word) => inert(word.text ?? word.url))),
  rich_text_quote: (part) => h("blockquote", {}, words(part.elements)),
  rich_text_list: list,
};

/** A rich_text block. */
export function richText(block) {
  return h("div", { class: "rich-text" }, block.elements.map((part) =>
    Object.hasOwn(PARTS, part.type) ? PARTS[part.type](part)
      : faulty(`Unknown part of rich text: ${part.type}`, part)));
}

function list(part) {
  const ordered = part.style === "ordered";
  return h(ordered ? "ol" : "ul", { class: `indent-${part.indent ?? 0}`,
    start: ordered ? (part.offset ?? 0) + 1 : null },
  part.elements.map((section) => h("li", {}, words(section.elements))));
}

const WORDS = {
  text: (word) => inert(word.text),
  link: (word) => (isLink(word.url)
    ? h("a", { href: word.url, target: "_blank", rel: "noopener noreferrer" },
      inert(word.text || word.url))
    : inert(word.text || word.url)),
  emoji: (word) => withEmoji(`:${inert(word.name)}:`),
  user: (word) => userNode(word.user_id),
  usergroup: (word) => groupNode(word.usergroup_id),
  channel: (word) => channelNode(word.channel_id),
  broadcast: (word) => broadcastNode(word.range),
  date: (word) => dateNode(String(word.timestamp), word.format, word.fallback ?? "", word.url),
};
const STYLES = { bold: "b", italic: "i", strike: "s", underline: "u", code: "code" };

function words(elements) {
  return elements.map((word) => {
    if (!Object.hasOwn(WORDS, word.type)) return faulty(`Unknown word: ${word.type}`, word);
    const styles = Object.entries(word.style ?? {}).filter(([, on]) => on);
    return styles.reduce((inside, [style]) => h(STYLES[style] ?? "span", {}, inside),
      WORDS[word.type](word));
  });
}

/** A table block: its first row is its head. */
export function table(block) {
  const [head, ...rows] = block.rows;
  const cell = (tag) => (content, column) => {
    const set = block.column_settings?.[column] ?? {};
    const kind = `${set.align ?? "left"} ${set.is_wrapped ? "wrapped" : "one-line"}`;
    const inside = content.type === "raw_text" ? inert(content.text)
      : content.type === "rich_text" ? richText(content)
        : faulty(`Unknown cell: ${content.type}`, content);
    return h(tag, { class: kind, scope: tag === "th" ? "col" : null }, inside);
  };
  return h("div", { class: "table-holder", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, h("tr", {}, head.map(cell("th")))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell("td")))))));
}

// Words of foreign origin, made harmless and short; nothing here makes elements.

// Control characters, and those that turn the direction of what follows: a name must not be able
// to rearrange the sentence in which it stands.
const UNSEEN = new RegExp("[\u0000-\u0008\u000b-\u001f\u007f-\u009f"
  + "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", "g");

/** Foreign text as it may stand on the page: what cannot be seen is shown as a box. */
export function inert(text) {
  return String(text).replace(/\r\n?/g, "\n").replace(UNSEEN, "\ufffd");
}

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/** Slack's three entities, once: what reads `&amp;lt;` is shown as `&lt;`. */
export function unescaped(text) {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);
}

/** Only what a browser may follow; everything else stays text. */
export function isLink(target) {
  return /^(?:https?:\/\/|mailto:)[^\s]+$/i.test(target);
}

/** Two letters that stand for somebody. */
export function initials(name) {
  const words = inert(name).split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words[1][0] : (words[0] ?? "?").slice(0, 2);
  return letters.toUpperCase();
}

/** A name as people write it: ann -> Ann. */
export function titled(name) {
  const text = inert(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const EMOJI = {
  "+1": "👍", "-1": "👎", arrow_right: "➡️", arrows_counterclockwise: "🔄", bell: "🔔",
  chart_with_upwards_trend: "📈", construction: "🚧", double_vertical_bar: "⏸️", eyes: "👀",
  fire: "🔥", heavy_check_mark: "✔️", hourglass: "⌛", hourglass_flowing_sand: "⏳",
  information_source: "ℹ️", large_green_circle: "🟢", large_yellow_circle: "🟡", lock: "🔒",
  mag: "🔍", memo: "📝", no_bell: "🔕", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑",
  package: "📦", pushpin: "📌", red_circle: "🔴", rocket: "🚀", rotating_light: "🚨",
  stopwatch: "⏱️", tada: "🎉", thumbsup: "👍", warning: "⚠️", wave: "👋", white_check_mark: "✅",
  x: "❌",
};

/** Shortcodes as pictures; one that is not known stays as it was typed, as in Slack. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (all, name) =>
    Object.hasOwn(EMOJI, name) ? EMOJI[name] : all);
}

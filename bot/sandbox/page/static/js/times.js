// Times in the reader's own zone and language, and Slack's date tokens.

import { h } from "./dom.js";
import { inert, isLink, unescaped } from "./text.js";

const DAY = 24 * 3600 * 1000;

function format(date, options) {
  return new Intl.DateTimeFormat(undefined, options).format(date);
}

/** Hours and minutes. */
export function clock(date) {
  return format(date, { hour: "numeric", minute: "2-digit" });
}

/** Hours, minutes and seconds. */
export function clockWithSeconds(date) {
  return format(date, { hour: "numeric", minute: "2-digit", second: "2-digit" });
}

/** The moment of a message's ts. */
export function momentOf(ts) {
  return new Date(Number(ts) * 1000);
}

/** The day as a divider names it: Today, Yesterday, or in full. */
export function dayName(date) {
  const name = relativeDay(date);
  if (name) return name.charAt(0).toUpperCase() + name.slice(1);
  return format(date, { weekday: "long", day: "numeric", month: "long" });
}

/** Which day a moment belongs to, to be compared. */
export function dayOf(date) {
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

function relativeDay(date) {
  const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(date) - midnight(Date.now())) / DAY);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? "";
}

/** How long ago, as Slack says it. */
export function ago(date) {
  const seconds = Math.round((Date.now() - date.getTime()) / 1000);
  const size = Math.abs(seconds);
  const [count, unit] = size < 60 ? [size, "second"]
    : size < 3600 ? [Math.floor(size / 60), "minute"]
      : size < 86400 ? [Math.floor(size / 3600), "hour"]
        : [Math.floor(size / 86400), "day"];
  const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return seconds < 0 ? `in ${words}` : `${words} ago`;
}

const LONG = { year: "numeric", month: "long", day: "numeric" };
const SHORT = { year: "numeric", month: "short", day: "numeric" };
const WHOLE = { ...LONG, weekday: "long" };

// docs.slack.dev, "formatting text for app surfaces": each token and how it reads
const TOKENS = {
  date_num: (date) => [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, "0")).join("-"),
  date_slash: (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date: (date) => format(date, LONG),
  date_short: (date) => format(date, SHORT),
  date_long: (date) => format(date, WHOLE),
  date_pretty: (date) => relativeDay(date) || format(date, LONG),
  date_short_pretty: (date) => relativeDay(date) || format(date, SHORT),
  date_long_pretty: (date) => relativeDay(date) || format(date, WHOLE),
  time: clock,
  time_secs: clockWithSeconds,
  ago,
};

function inWords(date, shape) {
  return shape.replace(/\{(\w+)\}/g, (all, token) =>
    Object.hasOwn(TOKENS, token) ? TOKENS[token](date) : all);
}

/**
 * A date token as people read it; the fallback where it makes no sense.
 * @param {string} seconds @param {string} shape @param {string} fallback @param {string} [link]
 */
export function dateNode(seconds, shape, fallback, link = "") {
  const date = new Date(Number(seconds) * 1000);
  if (!/^-?\d+$/.test(seconds) || Number.isNaN(date.getTime()) || !shape.includes("{")) {
    return document.createTextNode(inert(unescaped(fallback)));
  }
  const time = h("time", {
    class: "date",
    datetime: date.toISOString(),
    title: format(date, { ...WHOLE, hour: "numeric", minute: "2-digit", second: "2-digit" }),
    "data-shape": shape,
  }, inert(inWords(date, shape)));
  return isLink(link) ? h("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, time)
    : time;
}

/** Keep "ago" true while the message stands. */
export function keepTrue() {
  setInterval(() => {
    for (const time of document.querySelectorAll('time[data-shape*="{ago}"]')) {
      const said = inert(inWords(new Date(time.dateTime), time.dataset.shape));
      if (time.textContent !== said) time.textContent = said;
    }
  }, 1000);
}

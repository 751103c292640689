// The aubergine column: channels, direct messages, the app.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { HOME, goTo, place, settle } from "./place.js";
import { messagesOf, state, when } from "./state.js";
import { names } from "./names.js";

/** Up to where each channel was read, by its id. */
const read = new Map();

function newest(channel) {
  return messagesOf(channel).filter((message) => message.user !== state.you).at(-1)?.ts ?? "0";
}

function isUnread(channel) {
  return channel.id !== place.channel && Number(newest(channel.id)) > Number(read.get(channel.id));
}

function row(id, sign, words, { unread = false, about = "" } = {}) {
  const here = place.channel === id;
  return h("li", {}, h("button", { type: "button", class: unread ? "unread" : "",
    "aria-current": here ? "page" : null, title: about || null, onclick: () => goTo(id) },
  icon(sign),
  h("span", { class: "row-name" }, words),
  unread ? h("span", { class: "heard" }, "(new messages)") : null));
}

function group(title, rows) {
  return h("div", { class: "side-group" }, h("h2", {}, title), h("ul", { role: "list" }, rows));
}

/** Draw it into a <nav>, and keep it true. */
export function sidebar(nav) {
  const draw = () => {
    settle();
    for (const channel of state.channels) {
      if (!read.has(channel.id) || channel.id === place.channel) {
        read.set(channel.id, newest(channel.id));
      }
    }
    const focused = nav.contains(document.activeElement) ? document.activeElement.textContent : "";
    nav.replaceChildren(...groups());
    if (focused) {
      [...nav.querySelectorAll("button")].find((one) => one.textContent === focused)?.focus();
    }
  };
  for (const topic of ["channels", "directory", "messages", "place"]) when(topic, draw);
}

function groups() {
  const rooms = state.channels.filter((channel) => !channel.direct);
  const direct = state.channels.filter((channel) => channel.direct);
  const app = names.user(state.directory.app);
  return [
    h("p", { class: "team" }, "Sandbox"),
    group("Channels", rooms.length
      ? rooms.map((one) => row(one.id, one.private ? "lock" : "channel", one.name, {
        unread: isUnread(one),
        about: one.with_app ? "" : `${app} is not in this channel` }))
      : h("li", { class: "nothing" }, "You are in no channel.")),
    group("Apps", [
      row(HOME, "home", `${app} · Home`),
      ...direct.map((one) => row(one.id, "mail", `${app} · Messages`, { unread: isUnread(one) })),
    ]),
  ];
}

// The switch of person. Who one is stands in the address: two tabs are two persons.

import { h } from "./dom.js";
import { menu } from "./menus.js";
import { avatar } from "./message.js";
import { names } from "./names.js";
import { state, when } from "./state.js";

const addressOf = (id) => `${location.pathname}?as=${encodeURIComponent(id)}`;

function items() {
  return Object.keys(state.directory.people).filter((id) => !names.isApp(id)).map((id) => {
    const who = [avatar(id), h("span", { class: "who" }, h("b", {}, names.user(id)),
      h("small", {}, names.isMe(id) ? `${names.role(id)} · you` : names.role(id)))];
    return h("div", { class: "person", role: "none" },
      h("a", { role: "menuitem", tabindex: "-1", href: addressOf(id),
        "aria-current": names.isMe(id) ? "true" : null }, who),
      h("a", { role: "menuitem", tabindex: "-1", href: addressOf(id), target: "_blank",
        class: "new-tab", title: "In a new tab", "aria-label": `${names.user(id)} in a new tab` },
      "↗"));
  });
}

/** The switch at the top. */
export function people() {
  const words = h("span", { class: "who" });
  const button = h("button", { type: "button", class: "me" });
  const draw = () => {
    if (!state.you) return;
    words.replaceChildren(h("b", {}, names.user(state.you)),
      h("small", {}, names.role(state.you)));
    button.replaceChildren(avatar(state.you, "small"), words,
      h("span", { class: "caret", "aria-hidden": "true" }, "▾"));
    button.setAttribute("aria-label",
      `You are ${names.user(state.you)}, ${names.role(state.you)}. Be somebody else`);
    document.title = `${names.user(state.you)} · rollout-bot sandbox, not Slack`;
  };
  when("hello", () => history.replaceState(null, "",
    `${addressOf(state.you)}${location.hash}`));
  when("directory", draw);
  return menu(button, items, { name: "Be somebody else", kind: "people" });
}

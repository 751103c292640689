// The channel in front of the person: its head, its messages, the box. And the thread beside it.

import { Composer } from "./composer.js";
import { h, nodes } from "./dom.js";
import { icon } from "./icons.js";
import { home } from "./home.js";
import { Messages } from "./messages.js";
import { names } from "./names.js";
import { HOME, channelHere, goTo, openThread, place, settle } from "./place.js";
import { messagesOf, state, when } from "./state.js";

function title(channel) {
  if (channel.direct) return names.user(state.directory.app);
  return `${channel.private ? "" : "#"}${channel.name}`;
}

/** The tabs that an app has in Slack. */
function appTabs(now) {
  const direct = state.channels.find((channel) => channel.direct);
  const tab = (id, words) => h("button", { type: "button", class: "tab",
    "aria-current": now === id ? "page" : null, onclick: () => goTo(id) }, words);
  return h("div", { class: "tabs" }, tab(HOME, "Home"), direct ? tab(direct.id, "Messages") : null);
}

function head(channel) {
  if (!channel || channel.direct) {
    return [h("h2", {}, names.user(state.directory.app)), h("span", { class: "badge" }, "APP"),
      appTabs(channel ? channel.id : HOME)];
  }
  const people = `${channel.members} members`;
  return [channel.private ? icon("lock") : null, h("h2", {}, title(channel)),
    h("span", { class: "members" }, people)];
}

function introduction(channel) {
  if (channel.direct) {
    return "Between you and the app. What it has to tell you alone, it writes here.";
  }
  return `This is the beginning of ${title(channel)}.`;
}

function boxHint(channel) {
  if (channel.archived) return "This channel is archived";
  return channel.direct ? `Message ${names.user(state.directory.app)}`
    : `Message ${title(channel)}, or ${state.command} …`;
}

/** The main part; gives the box, so that others can put something into it. */
export function talk(main) {
  const top = h("div", { class: "talk-head" });
  const list = new Messages({ label: "Messages" });
  const composer = new Composer({ label: "Message or command",
    where: () => ({ channel: place.channel }) });
  const room = h("div", { class: "room" }, list.node, composer.node);
  const front = home();
  main.replaceChildren(top, room, front);
  let shown = "";
  const show = () => {
    settle();
    const channel = channelHere();
    top.replaceChildren(...nodes(head(channel)));
    room.hidden = !channel;
    front.hidden = Boolean(channel);
    if (!channel) return;
    if (shown !== channel.id) list.reset(`Messages in ${title(channel)}`);
    shown = channel.id;
    list.intro.textContent = introduction(channel);
    composer.hint(boxHint(channel));
    composer.box.disabled = channel.archived;
    list.show(messagesOf(channel.id));
  };
  for (const topic of ["channels", "place", "messages"]) when(topic, show);
  when("directory", () => {
    list.refresh();
    show();
  });
  return composer;
}

/** The thread beside the channel. */
export function thread(aside) {
  const list = new Messages({ label: "Thread", inThread: true });
  const composer = new Composer({ label: "Reply",
    where: () => ({ channel: place.channel, thread: place.thread }) });
  composer.hint("Reply…");
  const where = h("span", { class: "members" });
  const close = h("button", { type: "button", class: "close", "aria-label": "Close the thread",
    onclick: () => openThread("") }, "✕");
  aside.replaceChildren(h("div", { class: "talk-head" }, h("h2", {}, "Thread"), where, close),
    list.node, composer.node);
  let shown = "";
  const show = () => {
    const channel = channelHere();
    const open = Boolean(channel && place.thread);
    const opens = open && shown !== `${channel.id}/${place.thread}`;
    aside.hidden = !open;
    document.body.classList.toggle("with-thread", open);
    if (!open) {
      shown = "";
      return;
    }
    if (opens) list.reset("Messages of the thread");
    shown = `${channel.id}/${place.thread}`;
    where.textContent = title(channel);
    list.show(messagesOf(channel.id, place.thread));
  };
  for (const topic of ["channels", "messages"]) when(topic, show);
  // who opens a thread goes into it with the keys, and who closes it comes back
  when("place", () => {
    const [before, inside] = [shown, aside.contains(document.activeElement)];
    show();
    if (shown && shown !== before) list.box.focus({ preventScroll: true });
    if (before && !shown && inside) focusOn(before.split("/")[1]);
  });
  when("directory", () => list.refresh());
}

/** The button of a message that opens its thread. */
function focusOn(ts) {
  document.querySelector(`.talk [data-ts="${CSS.escape(ts)}"] :is(.replies, .tool)`)?.focus();
}

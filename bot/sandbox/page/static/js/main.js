// The page: puts its parts together, and opens the link.
//
//   link ─frames─▶ state ─topics─▶ sidebar, talk, thread, home, modals, cluster
//   a press ─▶ elements ─▶ link                (the server builds what the app gets)

import { clusterPanel } from "./cluster.js";
import { announce, h } from "./dom.js";
import { icon } from "./icons.js";
import { connect, connectNow } from "./link.js";
import { modals } from "./modals.js";
import { names } from "./names.js";
import { people } from "./people.js";
import { channelHere, place, readAddress, showPane } from "./place.js";
import { sidebar } from "./sidebar.js";
import { state, when } from "./state.js";
import { talk, thread } from "./talk.js";
import { inert } from "./text.js";
import { keepTrue } from "./times.js";
import { Tour } from "./tour.js";

const NEEDED = {
  WebSocket: "WebSocket" in window,
  dialogs: "HTMLDialogElement" in window,
  popovers: "popover" in HTMLElement.prototype,
};

function frame() {
  const [side, main, beside, cluster] = ["nav", "main", "aside", "aside"].map((tag) => h(tag));
  side.className = "side";
  side.setAttribute("aria-label", "Channels");
  main.className = "talk";
  beside.className = "thread";
  beside.setAttribute("aria-label", "Thread");
  cluster.className = "cluster";
  cluster.setAttribute("aria-label", "The cluster");
  const banner = h("div", { class: "banner", role: "alert", hidden: true });
  const guide = new Tour();
  const top = h("header", { class: "top" },
    h("h1", {}, "rollout-bot"),
    h("p", { class: "not-slack" }, h("b", {}, "Sandbox"), h("span", {}, " · not Slack")),
    guide.opener, people());
  const panes = paneSwitch();
  const body = h("div", { class: "body" }, side, main, beside, cluster);
  document.getElementById("page").replaceChildren(top, banner, body, panes, guide.node);
  return { side, main, beside, cluster, banner, guide };
}

/** On a phone one thing is seen at a time. */
function paneSwitch() {
  const panes = [["list", "Channels"], ["talk", "Messages"], ["cluster", "Cluster"]];
  const buttons = panes.map(([pane, words]) => h("button", { type: "button",
    onclick: () => showPane(pane) },
  icon(pane, 20), h("span", {}, words)));
  const draw = () => {
    document.body.dataset.pane = place.pane;
    buttons.forEach((button, index) => {
      if (panes[index][0] === place.pane) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
    });
  };
  when("place", draw);
  draw();
  return h("nav", { class: "panes", "aria-label": "Parts of the sandbox" }, buttons);
}

function watchConnection(banner) {
  when("online", ({ online, seconds }) => {
    document.body.classList.toggle("offline", !online);
    banner.hidden = online;
    banner.replaceChildren(...(online ? [] : [
      h("span", {}, `The connection to the sandbox is lost. Trying again in ${seconds} s.`),
      h("button", { type: "button", class: "top-button", onclick: connectNow }, "Try now")]));
  });
  when("trouble", (text) => announce(text));
}

/** Tell screen readers what is new in the channel in front of them. */
function readAloud() {
  when("messages", ({ fresh }) => {
    const here = channelHere()?.id;
    const heard = fresh.filter((message) => message.channel === here
      && message.user !== state.you);
    const last = heard.at(-1);
    if (last) announce(inert(`${names.user(last.user)}: ${last.text}`));
  });
}

function nobody({ text, people: known }) {
  const link = ([id, name]) => h("li", {}, h("a", { href: `?as=${encodeURIComponent(id)}` },
    inert(name)));
  cannot(h("p", {}, inert(text)), h("p", {}, "There are:"),
    h("ul", {}, Object.entries(known).map(link)));
}

function cannot(...words) {
  document.getElementById("page").replaceChildren(h("div", { class: "cannot" }, words));
}

function start() {
  const lacking = Object.entries(NEEDED).filter(([, there]) => !there).map(([name]) => name);
  if (lacking.length) {
    cannot(`This browser has no ${lacking.join(", no ")}. The sandbox needs it: use a newer `
      + "browser, or allow it.");
    return;
  }
  readAddress();
  const { side, main, beside, cluster, banner, guide } = frame();
  sidebar(side);
  const composer = talk(main);
  thread(beside);
  clusterPanel(cluster);
  modals();
  watchConnection(banner);
  readAloud();
  guide.composer = composer;
  when("nobody", nobody);
  keepTrue();
  connect();
}

start();

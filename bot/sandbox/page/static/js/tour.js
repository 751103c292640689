// A short tour of five steps. Who has seen or closed it is not asked again.

import { h } from "./dom.js";
import { goTo, showPane } from "./place.js";
import { state, when } from "./state.js";

const SEEN = "tour-seen";

const STEPS = [
  { title: "This is a sandbox, not Slack", at: ".not-slack", pane: "talk",
    text: "The bot is the real one. Slack and the cluster are small copies that run on this "
      + "machine: nothing you press here reaches anybody." },
  { title: "Each release has a card", at: ".talk .scroller", pane: "talk",
    text: "It says what is true about traffic, and offers what is legal now. Press Promote: it "
      + "asks first, with the effect in words. The thread below keeps the story." },
  { title: "Or type a command", at: ".talk .composer-frame", pane: "talk",
    text: "Type / and go on with Tab. Arrow up brings back what you sent. Try a typo, too.",
    fill: () => `${state.command} ` },
  { title: "The cluster tells the truth", at: ".cluster", pane: "cluster",
    text: "Weights over time, pods, what stands on the Ingress. Pull a lever: stop the controller, "
      + "write another weight by hand, and the bot tells in the channel that it drifts." },
  { title: "Be somebody else", at: ".me", pane: "talk",
    text: "Some may act, some may only read, and guests may not act at all. Open one of them in "
      + "a new tab, and press at the same time." },
];

function seen() {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    return false;  // storage is shut: then it is shown each time
  }
}

function remember() {
  try {
    localStorage.setItem(SEEN, "yes");
  } catch {
    // it will be shown again
  }
}

/** The tour; `opener` is the button that shows it again, whether or not it was seen. */
export class Tour {
  constructor() {
    this.step = 0;
    this.composer = null;
    this.node = h("section", { class: "tour", role: "dialog", "aria-label": "Tour", hidden: true,
      "aria-describedby": "tour-title tour-text",
      onkeydown: (event) => event.key === "Escape" && this.end() });
    this.opener = h("button", { type: "button", class: "top-button", onclick: () => this.start() },
      "Tour");
    let asked = false;
    when("online", ({ online }) => {
      if (online && !asked && !seen()) this.start();
      asked ||= online;
    });
  }

  start() {
    this.step = 0;
    this.show();
  }

  show() {
    const { title, text, at, pane, fill } = STEPS[this.step];
    if (at.startsWith(".talk") && state.channels.length) {
      goTo((state.channels.find((channel) => !channel.direct) ?? state.channels[0]).id);
    }
    showPane(pane);
    point(at);
    this.node.classList.toggle("high", Boolean(fill));
    if (fill && this.composer && !this.composer.box.value) this.composer.fill(fill());
    const next = h("button", { type: "button", class: "button primary",
      onclick: () => this.next() }, this.isLast() ? "Done" : "Next");
    this.node.replaceChildren(
      h("p", { class: "tour-count" }, `${this.step + 1} of ${STEPS.length}`),
      h("h2", { id: "tour-title" }, title), h("p", { id: "tour-text" }, text),
      h("div", { class: "row-end" }, h("button", { type: "button", class: "button",
        onclick: () => this.end() }, "Close the tour"), next));
    this.node.hidden = false;
    next.focus();
  }

  isLast() {
    return this.step === STEPS.length - 1;
  }

  next() {
    if (this.isLast()) {
      this.end();
      return;
    }
    this.step += 1;
    this.show();
  }

  end() {
    point(null);
    this.node.hidden = true;
    remember();
    this.opener.focus();
  }
}

/** Mark what a step is about. */
function point(at) {
  document.querySelector(".toured")?.classList.remove("toured");
  if (at) document.querySelector(at)?.classList.add("toured");
}

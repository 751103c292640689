// The panel beside the channel: what is true in the cluster, and levers to play with.

import { fresh, h } from "./dom.js";
import { leversOf } from "./levers.js";
import { RolloutCard } from "./rollout.js";
import { state, when } from "./state.js";

const PARTS = { bot: "Bot", slack: "Slack", api: "API server", controller: "Controller" };
/** A part that was cut off still runs, but cannot be reached. */
const WORDS = { bot: ["running", "stopped"], slack: ["reachable", "cut off"],
  api: ["reachable", "cut off"], controller: ["running", "stopped"] };
const KEPT = 3;
const TICK = 2000;

/** Draw the panel into an <aside>, and keep it true. */
export function clusterPanel(aside) {
  const results = resultList();
  const system = h("div", { class: "system" });
  const list = h("div", { class: "rollouts" });
  const none = h("p", { class: "nothing" }, "There is no rollout in this cluster.");
  const cards = new Map();
  let drawn = "";
  aside.replaceChildren(
    h("div", { class: "talk-head" }, h("h2", {}, "The cluster"),
      h("span", { class: "members" }, "the truth, and levers")),
    h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": "Cluster" },
      list, none, h("h3", { class: "panel-title" }, "System"), system),
    results.node);
  setInterval(() => {
    for (const card of cards.values()) card.tick();
  }, TICK);
  when("cluster", () => {
    none.hidden = state.rollouts.size > 0;
    sync(cards, list, results.tell);
    // only if something started or stopped: a press of a lever must not lose its focus
    const now = JSON.stringify(state.system);
    if (now !== drawn) system.replaceChildren(...parts(results.tell));
    drawn = now;
  });
}

function sync(cards, list, tell) {
  for (const [key, card] of cards) {
    if (!state.rollouts.has(key)) {
      cards.delete(key);
      card.node.remove();
    }
  }
  [...state.rollouts].forEach(([key, rollout], index) => {
    if (!cards.has(key)) cards.set(key, new RolloutCard(rollout, tell, index === 0));
    const card = cards.get(key);
    card.show(rollout);
    const here = list.children[index];
    if (here !== card.node) list.insertBefore(card.node, here ?? null);
  });
}

function parts(tell) {
  return Object.entries(PARTS).map(([part, name]) => {
    const running = Boolean(state.system[part]);
    const offered = state.levers.filter((lever) => lever.part === part
      && (lever.offered === null || lever.offered === running));
    return h("div", { class: "part", role: "group", "aria-label": name },
      h("span", { class: running ? "dot on" : "dot off", "aria-hidden": "true" }),
      h("b", {}, name),
      h("span", { class: "part-state" }, WORDS[part][running ? 0 : 1]),
      leversOf(offered, {}, tell, name));
  });
}

/** What the last levers did; read aloud as it comes. */
function resultList() {
  const id = fresh("results");
  const list = h("ol", { role: "list" });
  const node = h("div", { id, class: "results", role: "status", "aria-live": "polite",
    "aria-label": "Results of the levers" }, list);
  const tell = (text, ok) => {
    list.append(h("li", { class: ok ? "done" : "failed" }, `${ok ? "✔" : "⚠"} ${text}`));
    while (list.children.length > KEPT) list.firstChild.remove();
  };
  return { node, tell };
}

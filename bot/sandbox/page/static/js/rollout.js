// One rollout of the cluster's panel. Each part is drawn again only when what it shows has changed,
// so that forms and menus keep what people do in them.

import { drawing, weightsChart, wrong } from "./chart.js";
import { h } from "./dom.js";
import { leverMenu, leversOf } from "./levers.js";
import { state } from "./state.js";
import { inert } from "./text.js";

const AROUND = 3;

export class RolloutCard {
  constructor(rollout, tell, open) {
    this.tell = tell;
    this.names = { namespace: rollout.namespace, name: rollout.name };
    this.key = `${rollout.namespace}/${rollout.name}`;
    this.shown = {};
    this.parts = {};
    for (const part of ["head", "weights", "steps", "pods", "services", "ingresses"]) {
      this.parts[part] = h("div", { class: `part-${part}` });
    }
    const { head, ...rest } = this.parts;
    this.podTitle = h("h4");
    this.podList = h("ul", { class: "chips", role: "list" });
    this.parts.pods.append(this.podTitle, this.podList);
    this.node = h("details", { class: "rollout", open, "data-rollout": this.key },
      h("summary", {}, head), Object.values(rest), this.levers());
  }

  /** Show it as it is now. */
  show(rollout) {
    const { phase, message, revision, images, aborted, paused, weights, history } = rollout;
    this.rollout = rollout;
    const differs = wrong(rollout).length > 0;
    const headed = { phase, message, revision, images, aborted, paused, differs };
    this.part("head", headed, () => this.head(rollout, differs));
    const written = rollout.ingresses.map((one) => one.canary);
    this.part("weights", { history, weights, written }, () => weightsChart(rollout));
    this.part("steps", rollout.steps, () => steps(rollout));
    this.pods(rollout.pods);
    this.part("services", rollout.services, () => services(rollout.services));
    this.ingresses(rollout.ingresses);
  }

  part(name, of, draw) {
    const json = JSON.stringify(of);
    if (this.shown[name] === json) return;
    this.shown[name] = json;
    const place = this.parts[name];
    const open = [...place.querySelectorAll("details[open]")].map((one) => one.className);
    place.replaceChildren(...[draw()].flat().filter(Boolean));
    for (const one of place.querySelectorAll("details")) one.open = open.includes(one.className);
  }

  /** Time goes on, also while nothing changes. */
  tick() {
    if (!this.node.open) return;
    this.parts.weights.querySelector(".chart > svg")?.replaceWith(drawing(this.rollout));
  }

  head({ phase, message, revision, images, aborted }, differs) {
    const canary = tag(images.canary);
    const stable = tag(images.stable);
    const versions = canary && canary !== stable ? `${stable} → ${canary}` : stable;
    const badge = aborted ? "Aborted" : phase;
    return [
      h("span", { class: "rollout-name" }, inert(this.key)),
      h("span", { class: "phases" },
        differs ? h("span", { class: "phase differs" }, "⚠ Differs") : null,
        h("span", { class: `phase ${aborted ? "degraded" : inert(badge).toLowerCase()}` },
          inert(badge))),
      h("span", { class: "rollout-about" }, inert([versions, revision && `revision ${revision}`,
        message].filter(Boolean).join(" · "))),
    ];
  }

  /** Kept one by one: somebody may have the menu of one open while another comes and goes. */
  pods(pods) {
    const ready = pods.filter((pod) => pod.ready).length;
    this.podTitle.textContent = pods.length ? `Pods, ${ready} of ${pods.length} ready` : "No pods";
    const known = new Map([...this.podList.children].map((one) => [one.dataset.shows, one]));
    const wanted = pods.map((pod) => known.get(JSON.stringify(pod))
      ?? h("li", { "data-shows": JSON.stringify(pod) }, this.pod(pod)));
    keep(this.podList, wanted);
  }

  pod(pod) {
    const tail = inert(pod.name.split("-").at(-1));
    const how = pod.ready ? "ready" : inert(pod.phase === "Running" ? "not ready" : pod.phase);
    const levers = () => state.levers.filter((lever) => lever.scope === "pod"
      && (lever.offered === null || lever.offered === pod.ready));
    const chip = h("button", { type: "button", class: `chip pod ${pod.ready ? "ready" : "unready"}`,
      title: inert(`${pod.name}\n${pod.image}\n${pod.phase}`),
      "aria-label": inert(`${pod.role} pod ${pod.name}, ${how}`) },
    h("span", { class: "pod-mark", "aria-hidden": "true" }, pod.ready ? "✔" : "✖"),
    h("span", { class: `role ${inert(pod.role)}` }, inert(pod.role)), h("code", {}, tail),
    pod.ready ? null : h("span", {}, how));
    return leverMenu(chip, levers, { ...this.names, pod: pod.name }, this.tell, inert(pod.name));
  }

  /** Kept one by one: their forms are typed into. */
  ingresses(ingresses) {
    const known = new Map([...this.parts.ingresses.children].map((one) => [one.dataset.name, one]));
    const wanted = ingresses.map((ingress) => known.get(ingress.name) ?? this.ingress(ingress));
    keep(this.parts.ingresses, wanted);
    wanted.forEach((node, index) => {
      told(node, ingresses[index]);
      node.classList.toggle("differs", wrong(this.rollout).includes(ingresses[index]));
    });
  }

  ingress({ name }) {
    const levers = state.levers.filter((lever) => lever.scope === "ingress");
    return h("div", { class: "ingress", "data-name": name },
      h("h4", {}, "Ingress ", h("code", {}, inert(name))), h("p", { class: "says" }),
      h("details", {}, h("summary", {}, "Annotation"),
        h("pre", { tabindex: "0", "aria-label": "Annotation" })),
      leversOf(levers, { ...this.names, ingress: name }, this.tell, inert(name)));
  }

  levers() {
    const own = state.levers.filter((lever) => lever.scope === "rollout");
    const groups = [...new Set(own.map((lever) => lever.group))];
    return h("details", { class: "lever-box" }, h("summary", {}, "Levers"),
      groups.map((group) => h("fieldset", {}, h("legend", {}, group),
        leversOf(own.filter((lever) => lever.group === group), this.names, this.tell,
          inert(this.key)))));
  }
}

function titled(title, ...rest) {
  return [h("h4", {}, title), ...rest];
}

function tag(image) {
  return inert(image ?? "").split("/").at(-1).split(":").at(-1);
}

/** Nodes that stand right are not moved: that would lose the focus, and close menus. */
function keep(container, wanted) {
  for (const child of [...container.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((node, index) => {
    if (container.children[index] !== node) {
      container.insertBefore(node, container.children[index] ?? null);
    }
  });
}

function told(node, ingress) {
  const json = JSON.stringify(ingress);
  if (node.dataset.shows === json) return;
  node.dataset.shows = json;
  const weight = ingress.canary === null ? "no weight that can be read"
    : `${ingress.canary} % canary`;
  node.querySelector(".says").replaceChildren(
    h("b", {}, weight), ` · ${inert(ingress.paths.join(", "))} · written by `,
    h("code", {}, inert(ingress.writer || "nobody yet")));
  node.querySelector("pre").textContent = pretty(ingress.annotation);
}

/** Indented if it is JSON; else as it stands there. */
function pretty(text) {
  try {
    return inert(JSON.stringify(JSON.parse(text), null, 2));
  } catch {
    return inert(text || "There is none.");
  }
}

function services(list) {
  if (!list.length) return [];
  return titled("Services", h("ul", { class: "chips", role: "list" }, list.map((service) =>
    h("li", { class: `chip service ${inert(service.selects)}` },
      h("code", {}, inert(service.name)), " → ",
      h("span", { class: `role ${inert(service.selects)}` }, inert(service.selects))))));
}

/** The steps; of many only those around the one that counts, the others behind a press. */
function steps({ steps: all, index }) {
  if (!all.length) return [];
  const count = `Steps, ${Math.min(index + 1, all.length)} of ${all.length}`;
  if (all.length <= 2 * AROUND + 4) return titled(count, list(all, 0));
  const first = Math.max(0, Math.min(index - AROUND, all.length - 2 * AROUND - 1));
  const last = first + 2 * AROUND + 1;
  return titled(count, list(all.slice(first, last), first),
    h("details", { class: "all-steps" }, h("summary", {}, `All ${all.length} steps`),
      list(all, 0)));
}

const SIGNS = { done: "✔", now: "▸", next: "" };

function list(some, first) {
  return h("ol", { class: "steps", start: first + 1 }, some.map((step) => h("li", {
    class: step.state, "aria-current": step.state === "now" ? "step" : null },
  h("span", { class: "step-sign", "aria-hidden": "true" }, SIGNS[step.state] ?? ""),
  inert(step.text), step.state === "done" ? h("span", { class: "heard" }, ", done") : null)));
}

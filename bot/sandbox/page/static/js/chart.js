// Weights over time, drawn by hand: what the controller asks for, and what stands on the Ingress.
// Where the two differ the space between them is filled, because that is what people look for.

import { h, svg } from "./dom.js";
import { inert } from "./text.js";
import { clock, clockWithSeconds } from "./times.js";

const [WIDTH, HEIGHT] = [360, 132];
const [LEFT, RIGHT, TOP, BOTTOM] = [38, 10, 8, 22];
const SHORTEST = 60;
const BRIEF = 300; // below this, minutes do not tell one end of the axis from the other

/** The chart of a rollout, its legend and what it says in words. */
export function weightsChart(rollout) {
  const points = rollout.history;
  const words = inWords(rollout);
  const differs = wrong(rollout).length > 0;
  return [
    h("h4", {}, "Weights"),
    h("p", { class: differs ? "weights-words differs" : "weights-words" }, words),
    points.length ? h("figure", { class: "chart" }, drawing(rollout),
      h("figcaption", {}, mark("controller", "controller asks"), mark("ingress", "Ingress says"),
        differs || points.some(apart) ? mark("gap", "they differ") : null)) : null,
    points.length ? numbers(points) : null,
  ];
}

/** The Ingresses that say something else than the controller, if it says anything. */
export function wrong({ weights, ingresses }) {
  return weights.canary === null ? [] : ingresses.filter((one) => one.canary !== weights.canary);
}

const apart = ({ canary, ingress }) => canary !== null && ingress !== null && canary !== ingress;

function inWords(rollout) {
  if (rollout.weights.canary === null) return "The controller says no weight.";
  const asked = `${rollout.weights.canary} % canary`;
  if (!rollout.ingresses.length) return `The controller says ${asked}; there is no Ingress.`;
  if (!wrong(rollout).length) return `${asked}, ${rollout.weights.stable} % stable: all agree.`;
  const said = wrong(rollout).map((one) => `Ingress ${inert(one.name)} says `
    + (one.canary === null ? "nothing that can be read" : `${one.canary} %`));
  return `⚠ The controller says ${asked}, ${said.join(", ")}.`;
}

function mark(kind, words) {
  return h("span", { class: "legend" },
    svg("svg", { width: "22", height: "10", viewBox: "0 0 22 10", "aria-hidden": "true" },
      kind === "gap" ? svg("rect", { class: "gap", width: "22", height: "10" })
        : svg("line", { class: `line ${kind}`, x1: "0", x2: "22", y1: "5", y2: "5" })), words);
}

/** Scales: time from left to right, per cent from below. */
function scales(points) {
  const last = points.at(-1).at;
  const first = Math.min(points[0].at, last - SHORTEST);
  const x = (at) => LEFT + ((at - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const y = (weight) => TOP + (1 - weight / 100) * (HEIGHT - TOP - BOTTOM);
  return { x, y, first, last };
}

/** The lines; the last weights still hold now. */
export function drawing(rollout) {
  const last = rollout.history.at(-1);
  const points = [...rollout.history, { ...last, at: Math.max(last.at, Date.now() / 1000) }];
  const scale = scales(points);
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
    "aria-label": `Canary weight over time. ${inWords(rollout)}` },
  [0, 50, 100].map((weight) => [
    svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: scale.y(weight),
      y2: scale.y(weight) }),
    svg("text", { class: "axis", x: LEFT - 6, y: scale.y(weight) + 3.5, "text-anchor": "end" },
      `${weight} %`)]),
  times(scale), gaps(points, scale),
  svg("path", { class: "line controller", d: path(points, "canary", scale) }),
  svg("path", { class: "line ingress", d: path(points, "ingress", scale) }));
}

function times({ x, first, last }) {
  const middle = (first + last) / 2;
  const read = last - first < BRIEF ? clockWithSeconds : clock;
  return [[first, "start"], [middle, "middle"], [last, "end"]].map(([at, anchor]) =>
    svg("text", { class: "axis", x: x(at), y: HEIGHT - 6, "text-anchor": anchor },
      read(new Date(at * 1000))));
}

/** Weights do not slide, they step: flat to the next point, then up or down. */
function path(points, what, { x, y }) {
  let drawn = "";
  points.forEach((point, index) => {
    const before = points[index - 1];
    const weight = point[what];
    if (weight === null) return;
    const moves = !before || before[what] === null;
    drawn += moves ? `M${x(point.at).toFixed(1)} ${y(weight).toFixed(1)}`
      : `H${x(point.at).toFixed(1)}V${y(weight).toFixed(1)}`;
  });
  return drawn;
}

/** The time during which the two lines were apart. */
function gaps(points, { x, y }) {
  return points.map((point, index) => {
    const next = points[index + 1];
    if (!apart(point) || !next) return null;
    const top = y(Math.max(point.canary, point.ingress));
    return svg("rect", { class: "gap", x: x(point.at), y: top,
      width: Math.max(1, x(next.at) - x(point.at)),
      height: y(Math.min(point.canary, point.ingress)) - top });
  });
}

const percent = (weight) => (weight === null ? "none" : `${weight} %`);

/** The same as a table, for those who cannot see lines. */
function numbers(points) {
  const rows = points.filter((point, index) => index === 0
    || point.canary !== points[index - 1].canary || point.ingress !== points[index - 1].ingress);
  const cell = (words) => h("td", {}, words);
  return h("details", { class: "numbers" }, h("summary", {}, "As numbers"),
    h("div", { class: "table-holder", tabindex: "0", role: "region", "aria-label": "Weights" },
      h("table", {}, h("thead", {}, h("tr", {}, ["Time", "Controller", "Ingress"].map((name) =>
        h("th", { scope: "col" }, name)))),
      h("tbody", {}, rows.slice(-20).reverse().map((point) => h("tr", {},
        cell(new Date(point.at * 1000).toLocaleTimeString()), cell(percent(point.canary)),
        cell(percent(point.ingress))))))));
}

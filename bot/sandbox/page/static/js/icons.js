// Signs of the page itself, drawn: the pictures of a font are missing on some machines.

import { svg } from "./dom.js";

const PATHS = {
  channel: "M6.5 2.5 5 13.5M11 2.5 9.5 13.5M2.5 5.8h11.5M2 10.2h11.5",
  lock: "M4 7.2h8v6.3H4zM5.6 7V5a2.4 2.4 0 0 1 4.8 0v2",
  home: "M2 8l6-5.5L14 8M4 6.8v6.7h8V6.8M6.8 13.5V9.8h2.4v3.7",
  mail: "M1.8 3.5h12.4v9H1.8zM2 4l6 5 6-5",
  eye: "M1 8s2.6-4.4 7-4.4S15 8 15 8s-2.6 4.4-7 4.4S1 8 1 8z"
    + "M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z",
  talk: "M2 2.8h12v8.4H7.6L4.4 14v-2.8H2zM5 5.8h6M5 8.3h4",
  send: "M2 2.5 14.5 8 2 13.5 3.6 8.8 9 8 3.6 7.2z",
  list: "M2.5 4h11M2.5 8h11M2.5 12h11",
  cluster: "M8 1.5 13.6 4.7v6.6L8 14.5l-5.6-3.2V4.7zM8 5.5v5M5.8 6.8l4.4 2.4M10.2 6.8 5.8 9.2",
  swap: "M2.5 5.5h10M9.5 2.5l3 3-3 3M13.5 10.5h-10M6.5 7.5l-3 3 3 3",
};

/** A sign; it says nothing to screen readers, what it stands beside does. */
export function icon(name, size = 16) {
  return svg("svg", { class: `icon icon-${name}`, viewBox: "0 0 16 16", width: size, height: size,
    "aria-hidden": "true", focusable: "false" }, svg("path", { d: PATHS[name] }));
}

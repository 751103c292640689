// The app's Home tab.

import { h } from "./dom.js";
import { send } from "./link.js";
import { HOME, place } from "./place.js";
import { forget, redraw } from "./redraw.js";
import { state, when } from "./state.js";
import { viewSpot } from "./views.js";

/** The tab; the app is told each time somebody looks. */
export function home() {
  const content = h("div", { class: "content" });
  const fault = h("p", { class: "press-fault", role: "alert" });
  const waiting = h("p", { class: "nothing" }, "The app has not published its Home tab yet.");
  const node = h("div", { class: "scroller home", tabindex: "0", role: "region",
    "aria-label": "Home tab", hidden: true }, fault, waiting, content);
  const spot = viewSpot(() => state.home, content, (text) => { fault.textContent = text; });
  const draw = () => {
    waiting.hidden = Boolean(state.home);
    redraw(content, state.home?.blocks ?? [], spot);
  };
  let looking = false;
  const look = async () => {
    const before = looking;
    looking = place.channel === HOME && state.online;
    if (!looking || before) return;
    const answer = await send({ do: "home" });
    fault.textContent = answer.ok ? "" : `⚠ ${answer.text}`;
  };
  when("home", draw);
  when("directory", () => {
    forget(content);
    draw();
  });
  when("place", look);
  when("online", look);
  return node;
}

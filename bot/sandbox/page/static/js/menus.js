// Small menus that open over everything: the dots of a message, the pods of the cluster, the
// switch of person. They are popovers: Escape and a press elsewhere close them.

import { fresh, h } from "./dom.js";

/**
 * A button that opens a menu.
 * @param {HTMLElement} button
 * @param {() => HTMLElement[]} items  made anew each time it opens; each has role menuitem
 * @param {{name: string, kind?: string}} how  its name for screen readers
 * @returns {HTMLElement} a wrapper with both
 */
export function menu(button, items, { name, kind = "" }) {
  const id = fresh("menu");
  const list = h("div", { id, class: `menu ${kind}`, role: "menu", "aria-label": name,
    popover: "auto" });
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", id);
  const follow = () => placeBelow(list, button);
  // `popovertarget` would do, were it not for the focus, which must go in and come back
  button.addEventListener("click", () => {
    if (list.matches(":popover-open")) list.hidePopover();
    else {
      list.replaceChildren(...items());
      list.showPopover();
      follow();
      focusable(list)[0]?.focus();
    }
  });
  list.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    button.setAttribute("aria-expanded", String(open));
    const listen = open ? addEventListener : removeEventListener;
    listen.call(window, "scroll", follow, true);
    listen.call(window, "resize", follow);
    if (!open && (list.contains(document.activeElement) || isLost())) button.focus();
  });
  list.addEventListener("keydown", (event) => moved(event, list));
  list.addEventListener("click", (event) => {
    if (event.target.closest('[role="menuitem"]')) list.hidePopover();
  });
  return h("span", { class: "menu-holder" }, button, list);
}

/** Hidden elements lose the focus to the body. */
function isLost() {
  return document.activeElement === document.body || document.activeElement === null;
}

function focusable(list) {
  return [...list.querySelectorAll('[role="menuitem"]')];
}

function moved(event, list) {
  const items = focusable(list);
  const here = items.indexOf(document.activeElement);
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Tab") list.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  items[(to + items.length) % items.length]?.focus();
}

/** Below the button if there is room, else above; never outside the window. */
function placeBelow(list, button) {
  const at = button.getBoundingClientRect();
  const { width, height } = list.getBoundingClientRect();
  const below = at.bottom + 4;
  const top = below + height > innerHeight - 8 ? Math.max(8, at.top - height - 4) : below;
  list.style.top = `${top}px`;
  list.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
}

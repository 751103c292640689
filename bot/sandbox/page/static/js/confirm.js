// The dialog that asks before a press counts.

import { fresh, h } from "./dom.js";
import { textNode } from "./words.js";

/**
 * Ask; what was said is told once.
 * @param {any} dialog  a confirmation dialog object of Block Kit
 * @returns {Promise<boolean>}
 */
export function ask(dialog) {
  const [title, effect] = [fresh("confirm"), fresh("effect")];
  const danger = dialog.style === "danger";
  return new Promise((resolve) => {
    const deny = h("button", { class: "button", value: "no" }, textNode(dialog.deny));
    const confirm = h("button", { class: `button ${danger ? "danger" : "primary"}`,
      value: "yes" }, textNode(dialog.confirm));
    // the focus rests on what changes nothing
    const box = h("dialog", { class: "confirm", "aria-labelledby": title, "aria-describedby": effect,
      closedby: "closerequest", onclose: () => {
        resolve(box.returnValue === "yes");
        box.remove();
      } },
    h("h2", { id: title }, textNode(dialog.title)),
    h("div", { id: effect, class: "confirm-text" }, textNode(dialog.text)),
    h("form", { method: "dialog", class: "row-end" }, deny, confirm));
    deny.autofocus = true;
    document.body.append(box);
    box.showModal();
  });
}

// The elements of Block Kit: what can be pressed, chosen and filled in.
//
// `spot` is where they stand, a message or a view:
//   spot.press(block, element, option)  the bare press leaves the page
//   spot.pin()                          a spot that keeps what stands on the screen now

import { ask } from "./confirm.js";
import { fresh, h } from "./dom.js";
import { menu } from "./menus.js";
import { inert, isLink } from "./text.js";
import { faulty, textNode, wordsOf } from "./words.js";

const ELEMENTS = {
  button, overflow, image, static_select: select, radio_buttons: choices, checkboxes: choices,
  plain_text_input: textInput,
};

/** Draw an element; one that is not known is drawn as an error. */
export function drawElement(element, block, spot) {
  const draw = Object.hasOwn(ELEMENTS, element.type) ? ELEMENTS[element.type] : null;
  if (!draw) return faulty(`Unknown element: ${element.type}`, element);
  const made = draw(element, block, spot);
  made.dataset.action = element.action_id ?? "";
  return made;
}

/** The one way out: ask if the app wants it so, then send what was on the screen when pressed. */
async function pressed(element, block, spot, { option, busy } = {}) {
  const { confirm } = element;
  const then = spot.pin();
  if (confirm && !(await ask(confirm))) return false;
  busy?.setAttribute("aria-busy", "true");
  await then.press(block, element, option);
  busy?.removeAttribute("aria-busy");
  return true;
}

function button(element, block, spot) {
  const style = element.style ? ` ${element.style}` : "";
  const made = h("button", { type: "button", class: `button${style}`,
    "aria-label": element.accessibility_label ? inert(element.accessibility_label) : null,
    onclick: async () => {
      if (made.getAttribute("aria-busy") === "true") return;
      await pressed(element, block, spot, { busy: made });
      if (element.url && isLink(element.url)) open(element.url, "_blank", "noopener,noreferrer");
    } }, textNode(element.text));
  return made;
}

function overflow(element, block, spot) {
  const dots = h("button", { type: "button", class: "button dots", "aria-label": "More actions" },
    h("span", { "aria-hidden": "true" }, "⋯"));
  const items = () => element.options.map((option) => h("button", { type: "button",
    role: "menuitem", tabindex: "-1", "data-value": option.value,
    onclick: () => {
      pressed(element, block, spot, { option: option.value, busy: dots });
      if (option.url && isLink(option.url)) open(option.url, "_blank", "noopener,noreferrer");
    } }, textNode(option.text), described(option)));
  return menu(dots, items, { name: "More actions" });
}

function described(option) {
  return option.description ? h("small", {}, textNode(option.description)) : null;
}

function image(element) {
  return picture(element, "image-element");
}

/** A picture; those that are elsewhere are not fetched, and told instead. */
export function picture(part, kind) {
  const target = String(part.image_url ?? "");
  if (/^data:image\/(?:png|gif|jpeg|webp);base64,/.test(target)
      || target.startsWith(`${location.origin}/`)) {
    return h("img", { class: kind, src: target, alt: inert(part.alt_text) });
  }
  const words = inert(part.alt_text);
  return h("span", { class: `${kind} not-fetched`, role: "img", "aria-label": words },
    h("span", {}, words),
    h("small", {}, `not fetched: ${inert(target).slice(0, 120)}`));
}

function select(element, block, spot) {
  const option = (one) => h("option", { value: one.value,
    selected: one.value === element.initial_option?.value }, wordsOf(one.text));
  const hint = element.placeholder ? wordsOf(element.placeholder) : "Choose…";
  let before = element.initial_option?.value ?? "";
  const made = h("select", { class: "select", "aria-label": inInput(block) ? null : hint,
    "data-block": block.block_id, "data-initial": before,
    onchange: async () => {
      if (!dispatches(block)) return;
      if (await pressed(element, block, spot, { option: made.value })) before = made.value;
      else made.value = before;
    } },
  h("option", { value: "", selected: !before }, hint),
  (element.options ?? []).map(option),
  (element.option_groups ?? []).map((group) =>
    h("optgroup", { label: wordsOf(group.label) }, group.options.map(option))));
  if (element.focus_on_load) made.autofocus = true;
  return made;
}

function choices(element, block, spot) {
  const many = element.type === "checkboxes";
  const name = fresh("choice");
  const initial = many ? element.initial_options ?? []
    : [element.initial_option].filter(Boolean);
  const chosen = new Set(initial.map((option) => option.value));
  const one = (option) => h("label", { class: "choice" },
    h("input", { type: many ? "checkbox" : "radio", name, value: option.value,
      checked: chosen.has(option.value),
      onchange: () => dispatches(block)
        && pressed(element, block, spot, { option: option.value }) }),
    h("span", {}, textNode(option.text), described(option)));
  return h("div", { class: "choices", role: many ? "group" : "radiogroup",
    "aria-label": inInput(block) ? null : "Choose", "data-block": block.block_id },
  element.options.map(one));
}

function textInput(element, block, spot) {
  const made = h(element.multiline ? "textarea" : "input", {
    class: "text-input", "data-block": block.block_id,
    rows: element.multiline ? "4" : null, type: element.multiline ? null : "text",
    autocomplete: "off", maxlength: element.max_length ?? 3000, minlength: element.min_length,
    placeholder: element.placeholder ? wordsOf(element.placeholder) : null,
    "aria-label": inInput(block) ? null : "Text",
    onkeydown: (event) => {
      if (event.key !== "Enter" || element.multiline || !block.dispatch_action) return;
      event.preventDefault();
      pressed(element, block, spot, { option: made.value });
    } });
  made.value = element.initial_value ?? "";
  if (element.focus_on_load) made.autofocus = true;
  return made;
}

function inInput(block) {
  return block.type === "input";
}

/** An input block only tells the app of each change if it asks for it. */
function dispatches(block) {
  return !inInput(block) || block.dispatch_action === true;
}

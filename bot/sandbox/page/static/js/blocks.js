// The blocks of Block Kit, one function each. Whatever cannot be drawn is shown as an error.

import { fresh, h } from "./dom.js";
import { drawElement, picture } from "./elements.js";
import { richText, table } from "./richtext.js";
import { faulty, textNode } from "./words.js";

const BLOCKS = {
  section, context, actions, input, image, table,
  divider: () => h("hr"),
  header: (block) => h("h3", { class: "header" }, textNode(block.text)),
  rich_text: richText,
};

/** Draw one block. */
export function drawBlock(block, spot) {
  const made = attempt(block, spot);
  made.classList.add("block", `block-${String(block.type).replace(/\W/g, "")}`);
  made.dataset.blockId = block.block_id ?? "";
  return made;
}

function attempt(block, spot) {
  if (!Object.hasOwn(BLOCKS, block.type)) return faulty(`Unknown block: ${block.type}`, block);
  try {
    return BLOCKS[block.type](block, spot);
  } catch (error) {
    return faulty(`This ${block.type} cannot be drawn: ${error.message}`, block);
  }
}

function section(block, spot) {
  const fields = (block.fields ?? []).map((field) => h("div", { class: "field" }, textNode(field)));
  return h("div", { class: "section" },
    h("div", { class: "section-text" },
      block.text ? textNode(block.text) : null,
      fields.length ? h("div", { class: "fields" }, fields) : null),
    block.accessory
      ? h("div", { class: "accessory" }, drawElement(block.accessory, block, spot)) : null);
}

function context(block, spot) {
  return h("div", { class: "context" }, block.elements.map((part) =>
    (part.type === "image" ? drawElement(part, block, spot) : textNode(part))));
}

function actions(block, spot) {
  return h("div", { class: "actions" },
    block.elements.map((element) => drawElement(element, block, spot)));
}

function image(block) {
  return h("figure", { class: "figure" },
    block.title ? h("figcaption", {}, textNode(block.title)) : null,
    picture(block, "image"));
}

/** A label, what is to be filled in, a hint, and room for what is wrong with it. */
function input(block, spot) {
  const [label, hint, fault] = [fresh("label"), fresh("hint"), fresh("fault")];
  const element = drawElement(block.element, block, spot);
  const isGroup = element.classList.contains("choices");
  if (isGroup) element.setAttribute("aria-labelledby", label);
  else element.id = fresh("input");
  element.setAttribute("aria-describedby", `${hint} ${fault}`);
  if (!block.optional && !isGroup) element.setAttribute("aria-required", "true");
  const words = [textNode(block.label),
    block.optional ? h("span", { class: "optional" }, " (optional)") : null];
  return h("div", { class: "input" },
    isGroup ? h("span", { class: "label", id: label }, words)
      : h("label", { class: "label", id: label, for: element.id }, words),
    element,
    h("p", { class: "fault", id: fault, "data-fault-of": block.block_id }),
    h("p", { class: "hint", id: hint }, block.hint ? textNode(block.hint) : null));
}

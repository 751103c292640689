// Showing newer blocks in the place of older ones. A block that did not change keeps its elements,
// and with them an open menu, the focus and what was typed; of one that did change they are put
// back where that makes sense.

import { drawBlock } from "./blocks.js";

const drawn = new WeakMap();

/** Forget what stands there, so that all of it is drawn anew: names may have changed. */
export function forget(container) {
  drawn.delete(container);
}

/** Let a container show these blocks. */
export function redraw(container, blocks, spot) {
  const before = drawn.get(container) ?? [];
  const left = new Map(before.map((one) => [one.json, one]));
  const after = blocks.map((block) => {
    const json = JSON.stringify(block);
    const kept = left.get(json);
    left.delete(json);
    return kept ?? { json, id: block.block_id, node: null, block };
  });
  const kept = remember([...left.values()]);
  for (const one of after) one.node ??= drawBlock(one.block, spot);
  place(container, after.map((one) => one.node));
  drawn.set(container, after);
  restore(container, kept);
}

/** Moving a node that already stands right would close its menu and lose its focus. */
function place(container, wanted) {
  const keep = new Set(wanted);
  for (const child of [...container.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((node, index) => {
    if (container.children[index] !== node) {
      container.insertBefore(node, container.children[index] ?? null);
    }
  });
}

/** What a person has done in blocks that are about to go. */
function remember(leaving) {
  const kept = { focus: null, menu: null, values: [] };
  for (const { node, id } of leaving) {
    const active = document.activeElement;
    if (node.contains(active)) {
      kept.focus = { id, action: actionOf(active), value: active.dataset.value ?? null };
    }
    const menu = node.querySelector(".menu:popover-open");
    if (menu) kept.menu = { id, action: actionOf(menu) };
    for (const field of node.querySelectorAll(".text-input, .select")) {
      if (field.value !== initialOf(field)) {
        kept.values.push({ id, action: actionOf(field), value: field.value });
      }
    }
  }
  return kept;
}

function initialOf(field) {
  return field.matches("select") ? field.dataset.initial : field.defaultValue;
}

function actionOf(node) {
  return node.closest("[data-action]")?.dataset.action ?? "";
}

function find(container, { id, action }) {
  const named = (name, value) => `[data-${name}="${CSS.escape(value)}"]`;
  return container.querySelector(`${named("block-id", id)} ${named("action", action)}`);
}

function restore(container, { focus, menu, values }) {
  for (const value of values) {
    const field = find(container, value);
    if (field) field.value = value.value;
  }
  const holder = menu && find(container, menu);
  if (holder) holder.querySelector("button").click();
  const focused = focus && find(container, focus);
  if (!focused) return;
  const item = focus.value && [...focused.querySelectorAll("[data-value]")]
    .find((one) => one.dataset.value === focus.value);
  const target = item ?? (focused.matches(".menu-holder") && !holder
    ? focused.querySelector("button") : focused);
  if (!holder || item) target.focus({ preventScroll: true });
}

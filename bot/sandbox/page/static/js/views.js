// What modals and the Home tab have in common: blocks whose presses belong to a view.

import { send } from "./link.js";

/** Where a press of a view goes to; it takes along what stands in the inputs. */
export function viewSpot(current, content, fault) {
  const spot = {
    pin: () => spot,
    async press(block, element, option = null) {
      const answer = await send({ do: "press-view", view: current().id, block: block.block_id,
        action: element.action_id, option, values: filledIn(content) });
      fault(answer.ok ? "" : answer.text);
    },
  };
  return spot;
}

/** What stands in the input blocks, by block_id; what was not chosen is left out. */
export function filledIn(content) {
  const values = {};
  for (const field of content.querySelectorAll(".block-input [data-block]")) {
    const value = valueOf(field);
    if (value !== null) values[field.dataset.block] = value;
  }
  return values;
}

function valueOf(field) {
  if (field.matches("input, textarea")) return field.value;
  if (field.matches("select")) return field.value || null;
  const chosen = [...field.querySelectorAll("input:checked")].map((one) => one.value);
  if (field.querySelector("input[type=checkbox]")) return chosen;
  return chosen[0] ?? null;
}

/** The required inputs in which nothing stands, by block_id. */
export function missing(content) {
  const faults = {};
  for (const input of content.querySelectorAll(".block-input")) {
    const field = input.querySelector("[data-block]");
    const value = field && valueOf(field);
    const empty = value === null || value.length === 0
      || (typeof value === "string" && !value.trim());
    if (field && empty && !input.querySelector(".optional")) {
      faults[field.dataset.block] = "Please complete this required field.";
    }
  }
  return faults;
}

/** Write faults under their inputs, and go to the first. */
export function showFaults(content, faults) {
  let first = null;
  for (const place of content.querySelectorAll(".fault")) {
    const text = faults[place.dataset.faultOf] ?? "";
    const input = place.closest(".block-input");
    const field = input.querySelector("[data-block]");
    place.textContent = text;
    input.classList.toggle("faulted", Boolean(text));
    if (text) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
    if (text) first ??= field;
  }
  const target = first?.matches(".choices") ? first.querySelector("input") : first;
  target?.focus();
}

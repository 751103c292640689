// Levers: drawn from the server's table, so that a new one needs nothing here.

import { fresh, h } from "./dom.js";
import { send } from "./link.js";
import { menu } from "./menus.js";

/** Pull one, and tell how it went. */
async function pull(lever, names, fields, tell) {
  const answer = await send({ do: "pull", lever: lever.id, arguments: { ...names, ...fields } });
  tell(answer.text ?? "Done.", answer.ok);
}

/** The levers of one thing: plain ones in a row of buttons, those with fields as forms. */
export function leversOf(levers, names, tell, of) {
  const plain = levers.filter((lever) => !lever.fields.length);
  const forms = levers.filter((lever) => lever.fields.length);
  return [
    forms.map((lever) => form(lever, names, tell)),
    plain.length ? h("div", { class: "levers" },
      plain.map((lever) => button(lever, names, tell, of))) : null,
  ];
}

function button(lever, names, tell, of) {
  const made = h("button", { type: "button", class: `lever ${lever.danger ? "danger" : ""}`,
    title: lever.about, "aria-label": `${lever.label}: ${of}`, "data-lever": lever.id,
    onclick: async () => {
      if (made.getAttribute("aria-busy") === "true") return;
      made.setAttribute("aria-busy", "true");
      await pull(lever, names, {}, tell);
      made.removeAttribute("aria-busy");
    } }, lever.label);
  return made;
}

function form(lever, names, tell) {
  const inputs = lever.fields.map((field) => ({ field, input: inputOf(field) }));
  const go = h("button", { type: "submit", class: `lever ${lever.danger ? "danger" : ""}`,
    title: lever.about, "data-lever": lever.id }, lever.label);
  return h("form", { class: "lever-form", novalidate: true, onsubmit: async (event) => {
    event.preventDefault();
    const fields = {};
    for (const { field, input } of inputs) {
      fields[field.name] = field.kind === "number" && input.value !== ""
        ? Number(input.value) : input.value;
    }
    await pull(lever, names, fields, tell);
  } }, inputs.map(({ field, input }) => h("label", { for: input.id }, h("span", {}, field.label),
    input)), go);
}

function inputOf(field) {
  const id = fresh("lever");
  if (field.kind === "choice") {
    return h("select", { id, class: "select" }, field.choices.map((one) =>
      h("option", { value: one }, one)));
  }
  const number = field.kind === "number";
  return h("input", { id, class: "text-input", type: number ? "number" : "text",
    min: number ? field.least : null, max: number ? field.most : null, step: number ? "1" : null,
    placeholder: field.hint, autocomplete: "off", required: true });
}

/** The levers of a small thing, behind the thing itself. */
export function leverMenu(chip, levers, names, tell, name) {
  return menu(chip, () => levers().map((lever) => h("button", { type: "button", role: "menuitem",
    tabindex: "-1", "data-lever": lever.id, onclick: () => pull(lever, names, {}, tell) },
  h("b", {}, lever.label), h("small", {}, lever.about))), { name });
}

// Modals: the stack that stands open for this person. A dialog that is open is only touched where
// the app shows something new in it; what was typed stays.

import { fresh, h } from "./dom.js";
import { send } from "./link.js";
import { redraw } from "./redraw.js";
import { state, when } from "./state.js";
import { inert } from "./text.js";
import { filledIn, missing, showFaults, viewSpot } from "./views.js";

const open = new Map();

/** Keep what is on the screen like the stack. */
export function modals() {
  when("modals", () => {
    const wanted = new Set(state.modals.map((view) => view.id));
    for (const [id, modal] of open) {
      if (!wanted.has(id)) {
        open.delete(id);
        modal.leave();
      }
    }
    for (const view of state.modals) {
      const known = open.get(view.id);
      if (known) known.show(view);
      else open.set(view.id, new Modal(view));
    }
    const top = state.modals.at(-1)?.id;
    for (const [id, modal] of open) modal.box.classList.toggle("below", id !== top);
  });
}

class Modal {
  constructor(view) {
    const title = fresh("modal");
    this.title = h("h2", { id: title });
    this.content = h("div", { class: "modal-content" });
    this.fault = h("p", { class: "press-fault", role: "alert" });
    this.foot = h("div", { class: "row-end" });
    const cross = h("button", { type: "button", class: "close", "aria-label": "Close",
      onclick: () => this.close(open.size > 1) }, "✕");
    const form = h("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.submit();
    } }, h("header", {}, this.title, cross),
    h("div", { class: "modal-scroll" }, this.fault, this.content), this.foot);
    this.box = h("dialog", { class: "modal", "aria-labelledby": title, oncancel: (event) => {
      event.preventDefault();
      this.close(false);
    } }, form);
    this.spot = viewSpot(() => this.view, this.content, (text) => this.tell(text));
    this.show(view);
    document.body.append(this.box);
    this.focusFirst();
    this.box.showModal();
  }

  /** Show the view, or its newer version; the same one is left alone. */
  show(view) {
    if (this.view?.hash === view.hash) return;
    this.view = view;
    this.title.textContent = inert(view.title);
    redraw(this.content, view.blocks, this.spot);
    this.describe();
    const close = h("button", { type: "button", class: "button",
      onclick: () => this.close(false) }, inert(view.close ?? "Cancel"));
    this.submitter = view.submit === null || view.submit === undefined ? null
      : h("button", { type: "submit", class: "button primary",
        disabled: view.submit_disabled }, inert(view.submit));
    this.foot.replaceChildren(close, ...(this.submitter ? [this.submitter] : []));
  }

  /** What it says before anything is filled in is read aloud when it opens. */
  describe() {
    const said = [...this.content.querySelectorAll(":scope > .block-section .section-text")];
    for (const one of said) one.id ||= fresh("said");
    this.box.setAttribute("aria-describedby", said.map((one) => one.id).join(" "));
  }

  /** The first thing to fill in, not the cross that closes it all. */
  focusFirst() {
    const field = this.content.querySelector("[autofocus]")
      ?? this.content.querySelector(".block-input :is(input, textarea, select)")
      ?? this.submitter ?? this.foot.querySelector("button");
    field.autofocus = true;
  }

  async submit() {
    if (!this.submitter || this.box.getAttribute("aria-busy") === "true") return;
    const faults = missing(this.content);
    showFaults(this.content, faults);
    this.tell("");
    if (Object.keys(faults).length) return;
    this.box.setAttribute("aria-busy", "true");
    const answer = await send({ do: "submit", view: this.view.id,
      values: filledIn(this.content) });
    this.box.removeAttribute("aria-busy");
    if (answer.ok) showFaults(this.content, answer.errors ?? {});
    else this.tell(answer.text);
  }

  async close(everything) {
    const answer = await send({ do: "close", view: this.view.id, everything });
    // an app that does not answer cannot keep a modal open, a lost connection can
    if (!answer.ok && open.get(this.view.id) === this) this.tell(answer.text);
  }

  tell(text) {
    this.fault.textContent = text ? `⚠ ${text}` : "";
  }

  leave() {
    this.box.close();
    this.box.remove();
  }
}

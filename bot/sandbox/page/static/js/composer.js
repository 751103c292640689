// The box below a channel or a thread: commands with completion and history, and messages.

import { completions } from "./complete.js";
import { fresh, h } from "./dom.js";
import { icon } from "./icons.js";
import { send } from "./link.js";
import { state } from "./state.js";

const MOST = 50;

/** Lines that somebody has sent, oldest first; they outlive the page. */
const past = {
  key: () => `sent-by-${state.you}`,
  lines() {
    try {
      return JSON.parse(localStorage.getItem(this.key())) ?? [];
    } catch {
      return [];  // storage may be shut, and its content is anybody's
    }
  },
  add(line) {
    const lines = [...this.lines().filter((one) => one !== line), line].slice(-MOST);
    try {
      localStorage.setItem(this.key(), JSON.stringify(lines));
    } catch {
      // then there is no history
    }
  },
};

/** One box; `where` tells the channel and thread to which it sends. */
export class Composer {
  constructor({ label, where }) {
    const list = fresh("completions");
    this.where = where;
    this.options = [];
    this.chosen = -1;
    this.back = 0;
    this.list = h("ul", { id: list, class: "completions", role: "listbox", hidden: true,
      "aria-label": "Completions" });
    this.box = h("textarea", { class: "composer-box", rows: "1", "aria-label": label,
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": list, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
      oninput: () => this.typed(), onkeydown: (event) => this.pressed(event),
      onblur: () => this.close() });
    this.fault = h("p", { class: "composer-fault", role: "alert" });
    this.go = h("button", { type: "button", class: "send", "aria-label": "Send", disabled: true,
      onclick: () => this.send() }, icon("send", 18));
    this.node = h("div", { class: "composer" }, this.list,
      h("div", { class: "composer-frame" }, this.box, this.go), this.fault);
  }

  hint(words) {
    this.box.placeholder = words;
  }

  /** Let something stand in the box, ready to be sent. */
  fill(text) {
    this.box.value = text;
    this.box.focus();
    this.typed();
  }

  typed() {
    this.back = 0;
    this.fit();
    this.offer(completions(this.box.value));
  }

  fit() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 160)}px`;
    this.go.disabled = !this.box.value.trim();
    this.fault.textContent = "";
  }

  // --- completion -----------------------------------------------------------------------------

  offer(options) {
    this.options = options;
    this.chosen = -1;
    this.list.hidden = options.length === 0;
    this.box.setAttribute("aria-expanded", String(options.length > 0));
    this.box.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(...options.map((option, index) => h("li", {
      id: `${this.list.id}-${index}`, role: "option", "aria-selected": "false",
      // before the box loses the focus, and with it this list
      onpointerdown: (event) => {
        event.preventDefault();
        this.take(index);
      } }, h("b", {}, option.shown), h("span", {}, option.about))));
  }

  close() {
    this.offer([]);
  }

  choose(index) {
    const count = this.options.length;
    this.chosen = (index + count) % count;
    [...this.list.children].forEach((item, at) =>
      item.setAttribute("aria-selected", String(at === this.chosen)));
    const item = this.list.children[this.chosen];
    this.box.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  take(index) {
    this.box.value = this.options[index].line;
    this.typed();
  }

  // --- keys -----------------------------------------------------------------------------------

  pressed(event) {
    if (event.isComposing) return;
    const open = this.options.length > 0;
    const act = {
      Enter: () => !event.shiftKey && (open && this.chosen >= 0 ? () => this.take(this.chosen)
        : () => this.send()),
      Tab: () => open && !event.shiftKey && (() => this.take(Math.max(0, this.chosen))),
      Escape: () => open && (() => this.close()),
      ArrowDown: () => (open ? () => this.choose(this.chosen + 1)
        : this.back > 0 && (() => this.recall(this.back - 1))),
      ArrowUp: () => (open ? () => this.choose(this.chosen < 0 ? -1 : this.chosen - 1)
        : (this.back > 0 || !this.box.value) && (() => this.recall(this.back + 1))),
    }[event.key]?.();
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** Bring back what was sent so many lines ago; nothing: the empty box. */
  recall(back) {
    const lines = past.lines();
    this.back = Math.min(back, lines.length);
    this.box.value = this.back ? lines[lines.length - this.back] : "";
    this.fit();
    this.close();
  }

  async send() {
    const text = this.box.value.trim();
    if (!text) return;
    past.add(text);
    this.box.value = "";
    this.back = 0;
    this.fit();
    this.close();
    const answer = await send({ do: "type", text, ...this.where() });
    if (answer.ok) return;
    this.fault.textContent = answer.text;
    if (!this.box.value) this.box.value = text;
    this.go.disabled = false;
  }
}

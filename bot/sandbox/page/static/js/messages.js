// A list of messages: only what changed is touched, and who reads at the end stays there.

import { h } from "./dom.js";
import { drawMessage, refresh, update } from "./message.js";
import { dayName, dayOf, momentOf } from "./times.js";

const TOGETHER = 5 * 60;
const NEAR = 60;

/** Messages in a scrolling box, keyed by ts. */
export class Messages {
  /** @param {{label: string, inThread?: boolean}} how */
  constructor({ label, inThread = false }) {
    this.inThread = inThread;
    this.nodes = new Map();
    this.list = h("ol", { class: "messages", role: "list" });
    this.intro = h("div", { class: "intro" });
    this.more = h("button", { type: "button", class: "more-below", hidden: true,
      onclick: () => this.toEnd() }, "New messages ↓");
    this.box = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": label },
      this.intro, this.list);
    this.node = h("div", { class: "scroller-holder" }, this.box, this.more);
    this.box.addEventListener("scroll", () => {
      this.atEnd = this.isAtEnd();
      if (this.atEnd) this.more.hidden = true;
    }, { passive: true });
    // a picture, a narrower window, a longer card: who was at the end stays at the end
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.list);
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.box);
    this.atEnd = true;
  }

  /** Show other messages than before: another channel, another thread. */
  reset(label) {
    this.nodes.clear();
    this.list.replaceChildren();
    this.more.hidden = true;
    this.atEnd = true;
    this.box.setAttribute("aria-label", label);
  }

  /** Draw all of it again: a name has changed. */
  refresh() {
    for (const node of this.nodes.values()) refresh(node);
  }

  /** Show these messages, oldest first. */
  show(messages) {
    const newest = [...this.nodes.keys()].at(-1);
    const wanted = [];
    let before = null;
    for (const message of messages) {
      const node = this.nodeOf(message);
      const at = momentOf(message.ts);
      if (!this.inThread && (!before || dayOf(momentOf(before.ts)) !== dayOf(at))) {
        wanted.push(this.dayOf(at));
        before = null;
      }
      node.classList.toggle("follows", isTogether(before, message));
      wanted.push(node);
      before = message;
    }
    this.place(wanted);
    this.nodes = new Map(messages.map((message) => [message.ts, this.nodes.get(message.ts)]));
    const last = messages.at(-1)?.ts;
    if (this.atEnd) this.toEnd();
    else if (last && newest && Number(last) > Number(newest)) this.more.hidden = false;
  }

  nodeOf(message) {
    const known = this.nodes.get(message.ts);
    if (known) update(known, message);
    else this.nodes.set(message.ts, drawMessage(message, { inThread: this.inThread }));
    return this.nodes.get(message.ts);
  }

  dayOf(date) {
    const day = dayOf(date);
    const known = this.list.querySelector(`[data-day="${day}"]`);
    return known ?? h("li", { class: "day", "data-day": day }, h("span", {}, dayName(date)));
  }

  /** Nothing that stands right is moved: that would close menus and lose the focus. */
  place(wanted) {
    const keep = new Set(wanted);
    for (const child of [...this.list.children]) if (!keep.has(child)) child.remove();
    wanted.forEach((node, index) => {
      const here = this.list.children[index];
      if (here !== node) this.list.insertBefore(node, here ?? null);
    });
  }

  isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.box;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
    this.more.hidden = true;
  }
}

/** Slack leaves avatar and name out of what the same person says right after. */
function isTogether(before, message) {
  return Boolean(before) && before.user === message.user && !before.replies && !message.broadcast
    && !before.ephemeral && !message.ephemeral
    && Number(message.ts) - Number(before.ts) < TOGETHER;
}

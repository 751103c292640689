// Who is who: ids to the names that people read.

import { state } from "./state.js";
import { titled, unescaped } from "./text.js";

const SLACKBOT = "USLACKBOT";

export const names = {
  /** @param {string} id */
  user(id) {
    if (id === SLACKBOT) return "Slackbot";
    const person = state.directory.people[id];
    if (!person) return id;
    return person.bot ? person.name : titled(person.name);
  },
  group(id, label = "") {
    const handle = state.directory.groups[id];
    return handle ? `@${handle}` : unescaped(label) || `@${id}`;
  },
  channel(id, label = "") {
    return state.directory.channels[id] ?? (unescaped(label) || id);
  },
  isMe: (id) => id === state.you,
  isApp: (id) => Boolean(state.directory.people[id]?.bot) || id === SLACKBOT,
  role(id) {
    const person = state.directory.people[id];
    return person?.role || (person?.guest ? "guest" : "member");
  },
};

// What a line may go on with: the command, its verbs, the rollouts that are there.

import { state } from "./state.js";
import { inert } from "./text.js";

const MOST = 8;
/** Verbs after which no rollout is named. */
const NAMELESS = new Set(["help", "digest", "list", "who"]);

/**
 * @param {string} line
 * @returns {{line: string, shown: string, about: string}[]}
 */
export function completions(line) {
  if (!line.startsWith("/") || line.includes("\n")) return [];
  const words = line.split(" ");
  if (words.length === 1) return command(line);
  if (words[0] !== state.command) return [];
  if (words.length === 2) return verbs(words[1]);
  if (words.length === 3) return targets(words[1], words[2]);
  return [];
}

function command(start) {
  const { command: name } = state;
  if (!name.startsWith(start)) return [];
  return [{ line: `${name} `, shown: name, about: "releases: see them, move them" }];
}

function verbs(start) {
  return Object.entries(state.verbs)
    .filter(([verb]) => verb.startsWith(start) && verb !== start)
    .map(([verb, about]) => ({ line: `${state.command} ${verb} `, shown: verb, about }));
}

function targets(verb, start) {
  if (verb === "help") {
    return Object.entries(state.verbs).filter(([name]) => name.startsWith(start) && name !== start)
      .map(([name, about]) => ({ line: `${state.command} help ${name}`, shown: name, about }));
  }
  if (NAMELESS.has(verb) && !start) return [];
  return [...state.rollouts.values()]
    .map((rollout) => ({ rollout, key: inert(`${rollout.namespace}/${rollout.name}`) }))
    .filter(({ rollout, key }) => key !== start
      && (key.startsWith(start) || rollout.name.startsWith(start)))
    .slice(0, MOST)
    .map(({ rollout, key }) => ({ line: `${state.command} ${verb} ${key}`, shown: key,
      about: inert(`${rollout.phase} ${rollout.message}`) }));
}

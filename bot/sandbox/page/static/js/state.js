// What the server has told, and who wants to know when it changes. Nothing here draws.

export const state = {
  you: "",
  command: "/rollout",
  verbs: {},
  levers: [],
  online: false,
  directory: { app: "", people: {}, groups: {}, channels: {} },
  channels: [],
  /** @type {Map<string, any>} by channel and ts */
  messages: new Map(),
  modals: [],
  home: null,
  rollouts: new Map(),
  order: [],
  system: {},
};

const listeners = new Map();

/** Call back when something of a kind has changed. */
export function when(topic, callback) {
  listeners.set(topic, [...(listeners.get(topic) ?? []), callback]);
}

/** Tell that something of a kind has changed. */
export function tell(topic, detail) {
  for (const callback of listeners.get(topic) ?? []) callback(detail);
}

const keyOf = (message) => `${message.channel} ${message.ts}`;

/** Take in a frame of the server. */
export function apply(frame) {
  if (frame.type === "hello") {
    Object.assign(state, { you: frame.you, command: frame.command, verbs: frame.verbs,
      levers: frame.levers });
    tell("hello");
  } else if (frame.type === "snapshot") {
    snapshot(frame);
  } else if (frame.type === "changes") {
    changes(frame);
  } else if (frame.type === "cluster") {
    cluster(frame);
  }
}

/** All of it: what is not told any more is gone. */
function snapshot(frame) {
  const before = state.messages;
  state.messages = new Map();
  const told = (frame.messages ?? []).map((message) => {
    // an unchanged message stays the same object, and so is not drawn again
    const old = before.get(keyOf(message));
    const same = old && JSON.stringify(old) === JSON.stringify(message);
    state.messages.set(keyOf(message), same ? old : message);
    return message;
  });
  const gone = [...before.values()].filter((message) => !state.messages.has(keyOf(message)));
  // who comes back to the same people keeps open menus: names that stay need no drawing
  const renamed = JSON.stringify(state.directory) !== JSON.stringify(frame.directory);
  Object.assign(state, { directory: frame.directory, channels: frame.channels,
    modals: frame.modals, home: frame.home });
  if (renamed) tell("directory");
  tell("channels");
  tell("messages", { told, gone, fresh: [] });
  tell("modals");
  tell("home");
}

function changes(frame) {
  if (frame.directory) {
    state.directory = frame.directory;
    tell("directory");
  }
  if (frame.channels) {
    state.channels = frame.channels;
    tell("channels");
  }
  const told = frame.messages ?? [];
  const gone = frame.gone ?? [];
  const fresh = told.filter((message) => !state.messages.has(keyOf(message)));
  for (const message of told) state.messages.set(keyOf(message), message);
  for (const message of gone) state.messages.delete(keyOf(message));
  if (told.length || gone.length) tell("messages", { told, gone, fresh });
  if (frame.modals) {
    state.modals = frame.modals;
    tell("modals");
  }
  if ("home" in frame) {
    state.home = frame.home;
    tell("home");
  }
}

function cluster(frame) {
  const known = state.rollouts;
  for (const rollout of frame.rollouts) {
    known.set(`${rollout.namespace}/${rollout.name}`, rollout);
  }
  state.rollouts = new Map(frame.order.filter((key) => known.has(key))
    .map((key) => [key, known.get(key)]));
  state.system = frame.system;
  tell("cluster");
}

/** The messages of a channel itself, or of one of its threads, oldest first. */
export function messagesOf(channel, thread = null) {
  const belongs = (message) => {
    if (message.channel !== channel) return false;
    if (thread) return message.ts === thread || message.thread === thread;
    return !message.thread || message.thread === message.ts || message.broadcast;
  };
  return [...state.messages.values()].filter(belongs)
    .sort((one, other) => Number(one.ts) - Number(other.ts) || (one.ts < other.ts ? -1 : 1));
}

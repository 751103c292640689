// Where people are on the page: which channel, which thread, which pane of a phone. It stands in
// the address, so that a page which is loaded again shows the same.

import { state, tell } from "./state.js";

export const HOME = "home";

export const place = { channel: "", thread: "", pane: "talk" };

/** Read the address. */
export function readAddress() {
  const [channel = "", thread = ""] = decodeURIComponent(location.hash.slice(1)).split("/");
  Object.assign(place, { channel, thread });
}

/** Be where something is to be seen: what the address names may be gone. */
export function settle() {
  const known = state.channels.some((channel) => channel.id === place.channel);
  if (place.channel !== HOME && !known) {
    place.channel = state.channels.find((channel) => !channel.direct)?.id ?? HOME;
    place.thread = "";
  }
}

/** Go to a channel, or to the app's Home tab. */
export function goTo(channel) {
  go({ channel, thread: "", pane: "talk" });
}

/** Open a thread, or close it. */
export function openThread(thread) {
  go({ thread, pane: "talk" });
}

/** On a phone: show the list of channels, the talk, or the cluster. */
export function showPane(pane) {
  go({ pane });
}

function go(where) {
  Object.assign(place, where);
  const hash = [place.channel, place.thread].filter(Boolean).join("/");
  history.replaceState(null, "", `${location.pathname}${location.search}#${hash}`);
  tell("place");
}

/** The channel in front of the person; undefined: the Home tab. */
export function channelHere() {
  return state.channels.find((channel) => channel.id === place.channel);
}

// Making elements. Text only ever becomes a text node: nothing that people or the cluster say can
// become markup.

/**
 * Make an element.
 * @param {string} tag
 * @param {Object<string, any>} props  attributes; `on…` are listeners; null and false: left out
 * @param {...any} kids  nodes, text, or lists of them
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...kids) {
  return filled(document.createElement(tag), props, kids);
}

/** Make an SVG element. */
export function svg(tag, props = {}, ...kids) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), props, kids);
}

function filled(element, props, kids) {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value);
    }
  }
  element.append(...nodes(kids));
  return element;
}

/** Lists flattened, and what is not there left out. */
export function nodes(kids) {
  return kids.flat(Infinity).filter((kid) => kid !== null && kid !== undefined && kid !== false);
}

let count = 0;

/** A name that no other element has. */
export function fresh(prefix) {
  count += 1;
  return `${prefix}-${count}`;
}

/** Tell screen readers something, once. */
export function announce(text) {
  const news = document.getElementById("news");
  // the same sentence twice is only read twice if the node is a new one
  news.replaceChildren(h("p", {}, text));
}

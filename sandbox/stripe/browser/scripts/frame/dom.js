/**
 * Make an element. Values become properties where the element has them, else attributes; `undefined` is left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{[name: string]: any}} [values]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, values = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (name in element) Object.assign(element, { [name]: value });
    else element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * @param {string} name A file in `images`, without its ending.
 * @param {string} [className]
 * @returns {HTMLImageElement}
 */
export function picture(name, className = "Icon") {
  return make("img", { src: `/elements/${name}.svg`, alt: "", className, width: 28, height: 19 });
}

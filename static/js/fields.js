/** What a form sends when a script sends it: as the browser would, without room for files, which the shop takes none of. */

/**
 * @param {HTMLFormElement} form
 * @param {string} action what the button that was not pressed would have said
 * @returns {URLSearchParams}
 */
export function fieldsOf(form, action) {
  const found = new URLSearchParams();
  new FormData(form).forEach((value, name) => found.append(name, String(value)));
  found.set("action", action);
  return found;
}

// @ts-check

const PAUSE_MS = 2000;

/**
 * Asks for a region's HTML every two seconds while the page is visible and puts it in place when it has changed.
 * Focus and open details are left alone: while one of them is inside, the region waits.
 * @param {HTMLElement} region its `data-live` is the address of its content
 * @param {(root: ParentNode) => void} prepare runs on new content
 */
export function keepFresh(region, prepare) {
  const address = region.dataset.live ?? "";
  let shown = "";

  async function refresh() {
    if (document.hidden || isBusy(region)) return;
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const html = await answer.text();
    if (html !== shown && !isBusy(region)) {
      region.innerHTML = html;
      prepare(region);
    }
    shown = html;
  }

  // The sandbox may be restarting: the next turn tries again.
  const turn = () => refresh().catch(() => undefined).finally(() => window.setTimeout(turn, PAUSE_MS));
  void turn();
}

/** @param {HTMLElement} region */
function isBusy(region) {
  return region.contains(document.activeElement) || region.querySelector("details[open]") !== null;
}

// When the browser has nothing better to do.

/** The longest wait, in milliseconds: what is put off must come even where the page is never idle. */
const WAIT_MS_MAX = 2_000;

/** Waits until the browser is idle; where it cannot tell (Safari), until it has drawn once. */
export function idle(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(() => resolve(), { timeout: WAIT_MS_MAX });
    else requestAnimationFrame(() => setTimeout(resolve));
  });
}

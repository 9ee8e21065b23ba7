// Waits for a device that its owner let start again.

const SOON_MS = 2000, AGAIN_MS = 1000; // as soon as it is asked, the old process still answers

/** Go to where one logs in as soon as the device answers again. */
export function awaitReturn(wait = SOON_MS) {
  setTimeout(async () => {
    const there = await fetch("/healthz").then((answer) => answer.ok).catch(() => false);
    if (there) location.assign("/login");
    else awaitReturn(AGAIN_MS);
  }, wait);
}

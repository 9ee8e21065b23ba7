// The live picture, with words in its place as long as there is none.

const AGAIN_MS = 5000;

/** Show the stream in the image `picture`, and `missing` instead while it cannot be had; none to a page nobody sees. */
export function watch(picture, missing) {
  const begin = () => { if (!document.hidden) picture.src = `/api/v1/live/stream?${Date.now()}`; };
  picture.addEventListener("load", () => { missing.hidden = true; });
  picture.addEventListener("error", () => {
    missing.hidden = false;
    setTimeout(begin, AGAIN_MS);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) picture.removeAttribute("src");
    begin();
  });
  // A stream that begins before the page is loaded would keep the browser loading for ever.
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin);
}

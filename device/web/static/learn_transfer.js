// Bringing labelled pictures in: the file goes up with its progress, then the device looks at it.

import { toast } from "./dom.js";
import { percent } from "./format.js";
import { say, t } from "./texts.js";

/** Let the form send a ZIP file; `watch` shows what becomes of it. */
export function wireImport(form, watch) {
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = new URLSearchParams({ whole: form.elements.whole.checked, replace: form.elements.replace.checked });
    if (form.elements.task.value) query.set("task", form.elements.task.value);
    send(form, `/api/v1/learning/import?${query}`, watch);
  });
}

/** XMLHttpRequest, for fetch does not tell how far an upload is. */
function send(form, address, watch) {
  const button = form.querySelector("button.main"), words = button.textContent;
  const request = new XMLHttpRequest();
  const over = (text, kind) => {
    button.disabled = false;
    button.textContent = words;
    toast(text, kind);
  };
  request.open("POST", address);
  request.responseType = "json";
  request.setRequestHeader("X-CSRF-Token", document.querySelector("meta[name=csrf]").content);
  request.setRequestHeader("Content-Type", "application/zip");
  request.upload.addEventListener("progress", ({ loaded, total }) => { button.textContent = t("learn.transfer.sending", { share: percent(loaded / Math.max(total, 1)) }); });
  request.addEventListener("error", () => over(t("frame.frame.offline"), "fault"));
  request.addEventListener("load", async () => {
    const well = request.status === 202;
    over(well ? t("learn.transfer.sent") : say(request.response?.detail ?? request.statusText), well ? "info" : "fault");
    if (well) form.reset();
    await watch();
  });
  button.disabled = true;
  request.send(form.elements.file.files[0]);
}

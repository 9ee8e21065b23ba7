// Teaching, and long work as it stands: it goes on though the page is closed.

import { ask } from "./api.js";
import { element, find, toast } from "./dom.js";
import { duration, moment, percent } from "./format.js";
import { say, t } from "./texts.js";

const administers = document.querySelector("meta[name=scope]").content === "admin";
const SHORT = ["heads", "gallery"];

/** Show the latest errand; `watch` is called after it was stopped. */
export function showErrand(place, errand, watch) {
  const shown = errand && !(SHORT.includes(errand.kind) && errand.state !== "running");
  place.replaceChildren(...(shown ? lines(errand, watch) : []));
  for (const button of find("teach")?.querySelectorAll("button") ?? []) button.disabled = errand?.state === "running";
}

function lines(errand, watch) {
  const what = t(`learn.errand.${errand.kind}`);
  if (errand.state === "running") {
    return [
      element("div", { class: "row apart" }, element("strong", {}, what), element("span", { class: "soft" }, since(errand))),
      element("progress", { max: 1, value: errand.progress, "aria-label": `${what}: ${percent(errand.progress)}` }),
      administers ? element("div", { class: "row end" }, element("button", { type: "button", class: "quiet", onclick: () => stop(watch) }, t("learn.errand.stop"))) : null,
    ].filter(Boolean);
  }
  if (errand.state === "failed") return [element("p", { class: "notice fault" }, `${what}: ${say(errand.fault)}`)];
  if (errand.state === "stopped") return [element("p", { class: "notice" }, `${what}: ${t("learn.errand.stopped")}`)];
  return [element("p", { class: "notice good" }, told(errand, what))];
}

function since({ began, progress }) {
  const passed = began === null ? 0 : Math.max(Date.now() / 1000 - began, 0);
  return `${percent(progress)} · ${duration(passed)}`;
}

function told({ kind, told: done, ended }, what) {
  if (kind === "import") return t("learn.errand.imported", { views: done.views, labels: done.labels, known: done.known });
  if (kind === "train") {
    const title = `${done.name}/${done.version}`;
    return done.in_use ? t("learn.errand.in_use", { title }) : t("learn.errand.on_trial", { title, other: done.instead_of });
  }
  return `${what}: ${t("learn.errand.done", { when: moment(ended) })}`;
}

async function stop(watch) {
  await ask("learning/errand/stop");
  await watch();
}

/** Let the form teach the task that is chosen. */
export function wireTeaching(form, task, watch) {
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const ratio = (name) => Number(form.elements[name].value) / 100;
    const keep = event.submitter?.value !== "no";
    const wanted = { task: task(), keep, alpha: ratio("alpha"), delta: ratio("delta"), patience: ratio("patience") };
    if (await ask("learning/lessons", "POST", { ...wanted, activate: keep && form.elements.activate.checked })) {
      toast(t("learn.teach.begun"));
      await watch();
    }
  });
}

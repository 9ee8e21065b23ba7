// What there is to learn from, and what is still needed for which promise.

import { element } from "./dom.js";
import { say, t, word } from "./texts.js";

/** Fill `place` with the counts of one task. */
export function showStock(place, stock, name) {
  const task = stock.tasks.find((each) => each.task === name);
  const most = Math.max(...Object.values(task.labels), 1);
  place.replaceChildren(
    element("p", { class: "soft small" }, t("learn.stock.all", stock)),
    Object.keys(task.labels).length
      ? element("dl", { class: "counts" }, Object.entries(task.labels).flatMap(([label, count]) => row(label, count, most)))
      : element("p", {}, t("learn.stock.none")),
    ...task.absent.map((label) => element("p", { class: "notice" }, t("learn.stock.absent", { label: labelled(label) }))),
    ...(task.teachable ? task.promises.map((each) => awaited(each, task)) : []),
    ...stock.remarks.map((each) => element("p", { class: "soft small" }, say(each))),
  );
}

export function labelled(label) {
  return word(`learn.label.${label}`, label);
}

function row(label, count, most) {
  return [
    element("dt", {}, labelled(label)),
    element("dd", {}, element("progress", { max: most, value: count, "aria-label": labelled(label) })),
    element("dd", { class: "figure" }, t("learn.stock.visits", { count })),
  ];
}

function awaited({ light, n, needed, missing }, task) {
  const kind = `learn.missing.${task.task}`;
  const words = missing ? t(kind, { count: missing }) : t("learn.stock.enough", { count: n });
  return element("div", { class: "awaited" },
    element("div", { class: "row apart" }, element("strong", {}, t(`learn.light.${light}`)), element("span", {}, words)),
    element("progress", { max: needed, value: Math.min(n, needed), "aria-label": `${t(`learn.light.${light}`)}: ${words}` }));
}

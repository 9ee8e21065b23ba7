// What a visit is called, and what was said of it, in words; for every page that lists visits.

import { element } from "./dom.js";
import { t, word } from "./texts.js";

/** Who came: an animal's name, "a stranger", or what it looked like. */
export function called(visit) {
  if (visit.who && visit.who !== "stranger") return visit.who;
  const key = visit.who ?? visit.species;
  return word(`words.species.${key}`, word(`words.labels.species.${key}`, key));
}

/** Colour and word of how the door decided. */
export function outcome(visit) {
  const kind = visit.kind === "BREACH" ? "fault" : visit.outcome === "unlock" ? "good" : visit.outcome === "undecided" ? "" : "warning";
  return element("span", { class: `badge ${kind}` }, t(`words.outcome.${visit.outcome}`));
}

/** How it went, and which way. */
export function went(visit) {
  const through = visit.kind === "TRANSIT" || visit.kind === "BREACH";
  const way = through && visit.direction !== "unclear" ? ` · ${t(`words.heading.${visit.direction}`)}` : "";
  return t(`words.kind.${visit.kind ?? "now"}`) + way;
}

/** One label as people say it. */
export function said(task, label) {
  if (task === "who") return t("words.labels.who", { who: label === "stranger" ? t("words.species.stranger") : label });
  return word(`words.labels.${task}.${label}`, `${task}: ${label}`);
}

/** The labels that hold as badges. */
export function badges(labels) {
  const shown = Object.entries(labels).filter(([task, label]) => !(task === "species" && label === "cat"));
  return shown.map(([task, label]) =>
    element("span", { class: `badge ${task === "decision" ? (label === "wrong" ? "fault" : "good") : ""}` }, said(task, label)));
}

// A rule of the project file as a sentence.

import { duration } from "./format.js";
import { t, word } from "./texts.js";

const WHO = ["own", "stranger", "other species", "person"];

const either = (names) => names.join(` ${t("words.rule.or")} `);
const list = (value) => (Array.isArray(value) ? value : [value]);
const named = (who) => (WHO.includes(who) ? word(`words.whose.${who}`, who) : who);

function hours(window) {
  if (typeof window === "string") return window;
  const days = window.days ? ` (${window.days.map((each) => word(`words.day.${each}`, each)).join(", ")})` : "";
  return `${window.from}-${window.to}${days}`;
}

const CONDITIONS = {
  who: (value) => t("words.rule.who", { who: either(list(value).map(named)) }),
  prey: (value) => (value ? t("words.rule.prey") : t("words.rule.clean")),
  direction: (value) => (value === "in" ? t("words.rule.in") : t("words.rule.out")),
  input: (value) => (String(value).startsWith("not ") ? t("words.rule.input_off", { name: String(value).slice(4) }) : t("words.rule.input", { name: value })),
  door: (value) => t("words.rule.door", { state: word(`words.flap.${value}`, value) }),
  mode: (value) => t("words.rule.mode", { mode: either(list(value).map((each) => word(`words.mode.${each}`, each))) }),
  camera: (value) => (value === "blind" ? t("words.rule.blind") : t("words.rule.sees")),
  chip: (value) => t("words.rule.chip", { who: either(list(value).map(named)) }),
  window: (value) => t("words.rule.window", { hours: hours(value) }),
};

const SAID = ["name", "then", "minutes", "message"];

/** What a condition of a file of its own asks, which nobody has put into words. */
const other = (key, value) => t("words.rule.other", { key, value: typeof value === "string" ? value : JSON.stringify(value) });

/** "If it is one of yours and its mouth is empty: let in." */
export function inWords(rule) {
  const known = Object.keys(CONDITIONS).filter((key) => rule[key] !== undefined).map((key) => CONDITIONS[key](rule[key]));
  const others = Object.keys(rule).filter((key) => rule[key] !== undefined && !(key in CONDITIONS) && !SAID.includes(key)).map((key) => other(key, rule[key]));
  const asked = [...known, ...others];
  const then = rule.then === "lock out" ? t("words.then.out", { time: Number.isFinite(rule.minutes) ? duration(rule.minutes * 60) : "?" }) : word(`words.then.${rule.then}`, rule.then ?? "?");
  return asked.length ? t("words.rule.sentence", { conditions: asked.join(` ${t("words.rule.and")} `), then }) : t("words.rule.always", { then });
}

// A rule of the project file as a sentence.

import { duration } from "./format.js";
import { t, word } from "./texts.js";

const WHO = ["own", "stranger", "other species", "person"];

const either = (names) => names.join(` ${t("settings.rule.or")} `);
const list = (value) => (Array.isArray(value) ? value : [value]);
const named = (who) => (WHO.includes(who) ? word(`settings.who.${who}`, who) : who);

function hours(window) {
  if (typeof window === "string") return window;
  const days = window.days ? ` (${window.days.map((each) => word(`settings.day.${each}`, each)).join(", ")})` : "";
  return `${window.from}-${window.to}${days}`;
}

const CONDITIONS = {
  who: (value) => t("settings.rule.who", { who: either(list(value).map(named)) }),
  prey: (value) => (value ? t("settings.rule.prey") : t("settings.rule.clean")),
  direction: (value) => (value === "in" ? t("settings.rule.in") : t("settings.rule.out")),
  input: (value) => (String(value).startsWith("not ") ? t("settings.rule.input_off", { name: String(value).slice(4) }) : t("settings.rule.input", { name: value })),
  door: (value) => t("settings.rule.door", { state: word(`words.flap.${value}`, value) }),
  mode: (value) => t("settings.rule.mode", { mode: either(list(value).map((each) => word(`words.mode.${each}`, each))) }),
  camera: (value) => (value === "blind" ? t("settings.rule.blind") : t("settings.rule.sees")),
  chip: (value) => t("settings.rule.chip", { who: either(list(value).map(named)) }),
  window: (value) => t("settings.rule.window", { hours: hours(value) }),
};

/** "If it is one of yours and its mouth is empty: let in." */
export function inWords(rule) {
  const asked = Object.keys(CONDITIONS).filter((key) => rule[key] !== undefined).map((key) => CONDITIONS[key](rule[key]));
  const then = rule.then === "lock out" ? t("settings.then.out", { time: Number.isFinite(rule.minutes) ? duration(rule.minutes * 60) : "?" }) : word(`settings.then.${rule.then}`, rule.then ?? "?");
  return asked.length ? t("settings.rule.sentence", { conditions: asked.join(` ${t("settings.rule.and")} `), then }) : t("settings.rule.always", { then });
}

// The page `now`: shows what /api/v1/state says, and asks for what its buttons say. Nothing is stored here.

import { ask, call, repeat } from "./api.js";
import { meter } from "./charts.js";
import { element, fill, find, shape, toast, write } from "./dom.js";
import { ago, duration, moment, number } from "./format.js";
import { watch } from "./live.js";
import { say, t, word } from "./texts.js";

const PERIOD_MS = 1000;
const RECENT_MS = 15000;

function called(visit) {
  const who = visit.who === "stranger" ? word("words.species.stranger", visit.who) : visit.who;
  return who ?? (visit.species ? word(`words.species.${visit.species}`, visit.species) : t("now.visit.somebody"));
}

function named(reading) {
  return word(`words.meter.${reading.name}`, reading.name);
}

function words(reading) {
  if (reading.proven === true) return t("now.visit.proven");
  if (reading.proven === false) return t("now.visit.refuted");
  if (!Number.isFinite(reading.needed ?? Infinity)) return t("now.visit.untaught");
  return t("now.visit.needed", { value: number(reading.value), needed: number(reading.needed) });
}

/** The meters that rules ask for: who it is, and its mouth. */
function decisive(visit) {
  return visit.meters.filter((each) => word(`words.meter.${each.name}`, null) !== null);
}

/** Those, and each animal that it may still be. */
function told(visit) {
  const asked = new Set(decisive(visit));
  return visit.meters.filter((each) => asked.has(each) || each.proven !== false);
}

function present(visit) {
  return element("li", { class: "card" },
    element("strong", {}, called(visit)),
    element("p", {}, say(visit.reason) || word(`words.outcome.${visit.outcome}`, visit.outcome)),
    told(visit).map((each) => meter(named(each), each.value, each.needed, words(each), each.proven)));
}

/** Own animals that wait come before strangers. */
function ownFirst(visits, names) {
  return [...visits].sort((one, other) => names.has(other.who) - names.has(one.who));
}

function draw(state) {
  find("boxes").replaceChildren(...state.boxes.map(({ box }) =>
    shape("rect", { x: box.left, y: box.top, width: box.width, height: box.height })));
  find("tags").replaceChildren(...state.boxes.map((each) => tag(each, state.visits)));
}

function tag({ track, box, label }, visits) {
  const visit = visits.find((each) => each.tracks.includes(track));
  const name = visit ? called(visit) : word(`words.species.${label}`, label);
  const made = element("div", { class: "tag" }, name, visit && decisive(visit).map((each) =>
    element("progress", { max: each.needed > 0 ? each.needed : 1, value: Math.max(0, Math.min(each.value, each.needed ?? 0)) })));
  made.style.left = `${Math.min(box.left, 0.7) * 100}%`;
  made.style.top = `${Math.max(box.top, 0.01) * 100}%`;
  return made;
}

function notice(state) {
  if (state.settings_lost) return t("now.notice.lost");
  if (state.blind) return t("now.notice.blind", { why: t(`now.blind.${state.blind}`) });
  if (state.refusal) return say(state.refusal);
  if (state.would_unlock) return t("now.notice.would");
  return state.enforce ? "" : t("now.notice.watching");
}

function own(animal, visits) {
  const waits = visits.some((each) => each.who === animal.name && each.waits);
  const place = waits ? t("now.animals.waits") : t(`words.place.${animal.place}`);
  return element("li", { class: waits ? "card waits" : "card" },
    element("div", { class: "row apart" },
      element("span", { class: "name" }, animal.name),
      element("span", { class: `badge ${waits ? "warning" : animal.place}` }, place)),
    element("div", { class: "soft small" }, t("now.animals.seen", { ago: ago(animal.seen_s) })));
}

function household(state) {
  const waits = (animal) => state.visits.some((each) => each.who === animal.name && each.waits);
  const sorted = [...state.animals].sort((one, other) => waits(other) - waits(one));
  const none = element("li", { class: "soft" }, t("now.animals.none"));
  return sorted.length ? sorted.map((each) => own(each, state.visits)) : [none];
}

function lockout({ who, remaining_s }) {
  const words = { stranger: t("words.species.stranger"), anyone: t("now.lockout.anyone") };
  const name = words[who] ?? who;
  return element("li", {}, t("now.lockout.left", { who: name, time: duration(remaining_s) }));
}

function control(state) {
  const mode = find("choose-mode"), enforce = find("enforce");
  if (mode && document.activeElement !== mode) mode.value = state.mode;
  if (enforce) enforce.checked = state.enforce;
  for (const each of [mode, enforce]) if (each) each.disabled = false; // until now they said nothing of the door
}

async function show() {
  const state = await call("state");
  write(find("reason"), say(state.reason) || word(`words.outcome.${state.outcome}`, state.outcome));
  const bolt = t(`words.bolt.${state.bolt}`);
  write(find("bolt"), state.open_for_s > 0 ? t("now.opens_for", { time: duration(state.open_for_s) }) : bolt);
  write(find("door"), t(`words.flap.${state.door}`));
  write(find("mode"), t(`words.mode.${state.mode}`));
  write(find("notice"), notice(state));
  find("notice").hidden = !notice(state);
  control(state);
  draw(state);
  const names = new Set(state.animals.map((each) => each.name));
  const nobody = element("li", { class: "soft" }, t("now.visit.nobody"));
  fill(find("visits"), state.visits.length ? ownFirst(state.visits, names).map(present) : [nobody]);
  find("lockouts").hidden = !state.lockouts.length;
  fill(find("lockout-list"), state.lockouts.map(lockout));
  fill(find("animals"), household(state));
  const ill = state.health.filter((part) => part.state === "warning" || part.state === "fault");
  find("health").hidden = !ill.length;
  fill(find("health-list"), ill.map((part) =>
    element("li", {}, element("span", { class: `badge ${part.state}` }, say(part.part)), " ", [say(part.text), say(part.fix)].filter(Boolean).join(": "))));
}

async function showRecent() {
  const { visits } = await call("visits?limit=6");
  const lines = visits.map((visit) => element("li", {},
    element("div", { class: "recent-line" },
      element("a", { href: `/visits/${encodeURIComponent(visit.id)}` }, element("strong", {}, called(visit))),
      element("span", { class: "badge" }, t(`words.kind.${visit.kind ?? "now"}`))),
    element("div", { class: "soft small" }, [moment(visit.started_wall), say(visit.reason)].filter(Boolean).join(" · "))));
  fill(find("recent"), lines.length ? lines : [element("li", { class: "soft" }, t("now.recent.none"))]);
}

async function asked(key, ...request) {
  if (await ask(...request)) toast(word(`now.asked.${key}`) ?? t(`frame.${key}.asked`));
  await show();
}

for (const button of document.querySelectorAll("button[data-post]")) {
  button.addEventListener("click", () => asked(button.dataset.post, button.dataset.post));
}
find("choose-mode")?.addEventListener("change", (event) => asked("mode", "mode", "PUT", { mode: event.target.value }));
find("enforce")?.addEventListener("change", (event) => asked("enforce", "enforce", "PUT", { enforce: event.target.checked }));
watch(find("live"), find("missing"));
repeat(show, PERIOD_MS);
repeat(showRecent, RECENT_MS);

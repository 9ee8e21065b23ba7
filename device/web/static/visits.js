// The page `visits`: a day at the door as a line and as cards; what is looked for stands in the address.

import { call } from "./api.js";
import { chart, label, scale } from "./charts.js";
import { element, fill, find, icon, shape, toast, write } from "./dom.js";
import { clock, day as dayWords } from "./format.js";
import { say, t } from "./texts.js";
import { badges, called, outcome, went } from "./visit_words.js";

const PAGE = 60;
const TODAY_MS = 20000;
const SEARCH_MS = 300;
const form = find("asked");
const chosen = ["animal", "species", "outcome", "kind", "said"];
let next = null, shown = [], cards = {}, turn = 0, reasons = null;

const asked = new URLSearchParams(location.search);

function dayOf(wall) {
  const at = new Date(wall * 1000);
  return [at.getFullYear(), String(at.getMonth() + 1).padStart(2, "0"), String(at.getDate()).padStart(2, "0")].join("-");
}

/** The instant at which a day of the reader's clock begins; `later` days on. */
function begins(day, later = 0) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later);
}

function shifted(day, by) {
  return dayOf(begins(day, by).getTime() / 1000);
}

function narrowed() {
  return asked.get("text") || chosen.some((name) => asked.get(name));
}

/** What is typed is looked for in the reasons as the reader sees them; the API knows them in English. */
async function texts(typed) {
  reasons ??= await call("reasons");
  const sought = typed.toLocaleLowerCase();
  const fitting = reasons.filter((each) => say(each).toLocaleLowerCase().includes(sought));
  return [typed, ...fitting].slice(0, 50);
}

async function question() {
  const query = new URLSearchParams({ limit: PAGE });
  const day = asked.get("day");
  if (day !== "all") {
    query.set("since", begins(day).toISOString());
    query.set("until", begins(day, 1).toISOString());
  }
  for (const name of ["animal", "species", "outcome", "kind"]) if (asked.get(name)) query.set(name, asked.get(name));
  const said = asked.get("said");
  if (said === "yes" || said === "no") query.set("labelled", said === "yes");
  else if (said) query.append("label", said);
  if (asked.get("text")) for (const text of await texts(asked.get("text"))) query.append("text", text);
  return query;
}

function card(visit) {
  const { picture, clip, labels } = cards[visit.id];
  const image = picture
    ? element("img", { src: `${picture}?width=400`, alt: "", loading: "lazy", width: 320, height: 240 })
    : element("span", { class: "soft small" }, t("visits.no_picture"));
  return element("li", { class: "card", id: `visit-${visit.id}` },
    element("a", { class: "shown", href: `/visits/${encodeURIComponent(visit.id)}` },
      element("span", { class: "still" }, image, clip && icon("simulator")),
      element("span", { class: "told" },
        element("span", { class: "row apart" }, element("strong", {}, called(visit)), element("span", { class: "soft" }, when(visit))),
        element("span", { class: "row" }, outcome(visit), element("span", { class: "small" }, went(visit))),
        element("span", { class: "soft small" }, say(visit.reason)),
        element("span", { class: "row" }, badges(labels)))));
}

function when(visit) {
  const time = clock(visit.started_wall);
  return asked.get("day") === "all" && time ? `${dayWords(visit.started_wall)}, ${time}` : time;
}

/** The day from midnight to midnight with a mark for each visit; the cards beneath say the same in words. */
function line(visits) {
  const from = begins(asked.get("day")).getTime() / 1000, to = begins(asked.get("day"), 1).getTime() / 1000;
  const wide = innerWidth < 480 ? 340 : 1000;
  const x = scale(from, to, 8, wide - 8);
  const hours = [0, 3, 6, 9, 12, 15, 18, 21, 24].flatMap((hour) => {
    const at = scale(0, 24, 8, wide - 8)(hour);
    return [shape("line", { class: "hour", x1: at, x2: at, y1: 4, y2: 34 }), label(at, 47, String(hour), "middle")];
  });
  const marks = visits.map((visit) => {
    const mark = { class: `mark ${visit.kind === "BREACH" ? "breach" : visit.outcome.replace(" ", "-")}`, cx: x(visit.started_wall), cy: 19, r: 7 };
    return shape("circle", { ...mark, onclick: () => reveal(visit) }, shape("title", {}, `${clock(visit.started_wall)} ${called(visit)}`));
  });
  const words = visits.map((visit) => `${clock(visit.started_wall)} ${called(visit)}`).reverse().join(", ");
  const band = shape("rect", { class: "band", x: 8, y: 10, width: wide - 16, height: 18, rx: 9 });
  return chart(wide, 50, t("visits.line", { words: words || "–" }), band, ...hours, ...marks);
}

function reveal(visit) {
  const found = find(`visit-${visit.id}`);
  found?.scrollIntoView({ block: "center" });
  found?.querySelector("a").focus();
}

async function nothing() {
  const message = (key, ...more) => find("none").replaceChildren(element("p", {}, t(key)), ...more);
  if (narrowed()) return message("visits.empty.filter", element("button", { type: "button", onclick: clear }, t("visits.filter.clear")));
  const newest = (await call("visits?limit=1")).visits[0];
  if (!newest) return message("visits.empty.never");
  const go = () => choose({ day: newest.started_wall === null ? "all" : dayOf(newest.started_wall) });
  return message("visits.empty.day", element("button", { type: "button", onclick: go }, t("visits.empty.newest")));
}

function draw() {
  const day = asked.get("day");
  fill(find("cards"), shown.map(card));
  find("line").replaceChildren(...(day === "all" ? [] : [line(shown)]));
  find("more").hidden = next === null;
  write(find("sum"), shown.length ? t(next === null ? "visits.sum" : "visits.sum_more", { count: shown.length }) : "");
  find("none").hidden = shown.length > 0;
}

async function load(more = false) {
  const mine = ++turn;
  const query = await question();
  if (more) query.set("cursor", next);
  const answer = await call(`visits?${query}`);
  if (mine !== turn) return;
  shown = more ? [...shown, ...answer.visits] : answer.visits;
  cards = more ? { ...cards, ...answer.cards } : answer.cards;
  next = answer.next;
  draw();
  if (!shown.length) await nothing();
}

const shownOrTold = (action) => action.catch((error) => toast(error.message, "fault"));

function control() {
  const day = asked.get("day");
  find("day").value = day === "all" ? "" : day;
  find("all").setAttribute("aria-pressed", day === "all");
  find("text").value = asked.get("text") ?? "";
  for (const name of chosen) form.elements[name].value = asked.get(name) ?? "";
  const count = chosen.filter((name) => asked.get(name)).length;
  find("count").hidden = !count;
  write(find("count"), String(count));
  if (count) find("filters").open = true;
}

function choose(values) {
  for (const [name, value] of Object.entries(values)) value ? asked.set(name, value) : asked.delete(name);
  remember();
  control();
  return shownOrTold(load());
}

/** What is asked for stands in the address, and the way back from a story leads to it. */
function remember() {
  history.replaceState(null, "", `?${asked}`);
  sessionStorage.setItem("visits", location.search);
}

function clear() {
  return choose({ text: "", ...Object.fromEntries(chosen.map((name) => [name, ""])) });
}

/** The day of the newest visit, or today while there is none. */
async function firstDay() {
  const newest = (await call("visits?limit=1")).visits[0];
  return dayOf(newest?.started_wall ?? Date.now() / 1000);
}

const today = () => dayOf(Date.now() / 1000);
const current = () => (/^\d{4}-\d\d-\d\d$/.test(asked.get("day") ?? "") ? asked.get("day") : today());

find("day").addEventListener("change", (event) => choose({ day: event.target.value || "all" }));
find("earlier").addEventListener("click", () => choose({ day: shifted(current(), -1) }));
find("later").addEventListener("click", () => choose({ day: shifted(current(), 1) }));
find("all").addEventListener("click", () => choose({ day: asked.get("day") === "all" ? today() : "all" }));
find("more").addEventListener("click", () => shownOrTold(load(true)));
find("clear").addEventListener("click", clear);
form.addEventListener("submit", (event) => event.preventDefault());
for (const name of chosen) form.elements[name].addEventListener("change", (event) => choose({ [name]: event.target.value }));
let typing = 0;
find("text").addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => choose({ text: event.target.value.trim() }), SEARCH_MS);
});

async function begin() {
  if (asked.get("day") !== "all" && !/^\d{4}-\d\d-\d\d$/.test(asked.get("day") ?? "")) {
    asked.set("day", narrowed() ? "all" : await firstDay());
  }
  remember();
  control();
  await load();
}

await shownOrTold(begin());
setInterval(() => {
  if (!document.hidden && asked.get("day") === today() && shown.length <= PAGE) load().catch(() => {});
}, TODAY_MS);

// The page `paths`: a heat map over the door's picture, a week of hours, and the balance of ways.

import { call } from "./api.js";
import { bars, chart, label } from "./charts.js";
import { element, fill, find, shape, toast, write } from "./dom.js";
import { duration } from "./format.js";
import { language, t } from "./texts.js";

const form = find("asked");
const DAY_MS = 86400000;
const CELL = 14, NAMES = 34;
/** Cold to hot, each with how much it covers: dark blue shows on a light doorstep as on a dark one. */
const RAMP = [[0, 30, 40, 110, 0], [0.12, 50, 70, 220, 0.6], [0.4, 30, 180, 150, 0.8], [0.7, 255, 210, 50, 0.9], [1, 230, 50, 30, 1]];

const weekday = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
const dayNames = [...Array(7)].map((_, day) => weekday.format(new Date(Date.UTC(2024, 0, 1 + day))));

function colour(heat) {
  const upper = Math.max(RAMP.findIndex(([at]) => at >= heat), 1);
  const [low, high] = [RAMP[upper - 1], RAMP[upper]];
  const part = (heat - low[0]) / (high[0] - low[0]);
  return low.slice(1).map((value, place) => value + (high[place + 1] - value) * part);
}

/** Few cells hold most of the time, so that heat rises slower than time. */
function drawHeat({ columns, rows, seconds }) {
  const most = Math.max(...seconds, 0.1);
  const small = new OffscreenCanvas(columns, rows);
  const pixels = new ImageData(columns, rows);
  seconds.forEach((each, place) => {
    const [red, green, blue, opacity] = colour((each / most) ** 0.4);
    pixels.data.set([red, green, blue, opacity * 255], place * 4);
  });
  small.getContext("2d").putImageData(pixels, 0, 0);
  const canvas = find("heat"), paint = canvas.getContext("2d");
  paint.clearRect(0, 0, canvas.width, canvas.height);
  paint.imageSmoothingEnabled = true;
  paint.imageSmoothingQuality = "high";
  paint.drawImage(small, 0, 0, canvas.width, canvas.height);
}

/** In which ninth of the picture most of the time was spent. */
function place({ columns, rows, seconds }) {
  const sums = new Map();
  seconds.forEach((each, cell) => {
    const row = ["top", "middle", "bottom"][Math.floor((Math.floor(cell / columns) * 3) / rows)];
    const column = ["left", "middle", "right"][Math.floor(((cell % columns) * 3) / columns)];
    sums.set(`${row}_${column}`, (sums.get(`${row}_${column}`) ?? 0) + each);
  });
  return [...sums].reduce((one, other) => (other[1] > one[1] ? other : one))[0];
}

function showHeat(heat, visits) {
  drawHeat(heat);
  const total = heat.seconds.reduce((one, other) => one + other, 0);
  const words = total ? t("paths.heat.words", { time: duration(total), place: t(`paths.place.${place(heat)}`) }) : t("paths.heat.none");
  find("heat").setAttribute("aria-label", `${t("paths.heat.title")}: ${words}`);
  write(find("heat-words"), heat.visits < visits ? `${words} ${t("paths.heat.some", { count: heat.visits })}` : words);
}

function week(hours) {
  const most = Math.max(...hours.flat(), 1);
  const day = hours.findIndex((each) => each.includes(most));
  const hour = Math.max(hours[Math.max(day, 0)].indexOf(most), 0);
  const title = t("paths.when.week", { day: dayNames[Math.max(day, 0)], hour, count: Math.max(...hours.flat()) });
  const cells = hours.flatMap((each, row) => each.map((count, column) => shape("rect", {
    class: count ? "hot" : "cold", x: NAMES + column * CELL, y: row * CELL, width: CELL - 1.5, height: CELL - 1.5, rx: 2,
    "fill-opacity": count ? 0.2 + 0.8 * Math.sqrt(count / most) : 1,
  }, shape("title", {}, t("paths.when.cell", { day: dayNames[row], hour: column, count })))));
  const names = dayNames.map((name, row) => label(0, row * CELL + 10, name));
  const marks = [0, 6, 12, 18, 23].map((column) => label(NAMES + column * CELL + CELL / 2, 7 * CELL + 10, String(column), "middle"));
  return chart(NAMES + 24 * CELL, 7 * CELL + 14, title, cells, names, marks);
}

function hourly(hours) {
  const sums = hours[0].map((_, hour) => hours.reduce((sum, day) => sum + day[hour], 0));
  const daily = hours.map((day) => day.reduce((one, other) => one + other, 0));
  return [
    bars(sums.map((value, hour) => ({ value, label: hour % 6 ? "" : String(hour), title: t("paths.when.hour", { hour, count: value }) })), t("paths.when.hours"), { height: 70 }),
    bars(daily.map((value, day) => ({ value, label: dayNames[day] })), t("paths.when.days"), { height: 70 }),
  ];
}

function balance(name, { came_in: into, went_out: out, stayed }) {
  const most = Math.max(into, out, 1), differs = into - out;
  const words = differs === 0 ? t("paths.ways.even") : t(differs > 0 ? "paths.ways.more_in" : "paths.ways.more_out", { count: Math.abs(differs) });
  const bar = (count, kind, text) => element("div", { class: "way" }, element("progress", { class: kind, max: most, value: count, "aria-label": `${name}: ${text}` }), element("span", { class: "small" }, text));
  return element("div", { class: "card" },
    element("div", { class: "row apart" }, element("strong", {}, name), into + out ? element("span", { class: "soft small" }, words) : null),
    bar(into, "in", t("paths.ways.in", { count: into })), bar(out, "out", t("paths.ways.out", { count: out })),
    stayed ? element("p", { class: "soft small" }, t("paths.ways.stayed", { count: stayed })) : null);
}

function ways(answer) {
  const named = Object.entries(answer.animals).map(([name, each]) => balance(name === "stranger" ? t("words.species.stranger") : name, each));
  return [...(named.length === 1 ? [] : [balance(t("paths.ways.everybody"), answer.balance)]), ...named];
}

async function load() {
  const query = new URLSearchParams();
  const { animal, days } = Object.fromEntries(new FormData(form));
  if (animal) query.set("animal", animal);
  const newest = (await call("visits?limit=1")).visits[0]?.started_wall ?? 0;
  const now = Math.max(Date.now(), newest * 1000);
  if (days) query.set("since", new Date(now - days * DAY_MS).toISOString());
  const answer = await call(`paths?${query}`);
  write(find("sum"), answer.visits ? t("paths.sum", { count: answer.visits }) : "");
  find("shown").hidden = !answer.visits;
  find("none").hidden = answer.visits > 0;
  write(find("none"), answer.visits ? "" : t("paths.never"));
  if (!answer.visits) return;
  showHeat(answer.heat, answer.visits);
  find("week").replaceChildren(week(answer.hours));
  find("hours").replaceChildren(...hourly(answer.hours));
  fill(find("ways"), ways(answer));
}

/** What the camera sees now; while it sees nothing, the newest picture of a visit. */
async function door() {
  const image = find("door");
  image.addEventListener("load", () => { image.hidden = false; });
  const state = await call("state").catch(() => null);
  if (state?.picture) { image.src = "/api/v1/live/frame"; return; }
  const { cards } = await call("visits?limit=20");
  const kept = Object.values(cards).find((each) => each.picture);
  if (kept) image.src = kept.picture;
}

const told = (action) => action.catch((error) => toast(error.message, "fault"));
form.addEventListener("change", () => told(load()));
form.addEventListener("submit", (event) => event.preventDefault());
find("strength").addEventListener("input", (event) => { find("heat").style.opacity = event.target.value / 100; });
find("heat").style.opacity = find("strength").value / 100;
await told(Promise.all([load(), door()]));

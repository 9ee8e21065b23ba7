// The page "health": a line for each part, and the last day as lines.

import { call, repeat } from "./api.js";
import { chart, label, line, scale } from "./charts.js";
import { element, fill, find, write } from "./dom.js";
import { clock, duration, number } from "./format.js";
import { say, t, word } from "./texts.js";

const ORDER = [
  "camera", "blind", "model", "seeing", "guard", "bolt", "door", "power", "temperature", "working memory", "clock",
  "network", "broker", "disk", "memory", "store", "settings", "project", "web", "clips", "learning", "heads", "drift",
];
const WORST = ["fault", "warning", "unknown", "ok"];
const MINUTES = 5, WIDE = 300, HIGH = 90;

/** Worst first, then as they are told of in ORDER; what is not in it comes last. */
function sorted(parts) {
  const place = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return [...parts].sort((one, other) => WORST.indexOf(one.state) - WORST.indexOf(other.state) || place(one.part) - place(other.part));
}

function told(report, part) {
  if (part.part === "bolt") return word(`words.bolt.${part.text}`, say(part.text));
  if (part.part !== "camera" || report.frame_age_s === null) return say(part.text);
  return `${say(part.text)}; ${t("health.frame_age", { age: number(report.frame_age_s) })}`;
}

function shown(report, part) {
  const ill = part.state === "fault" || part.state === "warning";
  const badge = { ok: "good", unknown: "", warning: "warning", fault: "fault" }[part.state];
  const means = ill ? word(`health.means.${part.part}`, "") : "";
  return element("li", { class: `part ${part.state}`, "data-part": part.part },
    element("header", {},
      element("h2", {}, word(`health.part.${part.part}`, part.part)),
      element("span", { class: `badge ${badge}` }, t(`health.state.${part.state}`)),
      part.since_s === null ? null : element("span", { class: "soft" }, t("health.since", { time: duration(part.since_s) }))),
    element("p", {}, told(report, part)),
    means ? element("p", { class: "means" }, means) : null,
    part.fix ? element("p", { class: "do" }, say(part.fix)) : null);
}

async function parts() {
  const report = await call("health");
  const worst = sorted(report.parts)[0]?.state ?? "unknown";
  const badge = { ok: "good", unknown: "", warning: "warning", fault: "fault" }[worst];
  find("summary").className = `badge ${badge}`;
  write(find("summary"), t(`health.summary.${worst}`));
  write(find("version"), report.version);
  fill(find("parts"), sorted(report.parts).map((part) => shown(report, part)));
}

/** [x, y] of the rows that have a value, in runs without a gap. */
function runs(rows, key, x, y) {
  const found = [[]];
  rows.forEach((row, place) => {
    if (row[key] === null) found.push([]);
    else found.at(-1).push([x(place), y(row[key])]);
  });
  return found.filter((run) => run.length > 1);
}

function drawn(rows, name, keys, unit, factor, digits) {
  const values = rows.flatMap((row) => keys.map((key) => row[key])).filter((value) => value !== null);
  if (!values.length) return null;
  const most = Math.max(...values), latest = rows.map((row) => row[keys[0]]).findLast((value) => value !== null) ?? most;
  const x = scale(0, Math.max(rows.length - 1, 1), 2, WIDE - 2), y = scale(0, most * 1.1 || 1, HIGH - 16, 6);
  const said = (value) => `${number(value * factor, digits)} ${unit}`;
  const title = t("health.day.words", { name: t(`health.day.${name}`), latest: said(latest), most: said(most) });
  const lines = keys.flatMap((key, place) => runs(rows, key, x, y).map((run) => line(run, place ? "second" : "line")));
  const ends = [label(2, HIGH - 3, clock(rows[0].wall)), label(WIDE - 2, HIGH - 3, clock(rows.at(-1).wall), "end")];
  return element("section", { class: "card day-chart" },
    element("h3", {}, element("span", {}, t(`health.day.${name}`)), element("span", { class: "soft" }, said(latest))),
    chart(WIDE, HIGH, title, lines, label(WIDE - 2, 10, said(most), "end"), ends));
}

async function day() {
  const { rows } = await call(`health/day?minutes=${MINUTES}`);
  const charts = rows.length < 2 ? [] : [
    drawn(rows, "frames", ["frames_per_s"], "/s", 1, 1),
    drawn(rows, "latency", ["latency_p50_s", "latency_p95_s"], "ms", 1000, 0),
    drawn(rows, "memory", ["memory_bytes"], "MB", 1e-6, 0),
    drawn(rows, "temperature", ["temperature_c"], "°C", 1, 0),
  ].filter(Boolean);
  find("no-day").hidden = charts.length > 0;
  fill(find("day"), charts);
}

repeat(parts, 2000);
repeat(day, 60000);

// Small charts as SVG: lines over time, bars, a heat map. Each has a title that says in words what it shows.

import { element, shape } from "./dom.js";

/** An empty chart of a size in its own units, with a text for those who do not see it. */
export function chart(width, height, title, ...content) {
  const attributes = { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title };
  return shape("svg", attributes, shape("title", {}, title), ...content);
}

/** Maps values from..to onto units begin..end. */
export function scale(from, to, begin, end) {
  const span = to - from || 1;
  return (value) => begin + ((value - from) / span) * (end - begin);
}

/** A line through [x, y] points in the chart's units. */
export function line(points, className = "line") {
  return shape("polyline", { class: className, points: points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ") });
}

/** A label in the chart. */
export function label(x, y, text, anchor = "start") {
  return shape("text", { x, y, "text-anchor": anchor }, text);
}

/** Bars from [{ value, label, title }], the highest as high as the chart. */
export function bars(items, title, { width = 300, height = 100 } = {}) {
  const most = Math.max(...items.map((each) => each.value), 1);
  const step = width / Math.max(items.length, 1), tall = height - 14;
  return chart(width, height, title, items.flatMap((each, place) => {
    const high = (each.value / most) * tall;
    const bar = { class: "bar", x: place * step + step * 0.1, y: tall - high, width: step * 0.8, height: Math.max(high, 0.5), rx: 1.5 };
    return [
      shape("rect", bar, shape("title", {}, each.title ?? `${each.label}: ${each.value}`)),
      label(place * step + step / 2, height - 2, each.label ?? "", "middle"),
    ];
  }));
}

/** Values over time with a dashed line at what is needed: [[x, y], ...]. */
export function curve(points, title, { width = 300, height = 90, needed = null, low = 0, high = 1 } = {}) {
  const first = points[0]?.[0] ?? 0, last = points.at(-1)?.[0] ?? 1;
  const x = scale(first, last, 2, width - 2), y = scale(low, high, height - 4, 4);
  const limit = needed === null ? null : line([[0, y(needed)], [width, y(needed)]], "limit");
  return chart(width, height, title, limit, line(points.map(([at, value]) => [x(at), y(Math.min(Math.max(value, low), high))])));
}

/** A meter from 0 to what is needed, with its words. */
export function meter(name, value, needed, words, proven = null) {
  const most = Number.isFinite(needed) && needed > 0 ? needed : 1;
  const state = proven === true ? "proven" : proven === false ? "refuted" : "open";
  return element("div", { class: `meter ${state}` },
    element("span", { class: "meter-words" }, element("span", {}, name), element("span", { class: "soft" }, words)),
    element("progress", { max: most, value: Math.max(0, Math.min(value, most)), "aria-label": `${name}: ${words}` }));
}

// What a head is worth: visits first, each as k of n with its bound; then thresholds, pictures and curves.

import { chart, label as mark, line, scale } from "./charts.js";
import { element, shape } from "./dom.js";
import { number, percent } from "./format.js";
import { promise } from "./learn_promise.js";
import { labelled } from "./learn_stock.js";
import { say, t, word } from "./texts.js";

const WIDTH = 320, HEIGHT = 190, LEFT = 36, RIGHT = 8, TOP = 10, BOTTOM = 26;

/** Fill `place`; `demand(light, threshold)` puts a higher threshold in force, null where nobody may. */
export function showEvaluation(place, found, title, demand) {
  const lights = Object.keys(found.tradeoffs ?? {}).filter((light) => found.tradeoffs[light].length);
  place.replaceChildren(
    element("div", { class: "card" },
      element("h3", {}, title),
      found.raised_from ? element("p", { class: "soft small" }, t("learn.evaluation.raised", { title: found.raised_from })) : null,
      element("p", { class: "soft small" }, t(found.approximate ? "learn.evaluation.approximate" : "learn.evaluation.newer", { taught: found.training_pictures, judged: found.testing_pictures })),
      events(found),
      element("ul", { class: "small" }, Object.entries(found.thresholds).map(([light, each]) => element("li", {}, element("strong", {}, `${t(`learn.light.${light}`)}: `), promise(found.task, each))))),
    element("div", { class: "columns" },
      ...lights.map((light) => slider(found, light, demand)),
      element("div", { class: "card" }, element("h3", {}, t("learn.confusion.title")), confusion(found)),
      element("div", { class: "card" }, element("h3", {}, t("learn.curve.title")), curves(found))),
    ...(found.advice?.length ? [element("details", { class: "card" }, element("summary", {}, t("learn.evaluation.advice")), element("ul", { class: "list small" }, found.advice.map((each) => element("li", {}, say(each)))))] : []),
  );
}

function events(found) {
  if (!found.events.length) return null;
  const rows = found.events.map((each) => element("tr", {},
    element("td", {}, word(`learn.event.${each.what.replace(/[^a-z0-9]+/g, "_")}`, each.what)),
    element("td", { class: "figure" }, each.n ? t("learn.of", { k: each.k, n: each.n }) : t("learn.none_seen")),
    element("td", { class: "figure" }, each.n ? t(each.wanted ? "learn.at_least" : "learn.at_most", { share: percent(each.bound, 1) }) : "")));
  const seconds = found.median_seconds_to_unlock;
  const median = element("tr", {}, element("td", {}, t("learn.event.median")), element("td", { class: "figure", colspan: 2 }, seconds === null ? t("words.time.never") : t("learn.seconds", { seconds: number(seconds) })));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("learn.evaluation.title") }, element("table", {},
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, t("learn.evaluation.what")), element("th", { class: "figure", scope: "col" }, t("learn.evaluation.visits")), element("th", { class: "figure", scope: "col" }, t("learn.evaluation.bound")))),
    element("tbody", {}, rows, median)));
}

/** The step that holds at a threshold: the highest that is not above it. */
function stepAt(steps, threshold) {
  return steps.filter((each) => each.threshold <= threshold + 1e-6).at(-1) ?? steps[0];
}

function slider(found, light, demand) {
  const steps = found.tradeoffs[light], own = found.thresholds[light]?.threshold ?? steps[0].threshold;
  const most = Math.max(steps.at(-1).threshold - 0.02, own); // at the last step nobody comes in
  const told = element("div", { class: "told", "aria-live": "polite" }), note = element("p", { class: "small" });
  const here = shape("line", { class: "here", y1: TOP, y2: HEIGHT - BOTTOM });
  const x = scale(steps[0].threshold, most, LEFT, WIDTH - RIGHT);
  const input = element("input", { type: "range", min: steps[0].threshold, max: most, step: 0.01, value: own, "aria-label": t("learn.slider.threshold") });
  const put = demand ? element("button", { type: "button", class: "main", onclick: () => demand(light, Number(input.value)) }, t("learn.slider.put")) : null;
  const show = () => {
    const value = Number(input.value), step = stepAt(steps, value);
    input.setAttribute("aria-valuetext", number(value, 2));
    here.setAttribute("x1", x(value));
    here.setAttribute("x2", x(value));
    told.replaceChildren(
      figure(t("learn.slider.threshold"), number(value, 2), ""),
      figure(t("learn.slider.locked_out"), t("learn.of", { k: step.locked_out, n: step.clean }), bound(step.locked_out_at_most, step.clean)),
      figure(t(`learn.let_in.${found.task}`), t("learn.of", { k: step.let_in, n: step.bad }), bound(step.let_in_at_most, step.bad)));
    const lower = value < own - 0.005, same = Math.abs(value - own) <= 0.005;
    note.className = lower ? "notice" : "small soft";
    note.textContent = lower ? t("learn.slider.below", { own: number(own, 2) }) : same ? t("learn.slider.own") : t("learn.slider.above");
    if (put) put.disabled = lower || same;
  };
  input.addEventListener("input", show);
  show();
  return element("div", { class: "card slider", "data-light": light },
    element("h3", {}, `${t("learn.slider.title")}: ${t(`learn.light.${light}`)}`),
    tradeoff(found, light, steps, most, own, here), input, told, note,
    put ? element("div", { class: "row end" }, put) : null);
}

function figure(name, value, small) {
  return element("div", {}, element("span", { class: "small soft" }, name), element("strong", {}, value), small ? element("span", { class: "small" }, small) : null);
}

function bound(share, n) {
  return n ? t("learn.at_most", { share: percent(share, 1) }) : t("learn.none_seen");
}

/** Both rates over the threshold as stairs, each with the band up to its bound. */
function tradeoff(found, light, steps, most, own, here) {
  const x = scale(steps[0].threshold, most, LEFT, WIDTH - RIGHT), y = scale(0, 1, HEIGHT - BOTTOM, TOP);
  const stairs = (value) => steps.flatMap((step, place) => [[x(step.threshold), y(value(step))], [x(steps[place + 1]?.threshold ?? most), y(value(step))]]);
  const series = [
    [(step) => (step.clean ? step.locked_out / step.clean : 0), (step) => step.locked_out_at_most, steps[0].clean],
    [(step) => (step.bad ? step.let_in / step.bad : 0), (step) => step.let_in_at_most, steps[0].bad],
  ];
  const names = [t("learn.slider.locked_out"), t(`learn.let_in.${found.task}`)];
  const title = t("learn.slider.chart", { light: t(`learn.light.${light}`) });
  const drawn = series.flatMap(([rate, high, count], number_) => (count ? [
    shape("polygon", { class: `band series-${number_}`, points: [...stairs(rate), ...stairs(high).reverse()].map((point) => point.map((each) => each.toFixed(1)).join(",")).join(" ") }),
    line(stairs(rate), `series-${number_}`)] : []));
  const ticks = [steps[0].threshold, (steps[0].threshold + most) / 2, most].map((value, place) => mark(x(value), HEIGHT - 12, number(value), ["start", "middle", "end"][place]));
  const grown = chart(WIDTH, HEIGHT, title, axes(y), drawn, line([[x(own), TOP], [x(own), HEIGHT - BOTTOM]], "limit"), here, ticks, mark(WIDTH - RIGHT, HEIGHT - 2, t("learn.slider.threshold"), "end"));
  return element("div", {}, grown, legend(names));
}

function axes(y) {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((value) => [line([[LEFT, y(value)], [WIDTH - RIGHT, y(value)]], "grid-line"), mark(LEFT - 4, y(value) + 3, percent(value), "end")]);
}

function legend(names) {
  return element("p", { class: "legend" }, names.map((name, place) => element("span", { class: `series-${place % 4}` }, name)));
}

function confusion({ labels, confusion: cells }) {
  const count = (true_, said) => cells.find((each) => each.true === true_ && each.said === said)?.pictures ?? 0;
  const cell = (true_, said) => {
    const pictures = count(true_, said), kind = true_ === said ? "hit" : "miss";
    return element("td", { class: pictures ? kind : "soft" }, String(pictures));
  };
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("learn.confusion.title") }, element("table", { class: "confusion" },
    element("caption", { class: "soft small" }, t("learn.confusion.caption")),
    element("thead", {}, element("tr", {}, element("td", {}), labels.map((name) => element("th", { scope: "col" }, labelled(name))))),
    element("tbody", {}, labels.map((true_) => element("tr", {}, element("th", { scope: "row" }, labelled(true_)), labels.map((said) => cell(true_, said)))))));
}

function curves({ curves: given }) {
  const x = scale(0, 1, LEFT, WIDTH - RIGHT), y = scale(0, 1, HEIGHT - BOTTOM, TOP);
  const judged = given.filter((each) => each.testing);
  const drawn = judged.flatMap((each, place) => [
    line(each.points.map(([recall, precision]) => [x(recall), y(precision)]), `series-${place % 4}`),
    shape("circle", { class: `series-${place % 4} dot`, cx: x(each.recall), cy: y(each.precision), r: 3.5 })]);
  const ticks = [0, 0.5, 1].map((value, place) => mark(x(value), HEIGHT - 12, percent(value), ["start", "middle", "end"][place]));
  const rows = judged.map((each) => element("tr", {}, element("th", { scope: "row" }, labelled(each.label)),
    ...[each.precision, each.recall, each.f1].map((value) => element("td", { class: "figure" }, percent(value, 1))), element("td", { class: "figure" }, String(each.testing))));
  const heads = ["precision", "recall", "f1", "pictures"].map((key) => element("th", { class: "figure", scope: "col" }, t(`learn.curve.${key}`)));
  return element("div", {},
    chart(WIDTH, HEIGHT, t("learn.curve.title"), axes(y), drawn, ticks, mark(WIDTH - RIGHT, HEIGHT - 2, t("learn.curve.recall"), "end")),
    legend(judged.map((each) => labelled(each.label))),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("learn.curve.title") }, element("table", { class: "small" }, element("thead", {}, element("tr", {}, element("td", {}), heads)), element("tbody", {}, rows))));
}

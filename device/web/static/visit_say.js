// Labels of one visit: one tap says something, another tap takes it back, and "undo" makes good what held before.

import { ask, call } from "./api.js";
import { element, fill, find } from "./dom.js";
import { moment } from "./format.js";
import { t } from "./texts.js";
import { badges, said } from "./visit_words.js";

let address = "", state = { labels: {}, history: [], undo: {} };

/** What a tap says: labels to hold, and what makes the button look pressed. */
function answers(animals) {
  const nobody = state.labels.species === "nothing";
  const who = (name, text) => ({ text, pressed: state.labels.who === name, say: { who: name, ...(nobody ? { species: null } : {}) }, back: { who: null } });
  const one = (task, label, text) => ({ text, pressed: state.labels[task] === label, say: { [task]: label }, back: { [task]: null } });
  return [
    ["", [one("decision", "right", `✓ ${t("visit.say.right")}`), one("decision", "wrong", `✗ ${t("visit.say.wrong")}`)]],
    [t("visit.say.who"), [
      ...animals.map((name) => who(name, name)),
      who("stranger", t("visit.say.stranger")),
      { text: t("visit.say.nobody"), pressed: nobody, say: { species: "nothing", who: null, prey: null }, back: { species: null } },
    ]],
    [t("visit.say.prey"), [one("prey", "clean", t("visit.say.clean")), one("prey", "prey", t("visit.say.brought"))]],
  ];
}

async function tell(labels, noted) {
  const answer = await ask(`${address}/labels`, "POST", { labels });
  if (answer === null) return;
  state = answer;
  draw();
  const undo = () => tell(answer.undo, t("visit.say.undone"));
  const more = noted === t("visit.say.noted") ? element("button", { type: "button", onclick: undo }, t("visit.say.undo")) : null;
  find("undo").replaceChildren(...[element("span", {}, noted), more].filter(Boolean));
}

function button({ text, pressed, say, back }) {
  const tap = () => tell(pressed ? back : say, t("visit.say.noted"));
  return element("button", { type: "button", "aria-pressed": String(pressed), onclick: tap }, text);
}

/** Buttons are made anew after each tap; the focus stays where it was. */
function drawAnswers(place) {
  const held = [...place.querySelectorAll("button")].indexOf(document.activeElement);
  const groups = answers(JSON.parse(place.dataset.animals)).map(([title, buttons]) =>
    element("div", { role: "group", "aria-label": title || find("say-title").textContent },
      title && element("p", { class: "soft small" }, title), element("div", { class: "row" }, buttons.map(button))));
  place.replaceChildren(...groups);
  if (held >= 0) place.querySelectorAll("button")[held]?.focus();
}

function draw() {
  const place = find("answers");
  if (place) drawAnswers(place);
  fill(find("holds"), badges(state.labels));
  find("history").hidden = !state.history.length;
  fill(find("said"), [...state.history].reverse().map((each) => element("li", { class: "row apart" },
    element("span", {}, t("visit.say.line", { by: each.by, what: each.label === null ? t("visit.say.back", { task: each.task }) : said(each.task, each.label) })),
    element("span", { class: "soft" }, moment(each.wall)))));
}

/** Show what was said of the visit at `path` of the API, and let the reader say more. */
export async function showLabels(path) {
  address = path;
  state = await call(`${address}/labels`);
  draw();
}

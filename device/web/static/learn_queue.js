// The labelling queue: one visit at a time, answered by keys or by thumb.

import { ask, call } from "./api.js";
import { element, fill, find, toast } from "./dom.js";
import { moment } from "./format.js";
import { say, t, word } from "./texts.js";

const acts = document.querySelector("meta[name=scope]").content !== "read";
const OWN_KEYS = "123456789";

let asked = [], animals = [], place = 0, chosen = {}, last = null, labelled = () => {};

/** Load the queue; `after` is called when something was labelled. */
export async function showQueue(after) {
  labelled = after;
  const [queue, vocabulary] = await Promise.all([call("learning/queue"), call("vocabulary")]);
  asked = queue.asked;
  animals = vocabulary.labels.who.filter((name) => name !== "stranger");
  find("queue").setAttribute("aria-busy", "false");
  show();
}

function show() {
  place = Math.min(place, Math.max(asked.length - 1, 0));
  const offer = asked[place];
  find("place").textContent = asked.length ? t("learn.queue.place", { place: place + 1, count: asked.length }) : "";
  if (find("keys")) find("keys").hidden = !offer;
  chosen = { ...offer?.labels };
  find("queue").replaceChildren(offer ? card(offer) : empty());
}

function empty() {
  return element("div", { class: "empty" },
    element("p", {}, t("learn.queue.empty")),
    element("p", { class: "small" }, t("learn.queue.empty_next")),
    undoButton());
}

function card(offer) {
  return element("div", { class: "asked" }, views(offer), element("div", {},
    element("p", { class: "why" }, word(`learn.reason.${offer.reason.replaceAll(" ", "_")}`, offer.reason)),
    element("p", { class: "soft small" }, told(offer), offer.visit ? [" ", element("a", { href: `/visits/${encodeURIComponent(offer.id)}` }, t("learn.queue.story"))] : null),
    acts ? questions(offer) : element("p", { class: "soft" }, t("learn.queue.owner_only")),
    acts ? null : element("div", { class: "row end" }, ...steps())));
}

function told({ visit, id }) {
  if (!visit) return t("learn.queue.not_kept", { id });
  const outcome = word(`words.outcome.${visit.outcome}`, visit.outcome);
  const who = visit.who === "stranger" ? word("words.species.stranger", visit.who) : visit.who;
  return [moment(visit.started_wall), who ?? t("learn.queue.unknown"), outcome, say(visit.reason)].filter(Boolean).join(" · ");
}

function views({ pictures }) {
  if (!pictures.length) return element("div", { class: "views" }, element("p", { class: "empty" }, t("learn.queue.no_picture")));
  const large = element("img", { src: pictures[0], alt: t("learn.queue.picture", { number: 1 }) });
  const small = pictures.map((address, number) => element("button", {
    type: "button",
    "aria-label": t("learn.queue.picture", { number: number + 1 }),
    "aria-pressed": String(number === 0),
    onclick: (event) => {
      large.src = address;
      large.alt = t("learn.queue.picture", { number: number + 1 });
      for (const each of event.currentTarget.parentNode.children) each.setAttribute("aria-pressed", String(each === event.currentTarget));
    },
  }, element("img", { src: address, alt: "", loading: "lazy" })));
  return element("div", { class: "views" }, large, pictures.length > 1 ? element("div", { class: "small-views" }, small) : null);
}

function questions(offer) {
  const decided = Boolean(offer.visit);
  return element("div", {},
    decided ? group(t("learn.queue.was_right"), "verdict",
      button(t("learn.queue.right"), "r", () => save({ decision: "right" })),
      button(t("learn.queue.wrong"), "w", () => toggle("decision", "wrong"), chosen.decision === "wrong")) : null,
    group(t("learn.queue.who"), "",
      animals.map((name, number) => choice("who", name, name, OWN_KEYS[number])),
      choice("who", "stranger", word("words.species.stranger", "stranger"), "s")),
    group(t("learn.queue.mouth"), "",
      choice("prey", "clean", t("learn.queue.clean"), "c"),
      choice("prey", "prey", t("learn.queue.prey"), "p")),
    group(t("learn.queue.else"), "",
      choice("view", "none", t("learn.queue.useless"), "n")),
    element("div", { class: "row end" }, undoButton(), ...steps(),
      button(t("learn.queue.save"), "Enter", () => save(chosen), undefined, "main")));
}

function group(title, kind, ...content) {
  return element("fieldset", { class: "group" }, element("legend", {}, title), element("div", { class: `choices ${kind}` }, content.flat()));
}

function choice(task, label, words, key) {
  return button(words, key, () => toggle(task, label), chosen[task] === label);
}

function button(words, key, onclick, pressed = undefined, kind = "") {
  const shown = key === "Enter" ? "↵" : key?.toUpperCase();
  const attributes = { type: "button", class: kind, onclick, "data-key": key, "aria-keyshortcuts": key, "aria-pressed": pressed === undefined ? undefined : String(pressed) };
  return element("button", attributes, words, shown ? element("kbd", { "aria-hidden": "true" }, shown) : null);
}

function steps() {
  return [
    button(t("learn.queue.before"), "ArrowLeft", () => step(-1)),
    button(t("learn.queue.later"), "ArrowRight", () => step(1)),
  ].map((each) => { each.querySelector("kbd").textContent = each.dataset.key === "ArrowLeft" ? "←" : "→"; return each; });
}

function undoButton() {
  return last ? button(t("learn.queue.undo"), "u", undo) : null;
}

function step(by) {
  place = (place + by + asked.length) % Math.max(asked.length, 1);
  show();
}

function toggle(task, label) {
  chosen[task] = chosen[task] === label ? undefined : label;
  const offer = asked[place], before = document.activeElement?.dataset?.key;
  find("queue").replaceChildren(card(offer));
  find("queue").querySelector(`[data-key="${before}"]`)?.focus();
}

async function save(labels) {
  const offer = asked[place];
  const said = Object.fromEntries(Object.entries(labels).filter(([task, label]) => label !== undefined && label !== offer.labels[task]));
  for (const task of Object.keys(offer.labels)) if (task in labels && labels[task] === undefined) said[task] = null;
  if (!Object.keys(said).length) return toast(t("learn.queue.nothing_said"));
  const answer = await ask(`visits/${encodeURIComponent(offer.id)}/labels`, "POST", { labels: said });
  if (!answer) return undefined;
  last = { offer, undo: answer.undo };
  asked.splice(place, 1);
  show();
  find("queue").querySelector("[data-key]")?.focus();
  toast(t("learn.queue.saved"));
  return labelled();
}

async function undo() {
  const { offer, undo: labels } = last;
  if (!(await ask(`visits/${encodeURIComponent(offer.id)}/labels`, "POST", { labels }))) return;
  last = null;
  asked.splice(place, 0, offer);
  show();
  toast(t("learn.queue.undone"));
  await labelled();
}

document.addEventListener("keydown", (event) => {
  if (!acts || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target.closest("input, select, textarea, dialog, summary, a");
  if (field || (event.key === "Enter" && event.target.closest("button"))) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const found = find("queue").querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (found) {
    event.preventDefault();
    found.click();
  }
});
if (find("keys")) fill(find("keys"), [t("learn.queue.keys")]);

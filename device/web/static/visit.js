// The page `visit`: what happened, frame by frame, why, and what the reader says of it.

import { ask, call } from "./api.js";
import { BoxEditor } from "./boxes.js";
import { element, fill, find, toast, write } from "./dom.js";
import { duration, moment } from "./format.js";
import { language, say, t, word } from "./texts.js";
import { Scrubber } from "./scrubber.js";
import { showLabels } from "./visit_say.js";
import { called, outcome, went } from "./visit_words.js";

const id = find("who").dataset.visit;
const path = `visits/${encodeURIComponent(id)}`;
const acts = find("answers") !== null;

function condition([key, value]) {
  if (key === "who") return t("visit.condition.who", { value: value.split(", ").map((each) => word(`visit.value.${each}`, each)).join(", ") });
  return word(`visit.condition.${key}_${value}`, t("visit.condition.other", { key, value }));
}

function ruleWords(rule, name) {
  const last = word(`visit.last.${name}`, "");
  if (last) return last;
  if (!rule) return name ? t("visit.rule.gone", { name }) : "";
  const then = t(`visit.then.${rule.then}`);
  return t("visit.rule.fired", {
    name: rule.name,
    conditions: Object.entries(rule.conditions).map(condition).reduce((one, other) => t("visit.rule.and", { one, other })),
    then: rule.minutes > 0 ? t("visit.rule.for_time", { then, time: duration(rule.minutes * 60) }) : then,
  });
}

function facts(visit) {
  const lines = [
    ["when", moment(visit.started_wall)],
    ["lasted", duration(Math.max(visit.ended - visit.started, 1))],
    ["went", went(visit)],
    ["frames", String(visit.frames)],
    ["attempts", visit.attempts > 1 ? String(visit.attempts) : ""],
    ["opened", visit.unlocked_at === null ? "" : duration(visit.unlocked_at - visit.started)],
  ];
  return lines.filter(([, value]) => value).map(([key, value]) =>
    element("div", {}, element("dt", {}, t(`visit.fact.${key}`)), element("dd", {}, value)));
}

function thumbnails(story, scrubber) {
  find("pictures").hidden = !story.snapshots.length;
  fill(find("thumbnails"), story.snapshots.map((source, place) => {
    const alt = t("visit.still", { number: place + 1 });
    return element("li", {},
      element("button", { type: "button", class: "thumbnail", onclick: () => scrubber.still(source, alt) }, element("img", { src: `${source}?width=400`, alt, width: 160, height: 120 })),
      acts && element("button", { type: "button", class: "quiet small", "data-draw": source, onclick: () => draw(source) }, t("visit.draw.open")));
  }));
}

/** The dialog in which boxes are drawn on one picture; nothing is kept before it is saved. */
async function draw(source) {
  const [words, kept] = await Promise.all([call("vocabulary"), call(`${source}/boxes`)]).catch((error) => {
    toast(error.message, "fault");
    return [];
  });
  if (!kept) return;
  const number = source.split("/").at(-1);
  const editor = new BoxEditor(source, t("visit.still", { number }), kept.boxes, words.boxes);
  const dialog = find("drawing");
  const save = async () => {
    const answer = await ask(`${source}/boxes`, "PUT", { boxes: editor.boxes });
    if (answer === null) return;
    dialog.close();
    toast(t("visit.draw.saved"));
  };
  dialog.replaceChildren(
    element("h2", { id: "drawing-title" }, t("visit.draw.title", { number })),
    editor.area,
    element("details", {}, element("summary", {}, "?"), element("p", { class: "soft small" }, t("visit.draw.help"))),
    element("div", { class: "row" },
      element("label", {}, t("visit.draw.label"), " ",
        element("select", { id: "box-label", onchange: (event) => { editor.label = event.target.value; } },
          words.boxes.map((each) => element("option", { value: each }, word(`words.labels.species.${each}`, word(`words.labels.prey.${each}`, each)))))),
      element("button", { type: "button", onclick: () => editor.add() }, t("visit.draw.add"))),
    editor.list,
    element("div", { class: "row end" },
      element("button", { type: "button", onclick: () => dialog.close() }, t("visit.draw.cancel")),
      element("button", { type: "button", class: "main", onclick: save }, t("visit.draw.save"))));
  dialog.showModal();
}

/** Hand the file to the telephone's own way of sharing where there is one; else save it. */
async function share() {
  const address = find("download").href;
  try {
    const answer = await fetch(address);
    const file = new File([await answer.blob()], `${id}.html`, { type: "text/html" });
    if (answer.ok && navigator.canShare?.({ files: [file] })) return await navigator.share({ files: [file], title: t("visit.shared_title") });
  } catch (error) {
    if (error.name === "AbortError") return undefined;
  }
  return find("download").click();
}

function events(story) {
  find("told").hidden = !story.events.length;
  fill(find("events"), story.events.toReversed().map((each) => element("li", {},
    element("span", { class: `badge ${each.severity}` }, moment(each.wall)), " ", say(each.text))));
}

function show(story) {
  const { visit } = story;
  write(find("who"), t("visit.heading", { who: called(visit), when: moment(visit.started_wall) }).replace(/, $/, ""));
  document.title = `${find("who").textContent} · ${document.title.split(" · ").at(-1)}`;
  fill(find("outcome"), [outcome(visit), element("span", {}, went(visit))]);
  write(find("reason"), say(visit.reason));
  write(find("rule"), ruleWords(story.rule, visit.rule));
  fill(find("facts"), facts(visit));
  events(story);
  thumbnails(story, new Scrubber(story));
  find("download").href = `/api/v1/${path}/share?language=${language}`;
  find("share").addEventListener("click", share);
}

find("back").href = `/visits${sessionStorage.getItem("visits") ?? ""}`;
try {
  show(await call(path));
  await showLabels(path);
} catch (error) {
  toast(error.message, "fault");
}

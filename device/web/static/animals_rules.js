// Rules of one animal: in words, and changed by way of the project file, which is shown before it is saved.

import { ask } from "./api.js";
import { element, toast } from "./dom.js";
import { inWords } from "./rules.js";
import { say, t, word } from "./texts.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The rules that may decide about an animal, in the order in which they are asked. */
export function rulesOf(animal) {
  if (!animal.rules.length) return element("p", { class: "notice" }, t("animals.rules.none"));
  return element("ol", { class: "rules small" }, animal.rules.map(({ mine, then, minutes, conditions: { who, ...asked } }) =>
    // That it is one of yours goes without saying under its name.
    element("li", { class: mine ? "mine" : "" }, inWords({ ...asked, who: who === "own" ? undefined : who, then, minutes }))));
}

/** Let the owner change what holds for an animal; `saved` is called when the file was saved. */
export function editRules(animal, { blocks, timezone }, saved) {
  const ours = Object.fromEntries(animal.rules.filter((rule) => rule.kind).map((rule) => [rule.kind, rule]));
  const window_ = ours.curfew?.conditions.window ?? "22:00-06:00";
  const [from, to] = typeof window_ === "string" ? window_.split("-") : [window_.from, window_.to];
  const days = typeof window_ === "string" || !window_.days ? DAYS : window_.days;
  const form = element("form", {},
    element("h3", {}, t("animals.edit.title", { name: animal.name })),
    element("fieldset", {}, element("legend", {}, t("animals.edit.curfew")),
      check("curfew", t(blocks === "both" ? "animals.edit.curfew_both" : "animals.edit.curfew_in"), Boolean(ours.curfew)),
      element("div", { class: "toolbar" },
        field(t("animals.edit.from"), element("input", { type: "time", name: "start", value: from, required: true })),
        field(t("animals.edit.to"), element("input", { type: "time", name: "end", value: to, required: true })),
        blocks === "both" ? field(t("animals.edit.way"), element("select", { name: "direction" },
          ["in", "out"].map((way) => element("option", { value: way, selected: ours.curfew?.conditions.direction === way }, t(`animals.edit.${way}`))))) : null),
      element("div", { class: "days" }, DAYS.map((day) => check(day, t(`words.day.${day}`), days.includes(day)))),
      element("p", { class: "hint soft small" }, t("animals.edit.local", { timezone }))),
    element("fieldset", {}, element("legend", {}, t("animals.edit.prey")),
      check("lockout", t("animals.edit.lockout"), Boolean(ours.lockout)),
      field(t("animals.edit.minutes"), element("input", { type: "number", name: "minutes", min: 1, max: 1440, step: 1, value: ours.lockout?.minutes ?? 5, inputmode: "numeric" }))),
    check("ban", t("animals.edit.ban", { name: animal.name }), Boolean(ours["stays out"])),
    element("div", { class: "row end" },
      element("button", { type: "button", onclick: () => dialog.close() }, t("animals.no")),
      element("button", { class: "main" }, t("animals.edit.look"))));
  const dialog = opened(t("animals.edit.title", { name: animal.name }), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = form.elements, on = (name) => given[name].checked;
    const changes = [
      ["curfew", on("curfew"), { start: given.start.value, end: given.end.value, days: DAYS.filter(on), direction: given.direction?.value ?? "in" }],
      ["lockout", on("lockout"), { minutes: Number(given.minutes.value) }],
      ["stays out", on("ban"), {}],
    ].filter(([kind, apply]) => apply || ours[kind]);
    await proposed(dialog, animal.name, changes, saved);
  });
}

/** Let the owner name one more animal of the household. */
export function proposeAnimal(saved) {
  const form = element("form", {},
    element("h3", {}, t("animals.own.add")),
    field(t("animals.edit.name"), element("input", { name: "name", required: true, maxlength: 64, autocomplete: "off", pattern: "[^\\/\\\\]+" })),
    field(t("animals.edit.species"), element("select", { name: "species" }, ["cat", "dog"].map((each) => element("option", { value: each }, word(`words.species.${each}`, each))))),
    field(t("animals.edit.chip"), element("input", { name: "chip", inputmode: "numeric", pattern: "\\d{15}", maxlength: 15 }), t("animals.edit.chip_hint")),
    element("div", { class: "row end" },
      element("button", { type: "button", onclick: () => dialog.close() }, t("animals.no")),
      element("button", { class: "main" }, t("animals.edit.look"))));
  const dialog = opened(t("animals.own.add"), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name, species, chip } = form.elements;
    await proposed(dialog, name.value.trim(), [["new animal", true, { species: species.value, chip: chip.value }]], saved);
  });
}

/** Make the project file say all changes, show what that means, and save it if the owner agrees. */
async function proposed(dialog, animal, changes, saved) {
  const before = await ask("configuration", "GET");
  if (!before) return;
  let text = before.text;
  for (const [change, apply, more] of changes) {
    const answer = await ask("animals/proposal", "POST", { text, animal, change, apply, ...more });
    if (!answer) return;
    text = answer.text;
  }
  const [verdict, differences] = await Promise.all([ask("configuration/check", "POST", { text }), ask("configuration/diff", "POST", { text })]);
  if (!verdict || !differences) return;
  if (!differences.length) {
    toast(t("animals.edit.same"));
    return;
  }
  const lines = differences.map((each) => `${each.section} ${each.key}: ${said(each.before)} → ${said(each.after)}`);
  dialog.replaceChildren(
    element("h3", {}, t("animals.edit.review")),
    element("pre", { class: "difference", tabindex: "0" }, lines.join("\n")),
    ...verdict.mistakes.map((each) => element("p", { class: "notice fault" }, say(each.what))),
    before.can_be_saved ? element("p", { class: "soft small" }, t("animals.edit.next_start")) : element("p", { class: "notice" }, t("animals.edit.shipped")),
    element("div", { class: "row end" },
      element("button", { type: "button", onclick: () => dialog.close() }, t("animals.no")),
      element("button", { type: "button", class: "main", disabled: !verdict.valid || !before.can_be_saved, onclick: async () => {
        if (!(await ask("configuration", "PUT", { text, replaces: before.sha256 }))) return;
        dialog.close();
        saved();
      } }, t("animals.edit.save"))));
}

function said(value) {
  return value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value);
}

function opened(label, content) {
  const dialog = element("dialog", { "aria-label": label, onclose: () => dialog.remove() }, content);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function check(name, words, checked) {
  return element("label", { class: "switch" }, element("input", { type: "checkbox", name, checked }), ` ${words}`);
}

function field(words, input, hint = "") {
  return element("label", { class: "field" }, words, input, hint ? element("span", { class: "hint" }, hint) : null);
}

// The page `settings`: every change is tried on the device at once, shown at its field, and saved when its owner agrees.

import { ask, call } from "./api.js";
import { confirmed, element, find, toast } from "./dom.js";
import { about, fields, place } from "./form.js";
import { access } from "./people.js";
import { awaitReturn } from "./restart.js";
import { inWords } from "./rules.js";
import { review } from "./settings_review.js";
import { language, say, t, word } from "./texts.js";
import { drawing } from "./zone.js";

const GROUPS = [
  ["door", ["door", "welfare", "identity", "animal"]],
  ["sight", ["camera", "view", "blind", "motion", "tracker", "regions", "detector", "embedding", "heads"]],
  ["bolt", ["guard", "bolt", "input", "output", "chip", "pins"]],
  ["faults", ["faults"]],
  ["tell", ["webhook", "mqtt", "web"]],
  ["keep", ["store", "clips", "learning"]],
  ["decide", ["evidence", "visit"]],
];
const LISTS = ["animal", "webhook", "input", "output", "rule"];
const DRAWN = { view: ["zone"], tracker: ["line", "inward"] };

let schema, saved, file, standing;
let changes = [];
let draft;

const schemaOf = (section, table) => {
  if (schema.lists[section]) return schema.lists[section];
  const parts = schema.parts[section];
  if (!parts) return schema.sections[section];
  const kind = table?.kind ?? Object.keys(parts)[0];
  const chosen = { enum: Object.keys(parts), type: "string" };
  const known = parts[kind] ?? { properties: {} };
  return section === "chip" ? known : { ...known, properties: { kind: chosen, ...known.properties }, required: ["kind", ...(known.required ?? [])] };
};

async function load() {
  [file, standing] = await Promise.all([call("configuration"), call("setup")]);
  changes = [];
  try {
    saved = await call("configuration/values");
    draft = { written: saved.written, complete: saved.complete, mistakes: [], differences: [], text: file.text };
    find("form").hidden = find("rules").hidden = find("zone").hidden = false;
    showAll();
  } catch (error) {
    saved = null;
    find("form").hidden = find("rules").hidden = find("zone").hidden = true;
    toast(error.message, "fault");
  }
  showStanding();
  showRaw();
  showBar();
}

function showAll() {
  const { zone } = draft.complete.view, { line, inward } = draft.complete.tracker;
  drawing(find("drawing"), { zone, line, inward }, (drawn) => {
    const known = { zone: ["view", draft.complete.view.zone], line: ["tracker", draft.complete.tracker.line], inward: ["tracker", draft.complete.tracker.inward] };
    for (const [key, [section, was]] of Object.entries(known)) {
      if (JSON.stringify(was) !== JSON.stringify(drawn[key]) || changes.some((each) => each.key === key)) note({ section, key, value: drawn[key] });
    }
    attempt();
  });
  showForm();
  showRules();
}

// The form

function showForm() {
  const open = new Set([...document.querySelectorAll("#form details[open]")].map((each) => each.dataset.of));
  find("form").replaceChildren(...GROUPS.map(([group, names]) =>
    element("section", { class: "group" }, element("h3", {}, t(`settings.group.${group}`)), ...names.map((each) => part(each, open)))));
  showMistakes();
}

function part(section, open) {
  const list = LISTS.includes(section);
  const table = draft.complete[section];
  const body = list ? entries(section) : oneTable(section, undefined, draft.written[section], table);
  return element("details", { "data-of": section, open: open.has(section) },
    element("summary", {}, word(`settings.section.${section}`, section), element("span", { class: "badge", hidden: true })),
    element("p", { class: "soft small" }, about(schemaOf(section, table))),
    body);
}

function oneTable(section, entry, written, complete) {
  if (!entry && schema.parts[section] && !written && section !== "detector") {
    return element("button", { type: "button", onclick: () => structural({ section, value: section === "chip" ? {} : { kind: Object.keys(schema.parts[section])[0] } }) }, t("settings.form.add"));
  }
  return fields(schemaOf(section, complete), {
    section: place(section, entry, complete), entry, written, complete,
    without: DRAWN[section] ?? [],
    changed: (key, value) => change({ section, key, value, entry }),
  });
}

function entries(section) {
  const rows = draft.complete[section] ?? [];
  return element("div", {},
    rows.map((table, n) => element("div", { class: "entry", role: "group", "aria-label": place(section, n + 1, table) },
      oneTable(section, n + 1, draft.written[section]?.[n], table),
      element("button", { type: "button", class: "quiet", onclick: () => structural({ section, entry: n + 1 }) }, t("settings.form.remove", { name: table.name ?? n + 1 })))),
    element("button", { type: "button", onclick: () => structural({ section, entry: rows.length + 1, value: fresh(section, rows) }) }, t("settings.form.add")));
}

function fresh(section, rows) {
  const name = t("settings.form.new_name", { number: rows.length + 1 });
  if (section === "rule") return { name, who: "own", direction: "in", then: "keep locked" };
  if (section === "animal") return { name };
  if (section === "webhook") return { name, url: "https://ntfy.sh/" };
  return { kind: Object.keys(schema.parts[section])[0] };
}

// Rules, in words

function showRules() {
  const open = new Set([...document.querySelectorAll("#rule-list details[open]")].map((each) => each.dataset.of));
  const rules = draft.complete.rule ?? [];
  find("rule-list").replaceChildren(
    ...rules.map((rule, n) => {
      const name = rule.name ?? t("settings.rule.unnamed", { number: n + 1 });
      const move = (to, label, sign) => element("button", { type: "button", class: "quiet", "aria-label": `${label}: ${name}`, disabled: to < 1 || to > rules.length, onclick: () => structural({ section: "rule", entry: n + 1, to }) }, sign);
      return element("li", { class: "card" },
        element("p", { class: "words" }, inWords(rule)),
        element("div", { class: "row apart" },
          element("span", { class: "soft small" }, name),
          element("span", { class: "row" }, move(n, t("settings.rule.up"), "↑"), move(n + 2, t("settings.rule.down"), "↓"),
            element("button", { type: "button", class: "quiet", "aria-label": t("settings.form.remove", { name }), onclick: () => structural({ section: "rule", entry: n + 1 }) }, "✕"))),
        element("details", { "data-of": name, open: open.has(name) },
          element("summary", {}, t("settings.rule.change")),
          fields(schema.lists.rule, { section: place("rule", n + 1, rule), entry: n + 1, written: rule, complete: rule, changed: (key, value) => change({ section: "rule", key, value, entry: n + 1 }) })));
    }),
    element("li", { class: "last-word" }, t("settings.rule.last")));
  showMistakes();
}

// Changes

function note(wanted) {
  const last = changes.findLastIndex((each) => each.section === wanted.section && each.key === wanted.key && (each.entry ?? null) === (wanted.entry ?? null));
  const moved = changes.findLastIndex((each) => each.section === wanted.section && !each.key);
  if (last > moved) changes.splice(last, 1);
  changes.push(wanted);
}

function change(wanted) {
  note(wanted);
  attempt(wanted.key === "kind" || wanted.key === "name" || wanted.section === "rule");
}

function structural(wanted) {
  changes.push(wanted);
  attempt(true);
}

let asked = 0;
async function attempt(redraw = false) {
  const mine = (asked += 1);
  try {
    const found = changes.length ? await call("configuration/changes", "POST", { changes, replaces: file.sha256, dry_run: true }) : null;
    if (mine !== asked) return;
    draft = found ?? { ...saved, mistakes: [], differences: [], text: file.text };
    if (redraw) keepFocus(() => { showForm(); showRules(); });
    showMistakes();
  } catch (error) {
    changes.pop();
    toast(error.message, "fault");
    if (error.status === 409) await load();
  }
  showBar();
}

/** What is drawn anew keeps the place of whoever works in it. */
function keepFocus(draw) {
  const id = document.activeElement?.id;
  draw();
  if (id) find(id)?.focus({ preventScroll: true });
}

function showMistakes() {
  for (const each of document.querySelectorAll("#form .field, #rules .field")) {
    const { section, key } = each.dataset;
    const found = draft.mistakes.filter((one) => one.section === section && one.key === key);
    const fault = each.querySelector(":scope > .fault");
    fault.hidden = !found.length;
    fault.textContent = found.map((one) => say(one.what)).join(" ");
    each.classList.toggle("wrong", found.length > 0);
    each.querySelector("input, select").toggleAttribute("aria-invalid", found.length > 0);
    each.classList.toggle("changed", draft.differences.some((one) => one.section === section && one.key === key));
    if (found.length) each.closest("details").open = true;
  }
  for (const each of document.querySelectorAll("#form details")) {
    const faults = each.querySelectorAll(".field.wrong").length, badge = each.querySelector("summary .badge");
    badge.hidden = !faults;
    badge.className = "badge fault";
    badge.textContent = t("settings.save.wrong", { count: faults });
  }
}

function showBar() {
  const wrong = draft?.mistakes.length ?? 0;
  find("bar").hidden = !changes.length;
  find("bar-words").textContent = wrong ? t("settings.save.wrong", { count: wrong }) : t("settings.save.changes", { count: draft?.differences.length ?? 0 });
  find("bar-words").className = wrong ? "fault" : "";
}

async function save(...request) {
  if (!(await ask(...request))) return;
  toast(t("settings.save.saved"));
  await load();
}

find("review").addEventListener("click", () =>
  review(draft, file.can_be_saved, () => save("configuration/changes", "POST", { changes, replaces: file.sha256 })));
find("undo").addEventListener("click", async () => {
  changes.pop();
  await attempt();
  showAll();
});
find("add-rule").addEventListener("click", () => {
  const rules = draft.complete.rule ?? [];
  structural({ section: "rule", entry: rules.length + 1, value: fresh("rule", rules) });
});

// The text, for experts

function showRaw() {
  find("raw").value = file.text;
  find("raw-mistakes").replaceChildren();
  find("kept").replaceChildren(...file.kept.map((which) =>
    element("button", { type: "button", onclick: () => restore(which) }, t(`settings.kept.${which}`))));
}

async function tried() {
  const text = find("raw").value;
  const verdict = await ask("configuration/check", "POST", { text });
  if (!verdict) return null;
  find("raw-mistakes").replaceChildren(...verdict.mistakes.map((each) => element("li", {}, say(each.what))));
  const readable = verdict.valid || !verdict.mistakes.some((each) => !each.section);
  const differences = readable ? await call("configuration/diff", "POST", { text, against: saved ? "saved" : "in-force" }).catch(() => []) : [];
  return { ...verdict, differences, text, rewires: false };
}

find("raw-check").addEventListener("click", async () => {
  const found = await tried();
  if (found?.valid) toast(t("settings.text.sound"));
});
find("raw-save").addEventListener("click", async () => {
  const found = await tried();
  if (found) review(found, file.can_be_saved, () => save("configuration", "PUT", { text: found.text, replaces: file.sha256 }));
});
find("raw-undo").addEventListener("click", showRaw);

async function restore(which) {
  if (!(await confirmed(t("settings.text.sure"), t("settings.text.yes"), t("settings.save.back")))) return;
  await save("configuration/restore", "POST", { which, replaces: file.sha256 });
}

// How it stands

function showStanding() {
  const lines = [];
  if (!saved) lines.push(element("p", { class: "notice fault" }, t("settings.standing.spoilt")));
  if (!file.in_force) {
    lines.push(element("div", { class: "notice row apart" }, element("span", {}, t("settings.standing.not_in_force")),
      element("button", { type: "button", id: "restart", onclick: restart }, t("settings.standing.restart"))));
  }
  if (saved && saved.version < saved.newest) lines.push(element("p", { class: "soft" }, t("settings.standing.old", { version: saved.version })));
  if (!file.can_be_saved) lines.push(element("p", { class: "notice" }, t("settings.save.shipped")));
  if (standing.next) lines.push(element("p", {}, element("a", { href: "/setup" }, t("settings.standing.unfinished"))));
  find("standing").replaceChildren(...lines);
}

async function restart() {
  if (!(await confirmed(t("settings.standing.sure"), t("settings.standing.restart"), t("settings.save.back")))) return;
  if (await ask("restart")) {
    toast(t("settings.standing.restarting"));
    awaitReturn();
  }
}

const mode = find("mode"), enforce = find("enforce");
mode.addEventListener("change", async () => (await ask("mode", "PUT", { mode: mode.value })) && toast(t("settings.door.set")));
enforce.addEventListener("change", async () => {
  const sure = enforce.checked && !Object.values(standing.needs).every(Boolean)
    ? await confirmed(t("settings.door.not_ready"), t("settings.door.all_the_same"), t("settings.save.back")) : true;
  if (!sure || !(await ask("enforce", "PUT", { enforce: enforce.checked }))) enforce.checked = !enforce.checked;
  else toast(t("settings.door.set"));
});

const people = access(); // it listens at once, whatever else takes its time
schema = await call(`configuration/schema?language=${language}`);
const state = await call("state");
mode.value = state.mode;
enforce.checked = state.enforce;
mode.disabled = enforce.disabled = false; // until now they said nothing of the door
await load();
await people;
if (location.hash) find(location.hash.slice(1))?.scrollIntoView();

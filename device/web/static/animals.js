// The page `animals`: who lives here, who comes, and what holds for each.

import { ask, call } from "./api.js";
import { wireGallery } from "./animals_gallery.js";
import { editRules, proposeAnimal, rulesOf } from "./animals_rules.js";
import { element, find, toast } from "./dom.js";
import { ago, moment } from "./format.js";
import { say, t, word } from "./texts.js";

const scope = document.querySelector("meta[name=scope]").content;
const acts = scope !== "read", administers = scope === "admin";

let household = { animals: [], strangers: [] };

async function showHousehold() {
  household = await call("animals");
  const none = element("li", { class: "card empty" }, element("p", {}, t("animals.own.none")), element("p", { class: "small" }, t("animals.own.none_next")));
  find("own").replaceChildren(...(household.animals.length ? household.animals.map(resident) : [none]));
  find("own").setAttribute("aria-busy", "false");
  find("known").hidden = !household.strangers.length;
  find("strangers").replaceChildren(...household.strangers.map(stranger));
}

function faces(pictures, name) {
  if (!pictures.length) return element("p", { class: "nobody" }, t("animals.no_picture"));
  return element("div", { class: "faces" }, pictures.map((address, place) => element("img", { src: address, loading: "lazy", alt: place ? "" : t("animals.picture", { name }) })));
}

function resident(animal) {
  const seen = animal.seen_wall === null ? t("words.time.never") : ago(Date.now() / 1000 - animal.seen_wall);
  const known = animal.taught ? t("animals.own.taught", { count: animal.taught }) : t("animals.own.untaught");
  return element("li", { class: "card", "data-animal": animal.name },
    element("div", { class: "row apart" },
      element("h3", {}, animal.name),
      element("span", { class: `badge ${animal.place}` }, t(`words.place.${animal.place}`))),
    element("p", { class: "soft small" }, [word(`words.species.${animal.species}`, animal.species), t("animals.own.seen", { ago: seen }), animal.chip ? t("animals.own.chip") : null].filter(Boolean).join(" · ")),
    faces(animal.pictures, animal.name),
    element("p", { class: animal.taught ? "small" : "notice small" }, `${t("animals.own.visits", { count: animal.visits })} · ${known}`),
    element("h4", { class: "hidden" }, t("animals.rules.title")),
    rulesOf(animal),
    element("details", { ontoggle: (event) => event.currentTarget.open && journal(event.currentTarget, animal.name) },
      element("summary", {}, t("animals.journal.title")), element("div", { class: "soft small" }, "…")),
    administers ? element("div", { class: "row end" }, element("button", { type: "button", onclick: () => editRules(animal, household, saved) }, t("animals.rules.change"))) : null);
}

/** Nothing holds before the next start: that is said until the page is left. */
function saved() {
  find("pending").textContent = t("animals.rules.pending");
  find("pending").hidden = false;
  toast(t("animals.rules.saved"));
}

async function journal(place, name) {
  const [{ visits }, said] = await Promise.all([
    call(`visits?${new URLSearchParams({ animal: name, limit: 30 })}`),
    call(`visits?${new URLSearchParams({ label: `who=${name}`, limit: 30 })}`),
  ]);
  const all = new Map([...visits, ...said.visits].map((visit) => [visit.id, visit]));
  const sorted = [...all.values()].sort((one, other) => (other.started_wall ?? 0) - (one.started_wall ?? 0)).slice(0, 30);
  const rows = sorted.map((visit) => element("tr", {},
    element("td", {}, element("a", { href: `/visits/${encodeURIComponent(visit.id)}` }, moment(visit.started_wall))),
    element("td", {}, t(`words.kind.${visit.kind ?? "now"}`), visit.direction === "unclear" ? "" : ` (${t(`words.heading.${visit.direction}`)})`),
    element("td", { class: "soft" }, say(visit.reason))));
  const table = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${t("animals.journal.title")}: ${name}` },
    element("table", { class: "journal" }, element("tbody", {}, rows)));
  place.lastChild.replaceWith(rows.length ? table : element("p", { class: "soft" }, t("animals.journal.none")));
}

async function showUnknown() {
  const { groups } = await call("animals/unknown");
  const none = element("li", { class: "card empty" }, t("animals.unknown.none"));
  find("unknown").replaceChildren(...(groups.length ? groups.slice(0, 30).map(unknown) : [none]));
  find("unknown").setAttribute("aria-busy", "false");
}

function called(name) {
  return word(`animals.coat.${name.replace(" one", "")}`, name);
}

function unknown(group) {
  return element("li", { class: "card" },
    element("div", { class: "row apart" }, element("h3", {}, called(group.called)), element("span", { class: "badge" }, t("animals.visits", { count: group.visits.length }))),
    element("p", { class: "soft small" }, [word(`words.species.${group.species}`, group.species), group.last_wall ? t("animals.unknown.last", { when: moment(group.last_wall) }) : null].filter(Boolean).join(" · ")),
    faces(group.pictures, called(group.called)),
    acts ? element("div", { class: "row end" }, element("button", { type: "button", class: "main", onclick: () => nameThisOne(group) }, t("animals.unknown.name"))) : null);
}

function stranger({ name, visits, pictures }) {
  return element("li", { class: "card" },
    element("div", { class: "row apart" }, element("h3", {}, name), element("span", { class: "badge" }, t("animals.visits", { count: visits.length }))),
    faces(pictures, name),
    acts ? element("div", { class: "row end" }, element("button", { type: "button", class: "quiet", onclick: () => name_(visits, null, null) }, t("animals.known.forget"))) : null);
}

async function name_(visits, who, called_) {
  if (!(await ask("animals/unknown/name", "POST", { visits: visits.slice(0, 1000), who, stranger: called_ }))) return;
  toast(who === null ? t("animals.unknown.taken_back") : t("animals.unknown.named", { count: visits.length, name: called_ ?? who }));
  await Promise.all([showHousehold(), showUnknown()]);
}

function nameThisOne(group) {
  const input = element("input", { name: "stranger", maxlength: "64", pattern: "[\\p{L}\\p{N}_.\\- ]+", autocomplete: "off", list: "known-strangers" });
  const known = element("datalist", { id: "known-strangers" }, household.strangers.map((each) => element("option", { value: each.name })));
  const dialog = element("dialog", { "aria-label": t("animals.unknown.who", { name: called(group.called) }), onclose: () => dialog.remove() },
    element("h3", {}, t("animals.unknown.who", { name: called(group.called) })),
    element("p", { class: "soft small" }, t("animals.unknown.all", { count: group.visits.length })),
    household.animals.length ? element("p", {}, t("animals.unknown.mine")) : null,
    element("div", { class: "row" }, household.animals.map((animal) => element("button", { type: "button", onclick: () => { dialog.close(); name_(group.visits, animal.name, null); } }, animal.name))),
    element("form", { method: "dialog", onsubmit: () => name_(group.visits, "stranger", input.value.trim() || null) },
      element("label", { class: "field" }, t("animals.unknown.stranger"), input, element("span", { class: "hint" }, t("animals.unknown.stranger_hint"))), known,
      element("div", { class: "row end" },
        element("button", { type: "button", onclick: () => dialog.close() }, t("animals.no")),
        element("button", { class: "main" }, t("animals.unknown.save")))));
  document.body.append(dialog);
  dialog.showModal();
}

find("add")?.addEventListener("click", () => proposeAnimal(saved));
wireGallery({ acts, administers });
await Promise.all([showHousehold(), showUnknown()]);
if (administers) {
  const { in_force } = await call("configuration");
  if (!in_force) {
    find("pending").textContent = t("animals.rules.pending");
    find("pending").hidden = false;
  }
}

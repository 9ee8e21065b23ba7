// Galleries: collections of animals by name, searched by another picture, as programs for Rekognition know them.

import { ask, call } from "./api.js";
import { confirmed, element, find, toast } from "./dom.js";
import { percent } from "./format.js";
import { say, t } from "./texts.js";

let may = { acts: false, administers: false };

/** Show the collections, with what the reader may do. */
export function wireGallery(allowed) {
  may = allowed;
  find("create")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name } = event.target.elements;
    if (!(await ask("gallery", "POST", { name: name.value }))) return;
    name.value = "";
    await show();
  });
  show();
}

async function show() {
  const { collections } = await call("gallery");
  const none = element("li", { class: "card empty" }, t("animals.gallery.none"));
  find("collections").replaceChildren(...(collections.length ? collections.map(shelf) : [none]));
}

function shelf({ name, animals, fault }) {
  const inside = Object.entries(animals);
  const result = element("p", { class: "small", role: "status" });
  return element("li", { class: "card" },
    element("h3", {}, name),
    fault ? element("p", { class: "notice fault" }, say(fault)) : null,
    inside.length ? element("ul", { class: "list small" }, inside.map(([animal, count]) => entry(name, animal, count))) : element("p", { class: "soft small" }, t("animals.gallery.empty")),
    may.administers ? index(name, result) : null,
    may.acts ? search(name, result) : null,
    result,
    may.administers ? element("div", { class: "row end" }, element("button", { type: "button", class: "quiet", onclick: () => remove(name) }, t("animals.gallery.delete"))) : null);
}

function entry(name, animal, count) {
  const forget = element("button", { type: "button", class: "quiet", "aria-label": t("animals.gallery.forget", { name: animal }), onclick: async () => {
    if (await ask(`gallery/${name}/animals/${encodeURIComponent(animal)}`, "DELETE")) await show();
  } }, "×");
  return element("li", { class: "row apart" }, element("span", {}, `${animal}: ${t("animals.gallery.pictures", { count })}`), may.administers ? forget : null);
}

function index(name, result) {
  const files = element("input", { type: "file", name: "files", accept: "image/*", multiple: true, required: true, "aria-label": t("animals.gallery.files") });
  const animal = element("input", { name: "animal", required: true, maxlength: 255, pattern: "[a-zA-Z0-9_.\\-:]+", "aria-label": t("animals.gallery.animal"), placeholder: t("animals.gallery.animal") });
  return element("details", {}, element("summary", {}, t("animals.gallery.index")),
    element("form", { class: "stack", onsubmit: async (event) => {
      event.preventDefault();
      const button = event.target.querySelector("button");
      button.disabled = true;
      const chosen = [...files.files];
      let added = 0;
      for (const [place, file] of chosen.entries()) {
        result.textContent = t("animals.gallery.looking", { place: place + 1, count: chosen.length });
        const answer = await ask(`gallery/${name}/animals/${encodeURIComponent(animal.value)}`, "POST", file);
        added += answer?.FaceRecords?.length ?? 0;
      }
      toast(t("animals.gallery.indexed", { added, count: chosen.length }), added ? "info" : "fault");
      await show();
    } }, animal, files, element("button", { class: "main" }, t("animals.gallery.add"))));
}

function search(name, result) {
  const file = element("input", { type: "file", name: "file", accept: "image/*", "aria-label": t("animals.gallery.search"), onchange: async () => {
    if (!file.files.length) return;
    result.textContent = t("animals.gallery.looking", { place: 1, count: 1 });
    const answer = await ask(`gallery/${name}/search?threshold=0`, "POST", file.files[0]);
    result.textContent = answer ? likeness(answer) : "";
  } });
  return element("details", {}, element("summary", {}, t("animals.gallery.search")), file);
}

function likeness({ UserMatches: matches }) {
  if (!matches.length) return t("animals.gallery.nobody");
  return matches.slice(0, 5).map((each) => `${each.User.UserId}: ${percent(each.Similarity / 100)}`).join(" · ");
}

async function remove(name) {
  if (await confirmed(t("animals.gallery.sure", { name }), t("animals.gallery.delete"), t("animals.no")) && await ask(`gallery/${name}`, "DELETE")) await show();
}

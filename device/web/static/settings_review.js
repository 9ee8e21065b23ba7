// What a change of the project file means, before it is saved.

import { element } from "./dom.js";
import { say, t } from "./texts.js";

function difference({ section, key, before, after }) {
  const value = (each) => (each === null ? t("settings.save.nothing") : typeof each === "object" ? JSON.stringify(each) : String(each));
  return element("li", {}, element("strong", {}, `${section} ${key}`.trim()), element("br"),
    element("del", {}, value(before)), " → ", element("ins", {}, value(after)));
}

/** Ask whether what was `found` of a change shall be saved; `save` is called if so, where it `may` be. */
export function review(found, may, save) {
  const elsewhere = found.mistakes.map((each) => element("li", { class: "fault" }, say(each.what)));
  const dialog = element("dialog", { "aria-labelledby": "review-title", onclose: () => dialog.remove() },
    element("h2", { id: "review-title" }, t("settings.save.title")),
    elsewhere.length ? element("ul", {}, elsewhere) : null,
    element("ul", { class: "changes" }, found.differences.length ? found.differences.map(difference) : element("li", {}, t("settings.save.layout"))),
    element("p", {}, t("settings.save.restart")),
    found.rewires ? element("p", { class: "notice" }, t("settings.save.rewires")) : null,
    may ? null : element("p", { class: "notice fault" }, t("settings.save.shipped")),
    element("div", { class: "row end" },
      element("button", { type: "button", onclick: () => dialog.close() }, t("settings.save.back")),
      element("button", { type: "button", class: "main", disabled: elsewhere.length > 0 || !may, onclick: async () => {
        dialog.close();
        await save();
      } }, t("settings.save.save"))));
  document.body.append(dialog);
  dialog.showModal();
}

// A form out of a JSON Schema: each key a field with its words, its default, and what is wrong with it.

import { element } from "./dom.js";
import { t, word } from "./texts.js";

/** `[door]`, or `[[rule]] "vet day"`, as mistakes and differences name a place. */
export function place(section, entry, table) {
  return entry ? `[[${section}]] "${table?.name ?? entry}"` : `[${section}]`;
}

/** A key as a person reads it: "let_in_s" is "let in for (s)", and "lost_seconds", which has no words, "lost seconds". */
export function readable(key) {
  const units = { s: "s", ms: "ms", mb: "MB", px: "px", deg: "°", hz: "Hz", c: "°C", days: "days", hours: "h", minutes: "min" };
  const [, name, unit] = /^(.*?)(?:_(s|ms|mb|px|deg|hz|c|days|hours|minutes))?$/.exec(key);
  return word(`settings.key.${name}`, name.replaceAll("_", " ")) + (unit ? ` (${word(`settings.unit.${unit}`, units[unit])})` : "");
}

/** The words of a section without the mark of its name. */
export function about(schema) {
  return (schema.description ?? "").replace(/^(`\[+\w+\]+`:? ?|Keys of \[\w+\] with kind = )/, "");
}

const shown = (value) => (Array.isArray(value) ? value.map(shown).join(", ") : value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));

function plain(schema) {
  const some = schema.anyOf?.filter((each) => each.type !== "null");
  return some?.length === 1 ? { ...schema, ...some[0] } : schema;
}

/** What somebody wrote, as the file would have it; text that is no number stays text, and is told at its field. */
export function read(text, schema, key) {
  const given = text.trim();
  const kinds = [schema.type, ...(schema.anyOf ?? []).map((each) => each.type)].flat();
  if (given === "") return null;
  if (key === "window" && given.startsWith("{")) { try { return JSON.parse(given); } catch { return given; } }
  if (kinds.includes("number") || kinds.includes("integer")) {
    const number = Number(given.replace(",", "."));
    if (Number.isFinite(number)) return number;
  }
  if (kinds.includes("array") && (!kinds.includes("string") || given.includes(",")) && key !== "window") {
    const parts = given.split(",").map((each) => each.trim()).filter(Boolean);
    return parts.map((each) => (schema.items?.type === "string" || schema.items?.enum || schema.anyOf ? each : Number.isFinite(Number(each)) ? Number(each) : each));
  }
  return given;
}

/**
 * The fields of one table.
 *
 * `written` is what the file says, `complete` the same with defaults; `changed(key, value)` hears of every change,
 * null puts the default back. Keys in `without` are drawn elsewhere.
 */
export function fields(schema, { section, entry, written, complete, changed, without = [], above = "" }) {
  const holder = element("div", { class: "fields" });
  for (const [key, each] of Object.entries(schema.properties ?? {})) {
    const name = above + key;
    if (without.includes(name)) continue;
    if (each.properties) {
      holder.append(element("fieldset", {}, element("legend", {}, readable(key)),
        fields(each, { section, entry, written: written?.[key], complete: complete?.[key], changed, without, above: `${name}.` })));
    } else {
      holder.append(field(plain(each), key, name, { section, entry, written, complete, changed, needed: schema.required?.includes(key) }));
    }
  }
  return holder;
}

function field(schema, key, name, { section, entry, written, complete, changed, needed }) {
  const id = ["field", section, entry ?? "", name].join("-").replaceAll(".", "-");
  const value = written?.[key], usual = complete?.[key] ?? schema.default;
  const note = (input) => changed(name, read(input.value, schema, key));
  let control;
  if (schema.const !== undefined) {
    control = element("input", { id, value: schema.const, readonly: "" });
  } else if (schema.type === "boolean" && key !== "prey") {
    control = element("input", { id, type: "checkbox", onchange: () => changed(name, control.checked) });
    control.checked = Boolean(value ?? usual);
    return finished(schema, name, section, id, [element("label", { class: "switch" }, control, readable(key))], control);
  } else if (schema.enum || schema.type === "boolean") {
    const choices = schema.enum ?? [true, false];
    const silent = usual !== undefined && value === undefined ? t("settings.form.usually", { value: shown(usual) }) : t("settings.form.unsaid");
    control = element("select", { id, onchange: () => changed(name, control.value === "" ? null : JSON.parse(control.value)) },
      needed && value !== undefined ? null : element("option", { value: "" }, silent),
      choices.map((each) => element("option", { value: JSON.stringify(each) }, word(`settings.choice.${each}`, String(each)))));
    control.value = value === undefined ? "" : JSON.stringify(value);
  } else {
    const number = ["number", "integer"].includes(schema.type);
    control = element("input", { id, value: shown(value), placeholder: shown(usual), inputmode: number ? "decimal" : undefined, spellcheck: "false", autocomplete: "off", onchange: () => note(control) });
  }
  return finished(schema, name, section, id, [element("label", { for: id }, readable(key)), control], control);
}

function finished(schema, name, section, id, content, control) {
  const hint = schema.description ? element("p", { class: "hint", id: `${id}-hint` }, schema.description) : null;
  const fault = element("p", { class: "fault", id: `${id}-fault`, hidden: true });
  control.setAttribute("aria-describedby", `${hint ? hint.id : ""} ${fault.id}`.trim());
  return element("div", { class: "field", "data-section": section, "data-key": name }, ...content, hint, fault);
}

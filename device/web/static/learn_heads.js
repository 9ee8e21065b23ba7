// The versions of one head: which is in use, trying, taking into use, going back.

import { ask, call } from "./api.js";
import { confirmed, element, find, toast } from "./dom.js";
import { moment, number } from "./format.js";
import { showEvaluation } from "./learn_evaluation.js";
import { promise } from "./learn_promise.js";
import { labelled } from "./learn_stock.js";
import { say, t } from "./texts.js";

const administers = document.querySelector("meta[name=scope]").content === "admin";

let shown = "";

/** Show how the head of a task stands; `changed` is called when it stands otherwise. */
export async function showHeads(head, changed) {
  const versions = [...head.versions].reverse();
  const place = find("heads");
  place.replaceChildren(
    ...(head.fault ? [element("p", { class: "notice fault" }, say(head.fault))] : []),
    ...(head.shadow ? [element("p", { class: "notice" }, t("learn.heads.trial_note", { title: `${head.name}/${head.shadow}` }))] : []),
    versions.length
      ? element("ul", { class: "grid" }, versions.map((each) => card(head, each, changed)))
      : element("div", { class: "card empty" }, element("p", {}, t("learn.heads.none")), element("p", { class: "small" }, t("learn.heads.none_next"))),
  );
  if (head.rehearsed) place.append(element("div", { class: "row end" }, worth(head, null, t("learn.heads.rehearsal"), changed)));
  const best = versions.find((each) => each.version === head.active && each.evaluated);
  const key = `${head.task}/${head.active}`;
  if (shown !== key || !find("worth").firstChild) {
    shown = key;
    find("evaluation").hidden = true;
    if (best) await look(head, best.version, changed);
    else if (head.rehearsed) await look(head, null, changed);
  }
}

function card(head, version, changed) {
  const title = `${head.name}/${version.version}`;
  const use = { "in use": ["good", "learn.heads.in_use"], "on trial": ["warning", "learn.heads.on_trial"] }[version.use];
  const since = version.use === "in use" && head.since ? t("learn.heads.since", { when: moment(head.since) }) : "";
  return element("li", { class: "card version" },
    element("div", { class: "row apart" }, element("h3", {}, title), use ? element("span", { class: `badge ${use[0]}` }, t(use[1])) : null),
    since ? element("p", { class: "soft small" }, since) : null,
    element("p", { class: "small" }, Object.entries(version.examples).map(([label, count]) => `${labelled(label)} ${count}`).join(" · ")),
    element("dl", {}, Object.entries(version.thresholds).flatMap(([light, each]) => [
      element("dt", {}, t(`learn.light.${light}`)),
      element("dd", {}, promise(head.task, each))])),
    element("div", { class: "row end" }, actions(head, version, changed)));
}

function actions(head, version, changed) {
  const found = version.evaluated ? [worth(head, version.version, t("learn.heads.worth"), changed)] : [];
  const at = `learning/heads/${head.task}/versions/${version.version}`;
  const act = (words, ...request) => element("button", { type: "button", onclick: async (event) => {
    event.currentTarget.disabled = true;
    if (await ask(...request)) toast(t("learn.heads.done"));
    await changed();
  } }, words);
  if (version.use !== "in use" && head.active) found.push(element("button", { type: "button", onclick: (event) => compare(event.currentTarget, at) }, t("learn.heads.compare")));
  if (!administers) return found;
  if (version.use === "on trial") found.push(act(t("learn.heads.give_up"), `${at}/trial`, "DELETE"));
  if (version.use === "" && head.active) found.push(act(t("learn.heads.trial"), `${at}/trial`));
  if (version.use !== "in use") found.push(element("button", { type: "button", class: "main", onclick: (event) => activate(event.currentTarget, head, version, at, changed) }, t("learn.heads.activate")));
  if (version.use === "in use" && head.before.length) found.push(element("button", { type: "button", onclick: (event) => goBack(event.currentTarget, head, changed) }, t("learn.heads.go_back", { version: head.before.at(-1).version })));
  return found;
}

/** The album's gate: a head that would let in a bad visit is held back, unless its owner insists. */
async function activate(button, head, version, at, changed) {
  button.disabled = true;
  const { objection } = head.active ? await call(`${at}/comparison`) : { objection: null };
  const title = `${head.name}/${version.version}`;
  const question = objection ? t("learn.heads.objection", { title, why: say(objection) }) : t("learn.heads.sure", { title });
  const yes = objection ? t("learn.heads.anyway") : t("learn.heads.activate");
  if (await confirmed(question, yes, t("learn.heads.no"))) {
    if (await ask(`${at}/activate`, "POST", { anyway: Boolean(objection) })) toast(t("learn.heads.done"));
  }
  await changed();
}

async function goBack(button, head, changed) {
  button.disabled = true;
  const question = t("learn.heads.sure_back", { title: `${head.name}/${head.before.at(-1).version}` });
  if (await confirmed(question, t("learn.heads.yes_back"), t("learn.heads.no")) && await ask(`learning/heads/${head.task}/rollback`)) toast(t("learn.heads.done"));
  await changed();
}

async function compare(button, at) {
  const found = await ask(`${at}/comparison`, "GET");
  if (!found) return;
  const rows = [
    ["learn.compare.right", found.put_right], ["learn.compare.wrong", found.put_wrong],
    ["learn.compare.bad", found.bad_let_in], ["learn.compare.differ", found.differ],
    ["learn.compare.golden", found.golden_let_in],
  ];
  const list = element("div", { class: "small" },
    element("p", {}, t("learn.compare.visits", { visits: found.visits, known: found.known, golden: found.golden })),
    element("dl", {}, rows.flatMap(([key, visits]) => [element("dt", {}, t(key)), element("dd", {}, `${visits.length}${visits.length ? `: ${visits.slice(0, 5).join(", ")}` : ""}`)])),
    element("p", { class: found.objection ? "notice" : "notice good" }, found.objection ? say(found.objection) : t("learn.compare.may")));
  button.closest(".version").append(list);
  button.remove();
}

function worth(head, version, words, changed) {
  return element("button", { type: "button", onclick: async () => {
    if (await look(head, version, changed)) find("evaluation").scrollIntoView({ block: "start" });
  } }, words);
}

async function look(head, version, changed) {
  const address = version === null ? `learning/heads/${head.task}/rehearsal` : `learning/heads/${head.task}/versions/${version}/evaluation`;
  const found = await ask(address, "GET");
  if (!found) return false;
  const title = version === null ? t("learn.heads.rehearsal") : `${head.name}/${version}`;
  const inForce = version !== null && version === head.active && administers;
  showEvaluation(find("worth"), found, title, inForce ? (light, value) => demand(head, light, value, changed) : null);
  find("evaluation").hidden = false;
  return true;
}

async function demand(head, light, value, changed) {
  if (!(await confirmed(t("learn.slider.sure", { at: number(value, 2) }), t("learn.slider.put"), t("learn.heads.no")))) return;
  if (await ask(`learning/heads/${head.task}/thresholds`, "POST", { [light]: value })) toast(t("learn.heads.done"));
  await changed();
}

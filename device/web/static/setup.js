// The page `setup`: the first start step by step; where it stands is the device's to say, so that it can be left.

import { ask, call, repeat } from "./api.js";
import { confirmed, element, find, toast } from "./dom.js";
import { number } from "./format.js";
import { at } from "./people.js";
import { awaitReturn } from "./restart.js";
import { say, t } from "./texts.js";
import { drawing } from "./zone.js";

const STEPS = [...document.querySelectorAll("[data-step]")].map((each) => each.dataset.step);
let standing, shown, drawn, best = 0;

async function load() {
  standing = await call("setup");
  for (const button of document.querySelectorAll("[data-step]")) {
    button.querySelector(".badge").hidden = !standing.done[button.dataset.step];
  }
  find("shipped").hidden = standing.can_be_saved;
}

function show(step, moveFocus = true) {
  shown = step;
  for (const panel of document.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== step;
  for (const button of document.querySelectorAll("[data-step]")) button.toggleAttribute("aria-current", button.dataset.step === step);
  ({ password, zone, bolt, animals, enforce })[step]?.();
  if (moveFocus) document.querySelector(`[data-panel=${step}] h2`).focus();
}

async function onwards(from = shown) {
  await load();
  show(STEPS[STEPS.indexOf(from) + 1] ?? "enforce");
}

/** Save changes of the project file; a mistake is told by `wrong`, and false answered. */
async function save(changes, wrong) {
  try {
    const { sha256 } = await call("configuration");
    await call("configuration/changes", "POST", { changes, replaces: sha256 });
    return true;
  } catch (error) {
    wrong(error);
    return false;
  }
}

// Password

function password() {
  find("password").hidden = standing.done.password;
  find("has-password").hidden = !standing.done.password;
}

find("password").addEventListener("submit", async (event) => {
  event.preventDefault();
  at("new-field");
  at("again-field");
  if (find("new").value !== find("again").value) { at("again-field", t("setup.password.differs")); return; }
  try {
    await call("passwords/owner", "PUT", { password: find("new").value });
  } catch (error) {
    at("new-field", error.message);
    return;
  }
  await onwards("password");
});

// Aim

async function judge() {
  if (shown !== "aim") return;
  find("aim").src = `/api/v1/live/frame?${Date.now()}`;
  const { sharpness, sharp, light } = await call("live/quality");
  best = Math.max(best, sharpness);
  find("sharpness").max = Math.max(best, 1);
  find("sharpness").value = sharpness;
  find("sharpness-words").textContent = t(sharp ? "setup.aim.sharp" : "setup.aim.blurred", { value: number(sharpness, 0), best: number(best, 0) });
  find("light").textContent = t(`setup.light.${light}`);
}

async function confirmStep(step) {
  if (await ask(`setup/${step}`, "PUT", { done: true })) await onwards(step);
}
document.querySelector("[data-confirm=aim]").addEventListener("click", () => confirmStep("aim"));

// Zone

function zone() {
  drawn = null;
  drawing(find("drawing"), standing, (now) => { drawn = now; });
}

find("keep-zone").addEventListener("click", async () => {
  find("zone-fault").textContent = "";
  const changes = drawn ? [
    { section: "view", key: "zone", value: drawn.zone },
    { section: "tracker", key: "line", value: drawn.line },
    { section: "tracker", key: "inward", value: drawn.inward },
  ] : [];
  if (changes.length && !(await save(changes, (error) => { find("zone-fault").textContent = error.message; }))) return;
  await confirmStep("zone");
});

// Bolt

function bolt() {
  for (const key of ["blocks", "rest"]) {
    for (const each of document.getElementsByName(key)) each.checked = each.value === standing[key];
  }
  find("trapped").hidden = standing.blocks !== "both";
}

for (const key of ["blocks", "rest"]) {
  for (const each of document.getElementsByName(key)) {
    each.addEventListener("change", async () => {
      find("bolt-fault").textContent = "";
      if (await save([{ section: "guard", key, value: each.value }], (error) => { find("bolt-fault").textContent = error.message; })) toast(t("setup.saved"));
      await load();
      bolt();
    });
  }
}

find("try-bolt").addEventListener("click", async () => {
  if (!(await ask("bolt/trial"))) return;
  find("try-bolt").disabled = true;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { running, moves, refusal } = await call("bolt/trial");
    find("moves").replaceChildren(
      ...moves.map((each) => element("li", {}, t("setup.bolt.moved", { seconds: number(each.after_s), state: t(`words.bolt.${each.state}`) }))),
      ...(refusal ? [element("li", { class: "fault" }, say(refusal))] : []));
    if (!running) break;
  }
  find("try-bolt").disabled = false;
});
find("heard").addEventListener("click", () => confirmStep("bolt"));
find("not-heard").addEventListener("click", async () => {
  find("no-bolt").hidden = false;
  await ask("setup/bolt", "PUT", { done: false });
  await load();
});

// Animals

function animals() {
  const none = element("li", { class: "soft" }, t("setup.animals.none"));
  find("animals").replaceChildren(...(standing.animals.length ? standing.animals.map((name, n) =>
    element("li", { class: "row apart" }, element("strong", {}, name),
      element("button", { type: "button", class: "quiet", onclick: () => forget(n + 1) }, t("setup.animals.remove", { name })))) : [none]));
}

async function forget(entry) {
  await save([{ section: "animal", entry }], (error) => toast(error.message, "fault"));
  await load();
  animals();
}

find("animal").addEventListener("submit", async (event) => {
  event.preventDefault();
  at("name-field");
  at("chip-field");
  const chip = find("chip").value.replaceAll(/\s/g, "");
  const value = { name: find("name").value.trim(), ...(chip ? { chip } : {}) };
  const added = await save([{ section: "animal", entry: standing.animals.length + 1, value }], (error) => {
    const ofChip = error.errors?.some((each) => each.where.endsWith(" chip"));
    at(ofChip ? "chip-field" : "name-field", ofChip ? t("setup.animals.chip_wrong") : error.message);
  });
  if (!added) return;
  find("animal").reset();
  await load();
  animals();
  find("name").focus();
});
find("enough").addEventListener("click", () => onwards("animals"));

// Enforce

function enforce() {
  const lines = [
    ...STEPS.filter((each) => each !== "enforce").map((each) => [standing.done[each], t(`setup.step.${each}`), standing.done[each] ? "" : t("setup.enforce.step_missing"), each]),
    ...Object.entries(standing.needs).map(([need, met]) => [met, t(`setup.need.${need}`), met ? "" : t(`setup.missing.${need}`), null]),
  ];
  find("checklist").replaceChildren(...lines.map(([met, what, why, step]) =>
    element("li", { class: met ? "" : "missing" },
      element("span", { class: "mark", role: "img", "aria-label": t(met ? "setup.done" : "setup.enforce.missing") }, met ? "✓" : "!"),
      step && !met ? element("button", { type: "button", class: "quiet", onclick: () => show(step) }, what) : element("span", {}, what),
      why ? element("span", { class: "why" }, why) : null)));
  find("enforce").hidden = standing.done.enforce;
  find("obeys").hidden = !standing.done.enforce;
  find("restart").hidden = standing.needs["in-force"];
}

find("enforce").addEventListener("click", async () => {
  const ready = STEPS.every((each) => each === "enforce" || standing.done[each]) && Object.values(standing.needs).every(Boolean);
  if (!ready && !(await confirmed(t("setup.enforce.sure"), t("setup.enforce.all_the_same"), t("setup.enforce.back")))) return;
  if (!(await ask("enforce", "PUT", { enforce: true }))) return;
  for (let tries = 0; tries < 20; tries += 1) { // the loop hears of it in its next pass
    await load();
    if (standing.done.enforce) break;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  enforce();
});
find("restart").addEventListener("click", async () => {
  if (!(await ask("restart"))) return;
  toast(t("setup.enforce.restarting"));
  awaitReturn();
});

for (const button of document.querySelectorAll("[data-step]")) {
  button.addEventListener("click", async () => { await load(); show(button.dataset.step); });
}
await load();
if (!shown) show(standing.next ?? "enforce", false);
await repeat(judge, 500);

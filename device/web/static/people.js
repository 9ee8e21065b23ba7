// Passwords and tokens on the page `settings`.

import { ask, call } from "./api.js";
import { confirmed, element, find, toast } from "./dom.js";
import { say, t } from "./texts.js";

let roles = [];

async function showPeople() {
  ({ roles } = await call("passwords"));
  find("current-field").hidden = find("for").value !== "owner" || !roles.includes("owner");
  find("remove-viewer").hidden = !roles.includes("viewer");
}

async function showTokens() {
  const tokens = await call("tokens");
  find("tokens").replaceChildren(...tokens.map((each) => element("li", { class: "row apart" },
    element("span", {}, element("strong", {}, each.name), " ", element("span", { class: "soft small" }, t(`settings.scope.${each.scope}`))),
    element("button", { type: "button", class: "quiet", "aria-label": `${t("settings.people.revoke")}: ${each.name}`, onclick: () => revoke(each.name) }, t("settings.people.revoke")))));
}

async function revoke(name) {
  if (!(await confirmed(t("settings.people.sure", { name }), t("settings.people.revoke"), t("settings.save.back")))) return;
  await ask(`tokens/${encodeURIComponent(name)}`, "DELETE");
  await showTokens();
}

/** Say what is wrong at its field, or that nothing is. */
export function at(fieldId, message) {
  const field = find(fieldId), fault = field.querySelector(".fault");
  fault.hidden = !message;
  fault.textContent = message ?? "";
  field.classList.toggle("wrong", Boolean(message));
  if (message) field.querySelector("input").focus();
}

async function setPassword(event) {
  event.preventDefault();
  at("current-field");
  at("new-field");
  try {
    await call(`passwords/${find("for").value}`, "PUT", { password: find("new").value, current: find("current").value });
  } catch (error) {
    const current = error.status === 403 || error.status === 429;
    at(current ? "current-field" : "new-field", current && error.status === 403 ? t("settings.people.not_current") : error.message);
    return;
  }
  toast(t("settings.people.done"));
  find("password").reset();
  await showPeople();
}

async function makeToken(event) {
  event.preventDefault();
  at("token-field");
  try {
    const made = await call("tokens", "POST", { name: find("token-name").value, scope: find("token-scope").value });
    find("made").hidden = false;
    find("made").replaceChildren(t("settings.people.made"), element("br"), element("span", { class: "token" }, made.token));
    find("token").reset();
    await showTokens();
  } catch (error) {
    at("token-field", say(error.message));
  }
}

/** Show who may enter, and listen. */
export async function access() {
  find("for").addEventListener("change", showPeople);
  find("password").addEventListener("submit", setPassword);
  find("token").addEventListener("submit", makeToken);
  find("remove-viewer").addEventListener("click", async () => {
    await ask("passwords/viewer", "DELETE");
    await showPeople();
  });
  await Promise.all([showPeople(), showTokens()]);
}

// The page `now`: shows what /api/v1/state says, and asks for what its buttons say. Nothing else is stored here.

const PERIOD_MS = 1000;
const RECENT_MS = 15000;
const csrf = document.querySelector("meta[name=csrf]").content;
const find = (id) => document.getElementById(id);
const words = { LOCKED: "locked", UNLOCKED: "unlocked", LOCKING: "locking", UNLOCKING: "unlocking", JAMMED: "jammed" };

async function call(path, method = "GET", body = undefined) {
  const headers = { "X-CSRF-Token": csrf };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.status === 401) location.assign("/login");
  const content = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Error(content.detail);
  return content;
}

function say(text) {
  find("answer").textContent = text;
}

async function ask(path, method, body) {
  try {
    const accepted = await call(`/api/v1/${path}`, method, body);
    say(`Asked: ${accepted.asked}`);
    await show();
  } catch (error) {
    say(error.message);
  }
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function seconds(value) {
  const whole = Math.ceil(value);
  return whole >= 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole} s`;
}

function present(visit) {
  const line = element("li", `${visit.who ?? visit.species}: ${visit.reason || visit.outcome}`);
  for (const meter of visit.meters) {
    const needed = meter.needed ?? Infinity;
    const bar = element("progress", "", "meter");
    bar.max = Number.isFinite(needed) && needed > 0 ? needed : 1;
    bar.value = Math.max(0, Math.min(meter.value, bar.max));
    const text = `${meter.name}: reached ${meter.value.toFixed(1)}, needed ${Number.isFinite(needed) ? needed.toFixed(1) : "more"}`;
    bar.setAttribute("aria-label", text);
    line.append(element("small", text), bar);
  }
  return line;
}

function draw(boxes) {
  const shapes = boxes.map(({ box }) => {
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of [["x", box.left], ["y", box.top], ["width", box.width], ["height", box.height]]) {
      shape.setAttribute(name, value);
    }
    return shape;
  });
  find("boxes").replaceChildren(...shapes);
}

function notice(state) {
  if (state.settings_lost) return "The settings were lost: entry stays locked until a mode is set.";
  if (state.blind) return `The camera proves nothing: ${state.blind}.`;
  if (state.refusal) return state.refusal;
  if (state.would_unlock) return "It would open now, but the bolt does not obey yet.";
  if (!state.enforce) return "The bolt does not obey yet: Latchlens only notes what it would do.";
  return "";
}

async function show() {
  const state = await call("/api/v1/state");
  find("reason").textContent = state.reason || state.outcome;
  find("bolt").textContent = words[state.bolt] + (state.open_for_s > 0 ? ` for ${seconds(state.open_for_s)}` : "");
  find("door").textContent = state.door;
  find("mode").textContent = state.mode;
  find("notice").textContent = notice(state);
  find("notice").hidden = !notice(state);
  const mode = find("choose-mode");
  if (mode && document.activeElement !== mode) mode.value = state.mode;
  const enforce = find("enforce");
  if (enforce) enforce.checked = state.enforce;
  draw(state.boxes);
  find("visits").replaceChildren(...state.visits.map(present));
  const out = state.lockouts.map(({ who, remaining_s }) => element("li", `${who} stays out for ${seconds(remaining_s)}`));
  find("lockouts").replaceChildren(...out);
  const ill = state.health.filter((part) => part.state === "warning" || part.state === "fault");
  find("health").replaceChildren(...ill.map((part) => element("li", [part.part, part.text, part.fix].filter(Boolean).join(": "), part.state)));
}

async function showRecent() {
  const { visits } = await call("/api/v1/visits?limit=6");
  const lines = visits.map((visit) => {
    const when = visit.started_wall === null ? "" : new Date(visit.started_wall * 1000).toLocaleString();
    const line = element("li", `${visit.who ?? visit.species}: ${(visit.kind ?? "now").toLowerCase()}, ${visit.outcome}`);
    line.append(element("small", [when, visit.reason].filter(Boolean).join(" · ")));
    return line;
  });
  find("recent").replaceChildren(...(lines.length ? lines : [element("li", "none yet")]));
}

function watch() {
  const picture = find("live");
  const begin = () => { picture.src = `/api/v1/live/stream?${Date.now()}`; };
  picture.addEventListener("load", () => { find("missing").hidden = true; });
  picture.addEventListener("error", () => {
    find("missing").textContent = "No live picture: too many watch, or the camera gives none.";
    find("missing").hidden = false;
    setTimeout(begin, 5000);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) picture.removeAttribute("src");
    else begin();
  });
  begin();
}

async function repeat(action, period) {
  for (;;) {
    if (!document.hidden) {
      try { await action(); } catch (error) { say(error.message); }
    }
    await new Promise((resolve) => setTimeout(resolve, period));
  }
}

for (const button of document.querySelectorAll("button[data-post]")) {
  button.addEventListener("click", () => ask(button.dataset.post, "POST"));
}
find("choose-mode")?.addEventListener("change", (event) => ask("mode", "PUT", { mode: event.target.value }));
find("enforce")?.addEventListener("change", (event) => ask("enforce", "PUT", { enforce: event.target.checked }));
find("logout").addEventListener("click", async () => {
  await call("/logout", "POST");
  location.assign("/login");
});
watch();
repeat(show, PERIOD_MS);
repeat(showRecent, RECENT_MS);

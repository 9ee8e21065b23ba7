// The simulator's panel: the world from above beside the camera's picture, and what can be changed in it.

import { ask, call, repeat } from "./api.js";
import { element, fill, find, shape, toast, write } from "./dom.js";
import { duration } from "./format.js";
import { watch } from "./live.js";
import { say, t, word } from "./texts.js";

const PERIOD_MS = 400;
const WIDTH = 100, HEIGHT = 75, WALL = 54, FAR = 5, DEEP = 71;

function called(who, carries = false, indoors = false) {
  const name = word(`simulator.name.${who}`, who);
  const described = carries ? t("simulator.now.with_mouse", { who: name }) : name;
  return indoors ? t("simulator.now.from_inside", { who: described }) : described;
}

/** Where a visitor stands in the drawing: the garden is above the wall, the house below it. */
function place({ side, near, indoors, phase }) {
  const x = WIDTH / 2 + side * WIDTH;
  if (phase === "passing") return [x, WALL + 1];
  return indoors ? [x, DEEP - near * (DEEP - WALL - 5)] : [x, FAR + near * (WALL - FAR - 5)];
}

function figure(each) {
  const [x, y] = place(each);
  const mouse = each.carries ? shape("ellipse", { class: "mouse", cx: 3.2, cy: 0.8, rx: 1.6, ry: 1 }) : null;
  return shape("g", { class: `figure ${each.own ? "own" : "other"}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` },
    shape("circle", { r: each.species === "person" ? 3.6 : 2.6 }), mouse,
    shape("text", { x: 4.6, y: 1.4 }, called(each.who)));
}

function above(world) {
  const angle = -70 * world.flap;
  return shape("svg", { class: "above", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": t("simulator.world.above") },
    shape("rect", { class: "garden", width: WIDTH, height: WALL }),
    shape("path", { class: "path", d: `M44 ${WALL} L46 0 h8 L56 ${WALL} z` }),
    shape("path", { class: "view", d: `M50 ${WALL} L12 0 H88 z` }),
    shape("rect", { class: "floor", y: WALL, width: WIDTH, height: HEIGHT - WALL }),
    shape("rect", { class: "wall", y: WALL - 1.5, width: 44, height: 3 }),
    shape("rect", { class: "wall", x: 56, y: WALL - 1.5, width: 44, height: 3 }),
    shape("line", { class: "flap", x1: 44.5, y1: WALL, x2: 55.5, y2: WALL, transform: `rotate(${angle} 44.5 ${WALL})` }),
    shape("rect", { class: world.unbolted ? "latch open" : "latch", x: world.unbolted ? 57.5 : 54.5, y: WALL + 1.8, width: 4, height: 1.6, rx: 0.5 }),
    shape("text", { class: "place", x: 2, y: 6 }, t("simulator.world.garden")),
    shape("text", { class: "place", x: 2, y: HEIGHT - 3 }, t("simulator.world.house")),
    ...world.figures.map(figure));
}

function happens(world) {
  const there = world.figures.filter((each) => each.phase !== "away");
  if (there.length) {
    return there.map((each) => t("simulator.now.somebody", { who: called(each.who, each.carries), phase: t(`simulator.phase.${each.phase}`) })).join(" ");
  }
  const [next] = world.coming;
  const soon = next
    ? t("simulator.now.next", { who: called(next.who, next.carries, next.indoors), time: duration(next.in_s / world.speed) })
    : t("simulator.now.nothing");
  return t("simulator.now.nobody", { next: soon });
}

function told(each) {
  const what = t(`simulator.what.${each.what.replace(" ", "-")}`, { who: called(each.who, each.carries) });
  return element("li", {}, element("span", { class: "soft" }, `${duration(each.time)}  `), what);
}

async function show() {
  const [world, state] = await Promise.all([call("simulator"), call("state")]);
  write(find("happens"), happens(world));
  write(find("seeing"), t(world.seeing === "real" ? "simulator.intro.real" : "simulator.intro.painted"));
  write(find("clock"), t("simulator.world.time", { time: duration(world.time), seconds: duration(world.seconds) }));
  find("above").replaceChildren(above(world));
  write(find("bolt"), t(world.unbolted ? "simulator.world.unbolted" : "simulator.world.bolted"));
  find("bolt").className = world.unbolted ? "badge good" : "badge";
  find("fault").hidden = !world.fault;
  if (world.fault) write(find("fault"), t("simulator.world.fault", { what: t(`simulator.fault.${world.fault}`) }));
  fill(find("told"), world.told.map(told));
  write(find("reason"), say(state.reason));
  find("boxes").replaceChildren(...state.boxes.map(({ box }) => shape("rect", { x: box.left, y: box.top, width: box.width, height: box.height })));
  for (const button of document.querySelectorAll("button[data-times]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.times) === world.speed));
  }
  const choice = find("scene");
  if (choice && document.activeElement !== choice && choice.dataset.played !== world.scene) {
    choice.value = choice.dataset.played = world.scene;
  }
}

async function change(...request) {
  if (await ask(...request)) toast(t("simulator.do.done"));
}

function control() {
  for (const button of document.querySelectorAll("button[data-who]")) {
    button.addEventListener("click", () => change("simulator/visitor", "POST", { who: button.dataset.who }));
  }
  for (const button of document.querySelectorAll("button[data-fault]")) {
    button.addEventListener("click", () => change("simulator/fault", "POST", { what: button.dataset.fault }));
  }
  for (const button of document.querySelectorAll("button[data-times]")) {
    button.addEventListener("click", () => change("simulator/speed", "PUT", { times: Number(button.dataset.times) }));
  }
  find("mouse")?.addEventListener("click", () => change("simulator/mouse"));
  find("choose")?.addEventListener("submit", (event) => {
    event.preventDefault();
    change("simulator/scene", "PUT", { name: find("scene").value });
  });
}

async function listScenes() {
  const scenes = await call("simulator/scenes");
  find("scene")?.replaceChildren(...scenes.map(({ name, title }) => element("option", { value: name }, say(title))));
}

control();
await listScenes();
watch(find("live"), find("missing"));
repeat(show, PERIOD_MS);

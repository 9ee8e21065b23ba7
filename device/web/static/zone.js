// Draws the zone and the line over the live picture, by mouse, touch and keyboard; whoever wants it gives the values.

import { call, repeat } from "./api.js";
import { element, shape } from "./dom.js";
import { t } from "./texts.js";

const STEP = 0.01;
const LEAST = 0.05;
const ARROWS = { down: "↓", up: "↑", left: "←", right: "→" };
const MOVES = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

const within = (value, least, most) => Math.min(Math.max(value, least), most);
const tidy = (value) => Math.round(value * 1000) / 1000;

/** Into `holder`: the picture with zone [left, top, width, height], line [[x, y], [x, y]] and the way in. */
export function drawing(holder, { zone, line, inward }, changed) {
  let [left, top, width, height] = zone;
  let right = left + width, bottom = top + height;
  let ends = line.map((point) => [...point]);
  let way = inward;

  const area = shape("rect", { class: "area" });
  const shade = shape("path", { class: "shade", "fill-rule": "evenodd" });
  const stroke = shape("line", { class: "line" });
  const seen = shape("g");
  const arrow = element("span", { class: "arrow", "aria-hidden": "true" });
  const image = element("img", { src: "/api/v1/live/frame", alt: t("words.zone.picture"), width: 960, height: 720 });
  const picture = element("div", { class: "picture" },
    image,
    shape("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" }, shade, area, seen, stroke),
    arrow);
  const ways = element("select", { onchange: () => { way = ways.value; show(); told(); } },
    Object.keys(ARROWS).map((each) => element("option", { value: each }, t(`words.inward.${each}`))));
  ways.value = way;
  const spoken = element("p", { class: "soft small", role: "status" });
  holder.replaceChildren(element("div", { class: "zone" }, picture,
    element("div", { class: "row apart" },
      element("label", { class: "row" }, t("words.zone.inward"), ways),
      element("button", { type: "button", onclick: whole }, t("words.zone.whole"))),
    spoken));

  const corners = [["left_top", 0, 0], ["right_top", 1, 0], ["left_bottom", 0, 1], ["right_bottom", 1, 1]].map(([name, x, y]) => {
    const move = (dx, dy) => {
      if (x) right = within(right + dx, left + LEAST, 1); else left = within(left + dx, 0, right - LEAST);
      if (y) bottom = within(bottom + dy, top + LEAST, 1); else top = within(top + dy, 0, bottom - LEAST);
    };
    return handle("corner", t(`words.zone.${name}`), () => [x ? right : left, y ? bottom : top], move);
  });
  const middle = handle("middle", t("words.zone.move"), () => [(left + right) / 2, (top + bottom) / 2], (dx, dy) => {
    const x = within(dx, -left, 1 - right), y = within(dy, -top, 1 - bottom);
    left += x; right += x; top += y; bottom += y;
  });
  const tips = [0, 1].map((which) => handle("end", t(`words.zone.end_${which + 1}`), () => ends[which], (dx, dy) => {
    ends[which] = [within(ends[which][0] + dx, 0, 1), within(ends[which][1] + dy, 0, 1)];
  }));
  const handles = [...corners, middle, ...tips];
  drag(area, (dx, dy) => middle.move(dx, dy));
  show();
  repeat(watch, 1000);

  function handle(kind, label, where, move) {
    const made = element("button", { type: "button", class: `handle ${kind}`, "aria-label": label });
    made.addEventListener("keydown", (event) => {
      const step = MOVES[event.key];
      if (!step) return;
      event.preventDefault();
      const times = event.shiftKey ? 5 : 1;
      move(step[0] * times, step[1] * times);
      show();
      told();
    });
    drag(made, move);
    picture.append(made);
    return { made, where, move };
  }

  function drag(target, move) {
    target.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      target.setPointerCapture(event.pointerId);
      target.focus?.();
      let x = event.clientX, y = event.clientY;
      const moved = (next) => {
        const { width: wide, height: high } = picture.getBoundingClientRect();
        move((next.clientX - x) / wide, (next.clientY - y) / high);
        x = next.clientX;
        y = next.clientY;
        show();
      };
      const over = () => {
        target.removeEventListener("pointermove", moved);
        told();
      };
      target.addEventListener("pointermove", moved);
      target.addEventListener("pointerup", over, { once: true });
      target.addEventListener("pointercancel", over, { once: true });
    });
  }

  function show() {
    for (const [name, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) area.setAttribute(name, value);
    shade.setAttribute("d", `M0 0H1V1H0Z M${left} ${top}H${right}V${bottom}H${left}Z`);
    ends.forEach(([x, y], which) => { stroke.setAttribute(`x${which + 1}`, x); stroke.setAttribute(`y${which + 1}`, y); });
    arrow.textContent = ARROWS[way];
    arrow.style.left = `${(ends[0][0] + ends[1][0]) * 50}%`;
    arrow.style.top = `${(ends[0][1] + ends[1][1]) * 50}%`;
    for (const { made, where } of handles) {
      const [x, y] = where();
      made.style.left = `clamp(.6rem, ${x * 100}%, calc(100% - .6rem))`;
      made.style.top = `clamp(.6rem, ${y * 100}%, calc(100% - .6rem))`;
    }
  }

  function whole() {
    [left, top, right, bottom] = [0, 0, 1, 1];
    show();
    told();
  }

  function told() {
    const percent = (value) => Math.round(value * 100);
    spoken.textContent = t("words.zone.is", { left: percent(left), top: percent(top), right: percent(right), bottom: percent(bottom) });
    changed({
      zone: [left, top, right - left, bottom - top].map(tidy),
      line: ends.map((point) => point.map(tidy)),
      inward: way,
    });
  }

  async function watch() {
    if (!holder.isConnected) return;
    image.src = `/api/v1/live/frame?${Date.now()}`; // one a second: a viewer's place is for those who watch
    const state = await call("state");
    seen.replaceChildren(...state.boxes.map(({ box }) =>
      shape("rect", { class: "seen", x: box.left, y: box.top, width: box.width, height: box.height })));
  }
}

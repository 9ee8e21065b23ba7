// Boxes on a picture, drawn and corrected by finger, mouse and keyboard. Ratios 0..1 of the picture, as the API has them.

import { element } from "./dom.js";
import { t, word } from "./texts.js";

const LEAST = 0.02, STEP = 0.01;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const within = (value, low, high) => Math.min(Math.max(value, low), high);

export const named = (label) => word(`words.labels.species.${label}`, word(`words.labels.prey.${label}`, label));

/** An editor over the picture at `source`; `boxes` is changed in place, `labels` are what may be boxed. */
export class BoxEditor {
  constructor(source, alt, boxes, labels) {
    this.boxes = boxes;
    this.labels = labels;
    this.label = labels[0];
    this.layer = element("div", { class: "layer" });
    this.area = element("div", { class: "picture drawn" }, element("img", { src: source, alt, draggable: "false" }), this.layer);
    this.list = element("ul", { class: "list" });
    this.layer.addEventListener("pointerdown", (event) => this.#press(event));
    this.draw();
  }

  /** A box in the middle, for those who do not point. */
  add() {
    this.boxes.push({ left: 0.35, top: 0.35, width: 0.3, height: 0.3, label: this.label });
    this.draw();
    this.#focus(this.boxes.length - 1);
  }

  draw() {
    this.layer.replaceChildren(...this.boxes.map((box, place) => this.#shown(box, place)));
    const none = element("li", { class: "soft" }, t("visit.draw.none"));
    this.list.replaceChildren(...(this.boxes.length ? this.boxes.map((box, place) => this.#line(box, place)) : [none]));
  }

  #shown(box, place) {
    const made = element("button", { type: "button", class: "box", "aria-label": t("visit.draw.box", { number: place + 1, label: named(box.label) }) },
      element("span", { class: "name" }, named(box.label)), element("span", { class: "corner", "data-corner": place }));
    made.dataset.place = place;
    made.addEventListener("keydown", (event) => this.#key(event, place));
    this.#put(made, box);
    return made;
  }

  #put(made, box) {
    for (const side of ["left", "top", "width", "height"]) made.style[side] = `${box[side] * 100}%`;
  }

  #line(box, place) {
    const choose = element("select", { "aria-label": t("visit.draw.box", { number: place + 1, label: named(box.label) }), onchange: (event) => { box.label = this.label = event.target.value; this.draw(); } },
      this.labels.map((each) => element("option", { value: each, selected: each === box.label }, named(each))));
    const remove = element("button", { type: "button", class: "quiet", "aria-label": t("visit.draw.remove", { number: place + 1 }), onclick: () => this.#remove(place) }, "✕");
    return element("li", { class: "row apart" }, element("span", { class: "row" }, element("strong", {}, String(place + 1)), choose), remove);
  }

  #remove(place) {
    this.boxes.splice(place, 1);
    this.draw();
    this.#focus(Math.min(place, this.boxes.length - 1));
  }

  #focus(place) {
    this.layer.children[place]?.focus();
  }

  #key(event, place) {
    if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); return this.#remove(place); }
    const way = KEYS[event.key];
    if (!way) return undefined;
    event.preventDefault();
    const box = this.boxes[place], [x, y] = way;
    if (event.shiftKey) this.#size(box, box.left + box.width + x * STEP, box.top + box.height + y * STEP);
    else this.#move(box, box.left + x * STEP, box.top + y * STEP);
    this.#put(this.layer.children[place], box);
    return undefined;
  }

  #move(box, left, top) {
    box.left = within(left, 0, 1 - box.width);
    box.top = within(top, 0, 1 - box.height);
  }

  #size(box, right, bottom) {
    box.width = within(right, box.left + LEAST, 1) - box.left;
    box.height = within(bottom, box.top + LEAST, 1) - box.top;
  }

  /** Where a pointer is, in ratios of the picture. */
  #point(event) {
    const area = this.layer.getBoundingClientRect();
    return [within((event.clientX - area.left) / area.width, 0, 1), within((event.clientY - area.top) / area.height, 0, 1)];
  }

  #press(event) {
    if (event.button !== 0) return;
    const [x, y] = this.#point(event);
    const grabbed = event.target.closest(".box"), corner = event.target.closest(".corner");
    const box = grabbed ? this.boxes[Number(grabbed.dataset.place)] : { left: x, top: y, width: 0, height: 0, label: this.label };
    const from = { ...box };
    // Only the box is drawn at once: a list that grows would push the picture from under the finger.
    if (!grabbed) this.layer.append(this.#shown(box, this.boxes.push(box) - 1));
    const made = grabbed ?? this.layer.lastElementChild;
    const drag = (moved) => {
      const [right, bottom] = this.#point(moved);
      if (corner) this.#size(box, right, bottom);
      else if (grabbed) this.#move(box, from.left + right - x, from.top + bottom - y);
      else Object.assign(box, { left: Math.min(x, right), top: Math.min(y, bottom), width: Math.abs(right - x), height: Math.abs(bottom - y) });
      this.#put(made, box);
    };
    const release = () => {
      this.layer.removeEventListener("pointermove", drag);
      this.layer.removeEventListener("pointerup", release);
      this.layer.removeEventListener("pointercancel", release);
      if (box.width < LEAST || box.height < LEAST) this.boxes.splice(this.boxes.indexOf(box), 1);
      this.draw();
      this.#focus(this.boxes.indexOf(box));
    };
    this.layer.setPointerCapture(event.pointerId);
    this.layer.addEventListener("pointermove", drag);
    this.layer.addEventListener("pointerup", release);
    this.layer.addEventListener("pointercancel", release);
    event.preventDefault();
  }
}

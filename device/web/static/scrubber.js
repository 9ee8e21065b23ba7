// Goes through a visit frame by frame: film or picture with the animal's box, and the meters up to that frame.

import { chart, label, line, meter, scale } from "./charts.js";
import { element, find, shape, write } from "./dom.js";
import { number } from "./format.js";
import { t, word } from "./texts.js";

const WIDTH = innerWidth < 480 ? 340 : 640, HEIGHT = 130, LEFT = 26;
const named = (curve) => word(`words.meter.${curve.name}`, curve.name);

/** The two meters that matter: who it is, by the name that came furthest, and the mouth. */
function two(curves, visit) {
  const shown = curves.filter((each) => each.values.some((value) => value !== null && value !== 0));
  const mouth = shown.filter((each) => each.name === "mouth empty");
  const others = shown.filter((each) => each.name !== "mouth empty");
  const who = others.find((each) => each.name === visit.who) ?? others.find((each) => each.name === "who") ?? others[0];
  return [who, ...mouth].filter(Boolean);
}

/** A threshold in words; the API says null for one that can never be reached. */
const wanted = (each) => (Number.isFinite(each.needed ?? Infinity) ? number(each.needed) : "∞");

/** How a meter ended, where nobody kept how it rose. */
function ended(reading) {
  const words = t("visit.reading", { meter: "", value: number(reading.value), needed: wanted(reading) }).trim();
  return meter(named(reading), reading.value, reading.needed ?? Infinity, words, reading.proven);
}

export class Scrubber {
  constructor(story) {
    this.story = story;
    this.frames = story.sightings;
    this.began = this.frames[0]?.track.time ?? story.visit.started;
    this.curves = two(story.curves, story.visit);
    this.film = find("film");
    this.cursors = [];
    this.#picture();
    find("scrubber").hidden = !this.frames.length;
    this.readings = this.curves.length ? [] : two(story.visit.evidence.map((each) => ({ ...each, values: [each.value] })), story.visit);
    find("meters").hidden = !this.curves.length && !this.readings.length;
    find("curves").replaceChildren(...this.curves.map((curve) => this.#curve(curve)), ...this.readings.map(ended));
    if (this.frames.length) this.#begin();
  }

  /** Show one of the pictures in place of the film. */
  still(source, alt) {
    this.film.pause();
    this.film.hidden = true;
    find("still").src = source;
    find("still").alt = alt;
    find("still").hidden = false;
    find("boxes").replaceChildren();
  }

  #picture() {
    const { clip, snapshots } = this.story;
    find("play").hidden = !clip;
    find("missing").hidden = Boolean(clip || snapshots.length);
    if (snapshots.length) this.still(snapshots[0], t("visit.still", { number: 1 }));
    if (!clip) return;
    if (snapshots.length) this.film.poster = snapshots[0];
    this.film.src = clip;
    this.#filmed();
    this.film.addEventListener("loadedmetadata", () => this.show(this.place));
    this.film.addEventListener("timeupdate", () => { if (!this.film.paused) this.#follow(); });
    for (const change of ["play", "pause", "ended"]) {
      this.film.addEventListener(change, () => find("play").setAttribute("aria-pressed", String(!this.film.paused)));
    }
  }

  #filmed() {
    find("still").hidden = true;
    this.film.hidden = false;
  }

  #begin() {
    const slider = find("frame");
    slider.max = this.frames.length - 1;
    slider.addEventListener("input", () => this.show(Number(slider.value), true));
    find("previous").addEventListener("click", () => this.show(this.place - 1, true));
    find("following").addEventListener("click", () => this.show(this.place + 1, true));
    find("play").addEventListener("click", () => this.#play());
    this.#moved();
    this.show(this.curves.at(-1)?.moved[0] ?? Math.floor(this.frames.length / 2));
  }

  #play() {
    if (!this.film.paused) return this.film.pause();
    this.#filmed();
    if (this.film.ended || this.place === this.frames.length - 1) this.film.currentTime = 0;
    return this.film.play();
  }

  /** Seconds of the film at a time of the visit: the middle of the last of its frames that was taken by then. */
  #filmTime(time) {
    const times = this.story.clip_times;
    const later = times.findIndex((each) => each > time + 0.001);
    const shot = later < 0 ? times.length - 1 : Math.max(later - 1, 0);
    return times.length ? ((shot + 0.5) / times.length) * this.film.duration : 0;
  }

  /** While the film plays, the frame that it is at. */
  #follow() {
    const times = this.story.clip_times;
    if (!times.length) return;
    const shot = Math.floor((this.film.currentTime / this.film.duration) * times.length);
    const time = times[Math.min(shot, times.length - 1)];
    const later = this.frames.findIndex((each) => each.track.time > time);
    this.#mark(later < 0 ? this.frames.length - 1 : Math.max(later - 1, 0));
  }

  /** Go to a frame; `chosen` by the reader, which brings the film back in place of a picture. */
  show(place, chosen = false) {
    if (!this.frames.length) return;
    if (chosen) this.film.pause();
    if (chosen) find("stage").scrollIntoView({ block: "nearest" });
    if (chosen && this.story.clip) this.#filmed();
    this.#mark(Math.min(Math.max(place, 0), this.frames.length - 1));
    if (this.story.clip && Number.isFinite(this.film.duration)) {
      this.film.currentTime = Math.min(Math.max(this.#filmTime(this.frames[this.place].track.time), 0), this.film.duration);
    }
  }

  #mark(place) {
    this.place = place;
    const { track } = this.frames[place];
    const slider = find("frame");
    slider.value = place;
    const words = this.#words(place);
    slider.setAttribute("aria-valuetext", words);
    write(find("at"), words);
    const { left, top, width, height } = track.box;
    // Without the times of a film the picture is of another frame: the dashed box only tells where the animal stood.
    const box = shape("rect", { class: this.story.clip_times.length ? "" : "stood", x: left, y: top, width, height });
    find("boxes").replaceChildren(...(this.story.clip && this.film.hidden ? [] : [box]));
    for (const { cursor, x } of this.cursors) for (const end of ["x1", "x2"]) cursor.setAttribute(end, x(track.time));
  }

  #words(place) {
    const meters = this.curves.filter((each) => each.values[place] !== null).map((each) =>
      t("visit.reading", { meter: named(each), value: number(each.values[place]), needed: wanted(each) }));
    const seconds = number(this.frames[place].track.time - this.began);
    return t("visit.at", { number: place + 1, count: this.frames.length, seconds, meters: meters.join(" · ") }).replace(/ · $/, "");
  }

  #moved() {
    const chosen = this.curves.flatMap((curve) => curve.moved.map((place) => [curve, place]));
    const buttons = chosen.map(([curve, place]) =>
      element("button", { type: "button", class: "quiet small", onclick: () => this.show(place, true) },
        t("visit.moved_frame", { meter: named(curve), number: place + 1 })));
    find("moved").replaceChildren(...(buttons.length ? [element("span", { class: "soft" }, t("visit.moved")), ...buttons] : []));
  }

  /** One meter over time: thresholds dashed, the frames that moved it most marked; a tap goes to that frame. */
  #curve(curve) {
    const known = curve.values.map((value, place) => [this.frames[place].track.time, value, place]).filter(([, value]) => value !== null);
    const values = known.map(([, value]) => value);
    const limited = Number.isFinite(curve.needed ?? Infinity);
    const low = Math.min(curve.refuted, ...values) - 0.5, high = Math.max(limited ? curve.needed : 0, ...values) + 0.5;
    const x = scale(this.began, this.frames.at(-1).track.time, LEFT + 6, WIDTH - 6), y = scale(low, high, HEIGHT - 6, 20);
    const limit = (at) => [line([[LEFT, y(at)], [WIDTH, y(at)]], "limit"), label(LEFT - 3, y(at) + 4, number(at, 0), "end")];
    const cursor = shape("line", { class: "cursor", y1: 18, y2: HEIGHT, x1: x(this.began), x2: x(this.began) });
    this.cursors.push({ cursor, x });
    const ended = values.at(-1) ?? 0;
    const title = t("visit.curve", { meter: named(curve), value: number(ended), needed: wanted(curve) });
    const made = chart(WIDTH, HEIGHT, title,
      label(LEFT, 12, named(curve)),
      line([[LEFT, y(0)], [WIDTH, y(0)]], "zero"), limited ? limit(curve.needed) : null, limit(curve.refuted),
      cursor, line(known.map(([time, value]) => [x(time), y(value)])),
      curve.moved.map((place) => shape("circle", { class: "moved", cx: x(this.frames[place].track.time), cy: y(curve.values[place]), r: 5 })));
    made.addEventListener("click", (event) => this.#tapped(event, made, x));
    return made;
  }

  #tapped(event, made, x) {
    const at = ((event.clientX - made.getBoundingClientRect().left) / made.getBoundingClientRect().width) * WIDTH;
    const distances = this.frames.map((each) => Math.abs(x(each.track.time) - at));
    this.show(distances.indexOf(Math.min(...distances)), true);
  }
}

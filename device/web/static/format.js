// Times, durations and numbers as the reader writes them.

import { language, t } from "./texts.js";

const MINUTE = 60, HOUR = 3600, DAY = 86400;
const locale = navigator.languages.find((each) => each.startsWith(language)) ?? language;
const clockFormat = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" });

/** 4.25 as "4.3" or "4,3". */
export function number(value, digits = 1) {
  return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** 0.52 as "52 %". */
export function percent(ratio, digits = 0) {
  return ratio.toLocaleString(locale, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** 1234567 as "1.2 MB". */
export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count, unit = 0;
  while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return `${number(value, unit ? 1 : 0)} ${units[unit]}`;
}

/** Seconds as "12 s", "3 min 5 s", "3 min", "2 h 4 min" or "3 days". */
export function duration(seconds) {
  const whole = Math.ceil(seconds);
  if (whole < MINUTE) return t("words.time.second", { count: whole });
  if (whole < 10 * MINUTE && whole % MINUTE) return t("words.time.minute_second", { minutes: Math.floor(whole / MINUTE), seconds: whole % MINUTE });
  if (whole < HOUR) return t("words.time.minute", { count: Math.round(whole / MINUTE) });
  if (whole < 2 * DAY) return t("words.time.hour_minute", { hours: Math.floor(whole / HOUR), minutes: Math.floor((whole % HOUR) / MINUTE) });
  return t("words.time.day", { count: Math.floor(whole / DAY) });
}

/** Seconds since something as "just now", "5 min ago" or "3 days ago"; null is "never". */
export function ago(seconds) {
  if (seconds === null || seconds === undefined) return t("words.time.never");
  if (seconds < 10) return t("words.time.just_now");
  if (seconds >= DAY) return t("words.time.day_ago", { count: Math.floor(seconds / DAY) });
  return t("words.time.ago", { time: duration(seconds) });
}

/** UTC seconds as the time of day; "" if there are none. */
export function clock(wall) {
  return wall === null || wall === undefined ? "" : clockFormat.format(new Date(wall * 1000));
}

/** UTC seconds as a short date. */
export function day(wall) {
  return wall === null || wall === undefined ? "" : dayFormat.format(new Date(wall * 1000));
}

/** UTC seconds as date and time of day, without the date if it is today. */
export function moment(wall) {
  if (wall === null || wall === undefined) return "";
  const today = new Date(wall * 1000).toDateString() === new Date().toDateString();
  return today ? clock(wall) : `${day(wall)}, ${clock(wall)}`;
}

// What a head promises.

import { number } from "./format.js";
import { t } from "./texts.js";

/** What a threshold promises, in words. */
export function promise(task, { needed, threshold, alpha, delta, n, missing }) {
  const at = number(needed ?? threshold, 2);
  if (missing) return t("learn.promise.not_yet", { at, missing: t(`learn.missing.${task}`, { count: missing }) });
  return t(`learn.promise.${task}`, { at, alpha: number(100 * alpha, 0), sure: number(100 * (1 - delta), 0), n });
}

// Calls of the device's API: what it answers, or an error that says why not.

import { say, t } from "./texts.js";
import { toast } from "./dom.js";

const csrf = document.querySelector("meta[name=csrf]").content;

/** A request that was refused: `message` in the reader's language, `status`, and `errors` at their places. */
export class Refused extends Error {
  constructor(status, detail, errors) {
    super(say(detail));
    this.status = status;
    this.errors = errors;
  }
}

/** The device did not answer at all. */
export class Silent extends Error {
  constructor() {
    super(t("frame.frame.offline"));
  }
}

/** What `/api/v1/PATH` answers, as JSON; raises Refused or Silent. A path that begins with "/" is taken as it is. */
export async function call(path, method = "GET", body = undefined) {
  const headers = { "X-CSRF-Token": csrf };
  const binary = body instanceof Blob || body instanceof FormData;
  if (body !== undefined && !binary) headers["Content-Type"] = "application/json";
  const address = path.startsWith("/") ? path : `/api/v1/${path}`;
  const sent = body === undefined || binary ? body : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: sent });
  } catch {
    throw new Silent();
  }
  if (answer.status === 401) location.assign("/login");
  const content = answer.status === 204 ? null : await answer.json().catch(() => {
    if (answer.ok) throw new Silent();  // it was cut off half way
    return null;
  });
  if (!answer.ok) throw new Refused(answer.status, content?.detail ?? answer.statusText, content?.errors ?? []);
  return content;
}

/** The same for what somebody tapped: a refusal is shown, and null answered. */
export async function ask(path, method = "POST", body = undefined) {
  try {
    return (await call(path, method, body)) ?? true;
  } catch (error) {
    toast(error.message, "fault");
    return null;
  }
}

let silent = false;

/** Do something again and again while the page is looked at; says once when the device is gone, and when it is back. */
export async function repeat(action, periodMs) {
  for (;;) {
    if (!document.hidden) {
      try {
        await action();
        if (silent) toast(t("frame.frame.answers_again"));
        silent = false;
      } catch (error) {
        if (!silent) toast(error.message, "fault");
        silent = true;
        if (!(error instanceof Silent || error instanceof Refused)) throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, periodMs));
  }
}

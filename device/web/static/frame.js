// What every page does: open in panic, log out, and keep the current page of a long navigation in sight.

import { ask, call } from "./api.js";
import { find, toast } from "./dom.js";
import { t } from "./texts.js";

find("panic")?.addEventListener("click", async () => {
  if (await ask("panic")) toast(t("frame.panic.asked"));
});
find("logout").addEventListener("click", async () => {
  await call("/logout", "POST");
  location.assign("/login");
});
document.querySelector(".pages [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

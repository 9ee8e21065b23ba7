// What every page does: log out, and keep the current page of a long navigation in sight.

import { call } from "./api.js";
import { find } from "./dom.js";

find("logout").addEventListener("click", async () => {
  await call("/logout", "POST");
  location.assign("/login");
});
document.querySelector(".pages [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

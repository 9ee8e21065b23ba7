// The page `learn`: puts its parts together. Each part says for itself what it shows and asks.

import { call, repeat } from "./api.js";
import { find } from "./dom.js";
import { showErrand, wireTeaching } from "./learn_errand.js";
import { showHeads } from "./learn_heads.js";
import { showQueue } from "./learn_queue.js";
import { showStock } from "./learn_stock.js";
import { wireImport } from "./learn_transfer.js";

const RUNNING_MS = 1000, IDLE_MS = 10000;

const chosen = { task: location.hash === "#who" ? "who" : "prey" };
let heard = "";

async function showTask() {
  for (const button of document.querySelectorAll("[data-task]")) {
    button.setAttribute("aria-pressed", String(button.dataset.task === chosen.task));
  }
  const [stock, heads] = await Promise.all([call("learning/stock"), call("learning/heads")]);
  showStock(find("stock"), stock, chosen.task);
  await showHeads(heads.find((each) => each.task === chosen.task), showTask);
}

/** Look how long work goes; when it has ended, everything may be otherwise. */
async function watch() {
  const { errand } = await call("learning/errand");
  showErrand(find("errand"), errand, watch);
  const state = errand ? `${errand.number} ${errand.state}` : "none";
  if (heard && state !== heard && errand?.state !== "running") await showTask();
  heard = state;
  return errand?.state === "running";
}

for (const button of document.querySelectorAll("[data-task]")) {
  button.addEventListener("click", () => {
    chosen.task = button.dataset.task;
    history.replaceState(null, "", `#${chosen.task}`);
    showTask();
  });
}
wireTeaching(find("teach"), () => chosen.task, watch);
wireImport(find("import"), watch);
let due = 0;
repeat(async () => {
  if (Date.now() < due) return;
  due = Date.now() + ((await watch()) ? RUNNING_MS : IDLE_MS) - 50;
}, RUNNING_MS);
await Promise.all([showQueue(showTask), showTask()]);

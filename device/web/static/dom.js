// Makes elements; text only ever becomes text, never markup.

const SVG = "http://www.w3.org/2000/svg";

export const find = (id) => document.getElementById(id);

function furnished(made, attributes, content) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && typeof made[name] === "boolean") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...content.flat().filter((each) => each !== null && each !== undefined && each !== false));
  return made;
}

/** An HTML element: element("li", { class: "card", onclick: act }, "text", another). */
export function element(name, attributes = {}, ...content) {
  return furnished(document.createElement(name), attributes, content);
}

/** An SVG element, made alike. */
export function shape(name, attributes = {}, ...content) {
  return furnished(document.createElementNS(SVG, name), attributes, content);
}

/** One of the drawings of icons.svg. */
export function icon(name) {
  return shape("svg", { class: "icon", "aria-hidden": "true" }, shape("use", { href: `/static/icons.svg#${name}` }));
}

/** Put `lines` into a list, but leave it alone if it says the same already: focus and selection stay. */
export function fill(list, lines) {
  const made = element("div", {}, ...lines);
  if (made.innerHTML !== list.innerHTML) list.replaceChildren(...made.childNodes);
}

/** Set a text only where it changed, so that a screen reader is not told it again. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Say something for some seconds at the lower edge; `kind` is "info" or "fault". */
export function toast(text, kind = "info") {
  const made = element("p", { class: `toast ${kind}` }, text);
  find("toasts").append(made);
  setTimeout(() => made.remove(), kind === "fault" ? 9000 : 4000);
}

/** Ask before something that is hard to undo; resolves to whether the owner agreed. Texts come from the caller. */
export function confirmed(question, yes, no) {
  return new Promise((resolve) => {
    const dialog = element(
      "dialog",
      { "aria-label": question, onclose: () => { dialog.remove(); resolve(dialog.returnValue === "yes"); } },
      element("form", { method: "dialog" },
        element("p", {}, question),
        element("div", { class: "row end" },
          element("button", { value: "no" }, no),
          element("button", { value: "yes", class: "main" }, yes))),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

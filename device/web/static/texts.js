// What the page says in the reader's language: texts by their keys with `t`, sentences of the device with `say`.

export const language = document.documentElement.lang;
const page = document.querySelector("meta[name=page]").content;

async function fetched(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

const [texts, sentences] = await Promise.all([
  fetched(`/texts/${language}/${page}`),
  language === "en" ? [] : fetched(`/said/${language}`),
]);
const patterns = sentences.map(([pattern, names, said]) => [new RegExp(pattern, "u"), names, said]);
const known = new Map();

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The text of a key, with its {placeholders} filled; `count: 1` takes the key that ends in "_one", if there is one. */
export function t(key, values = {}) {
  const text = (values.count === 1 ? texts[`${key}_one`] : undefined) ?? texts[key];
  if (text === undefined) {
    console.error(`there is no text ${key}`);
    return key;
  }
  return filled(text, values);
}

/** The text of a key, or what is given where there is none, such as a species that nobody has translated. */
export function word(key, otherwise) {
  return texts[key] ?? otherwise;
}

/** A sentence of the device (a reason, an event, a fault) in the reader's language; as it came if it is not known. */
export function say(sentence) {
  if (!sentence || !patterns.length) return sentence ?? "";
  let said = known.get(sentence);
  if (said === undefined) {
    said = translated(sentence);
    if (known.size > 500) known.clear();
    known.set(sentence, said);
  }
  return said;
}

function translated(sentence) {
  if (/^-?\d+\.\d+$/.test(sentence)) return sentence.replace(".", ",");
  for (const [pattern, names, text] of patterns) {
    const found = pattern.exec(sentence);
    if (found) return filled(text, Object.fromEntries(names.map((name, place) => [name, name.endsWith("_verbatim") ? found[place + 1] : translated(found[place + 1])])));
  }
  return sentence;
}

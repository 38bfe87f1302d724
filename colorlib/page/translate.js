// Translates the page into the visitor's language. English sentences are the keys; {} stands for a variable part.

function translator(languages, demo, changed) {
  const known = (code) => code === "en" || code in languages;
  let remembered = "";
  try {
    remembered = localStorage.getItem("colorlib-language") || "";
  } catch (error) { /* a frame without storage */ }
  const wanted = [remembered, ...navigator.languages.map((name) => name.slice(0, 2).toLowerCase())];
  let code = wanted.find(known) || "en";

  const patterns = {};
  for (const [name, language] of Object.entries(languages)) {
    const varying = Object.entries(language.sentences).filter(([english]) => english.includes("{}"));
    varying.sort(([one], [other]) => other.length - one.length); // longer sentences are tried first
    patterns[name] = varying.map(([english, words]) => {
      const parts = english.split("{}").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      return [new RegExp(`^${parts.join("(.+?)")}$`, "s"), words];
    });
  }

  function words(text) {
    const english = text.trim();
    if (code === "en" || !english) return text;
    const same = languages[code].sentences[english];
    if (same) return text.replace(english, () => same);
    for (const [pattern, translated] of patterns[code]) {
      const found = pattern.exec(english);
      if (found) {
        let i = 0;
        return translated.replaceAll("{}", () => found[++i]);
      }
    }
    return text;
  }

  const sources = new WeakMap(); // text node -> its English text and the shown one
  function update(holder, kind, now, set) {
    if (!sources.has(holder)) sources.set(holder, {});
    const kept = sources.get(holder);
    if (!kept[kind] || kept[kind].shown !== now) kept[kind] = { source: now };
    const shown = words(kept[kind].source);
    kept[kind].shown = shown;
    if (shown !== now) set(shown);
  }

  function apply() {
    const root = demo();
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement.closest("style, script, .cl-title, .cl-notes")) continue;
      const text = node;
      update(text, "text", text.data, (shown) => { text.data = shown; });
    }
    for (const element of root.querySelectorAll("[aria-label], [title], [placeholder]")) {
      for (const name of ["aria-label", "title", "placeholder"]) {
        if (element.hasAttribute(name)) update(element, name, element.getAttribute(name), (shown) => element.setAttribute(name, shown));
      }
    }
    root.lang = code === "zh" ? "zh-Hans" : code;
    root.dir = code === "en" ? "ltr" : languages[code].direction;
    const heading = root.querySelector(".cl-header");
    if (heading && !root.querySelector(".cl-language")) heading.append(chooser());
  }

  function chooser() {
    const select = document.createElement("select");
    select.className = "cl-language";
    select.setAttribute("aria-label", "Language");
    for (const [name, label] of [["en", "English"], ...Object.entries(languages).map(([name, each]) => [name, each.language])]) {
      select.append(new Option(label, name, false, name === code));
    }
    select.onchange = () => {
      code = select.value;
      try {
        localStorage.setItem("colorlib-language", code);
      } catch (error) { /* not remembered */ }
      changed();
    };
    return select;
  }
  return { apply, words };
}

// The mapping's editor: line numbers, marks at mistakes, completion, and the result beside it while somebody types.
"use strict";

(() => {
  const form = document.getElementById("mapping");
  const poll = () => document.querySelector("[data-poll]");

  // A draft that is tried on history says how far it is.
  async function look() {
    const at = poll();
    if (!at) return;
    try {
      const answer = await fetch(at.dataset.poll, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("map-preview");
      if (fresh) at.replaceWith(document.importNode(fresh, true));
    } catch { /* the network is away; the next look may find it */ }
    if (poll()) setTimeout(look, 800);
  }
  if (poll()) setTimeout(look, 800);
  if (!form) return;

  const text = document.getElementById("document");
  const pane = text.parentElement;
  const lines = document.createElement("div");
  const numbers = document.createElement("ol");
  lines.className = "map-lines";
  lines.setAttribute("aria-hidden", "true");
  lines.append(numbers);
  pane.prepend(lines);

  let wrong = new Set();
  function number() {
    const count = text.value.split("\n").length;
    while (numbers.children.length > count) numbers.lastElementChild.remove();
    while (numbers.children.length < count) {
      const li = document.createElement("li");
      li.textContent = String(numbers.children.length + 1);
      numbers.append(li);
    }
    const here = text.value.slice(0, text.selectionStart).split("\n").length;
    [...numbers.children].forEach((li, i) => {
      li.classList.toggle("wrong", wrong.has(i + 1));
      li.classList.toggle("here", i + 1 === here);
    });
    scroll();
  }
  function scroll() { numbers.style.transform = `translateY(${-text.scrollTop}px)`; }
  text.addEventListener("scroll", scroll);

  function goto(line) {
    const before = text.value.split("\n").slice(0, line - 1).join("\n").length;
    const at = line > 1 ? before + 1 : 0;
    text.focus();
    text.setSelectionRange(at, at);
    text.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(text).lineHeight));
    number();
  }
  document.addEventListener("click", (e) => {
    const link = e.target.closest?.("[data-goto]");
    if (link) { e.preventDefault(); goto(Number(link.dataset.goto)); }
  });

  function parts(...names) {
    const data = new FormData();
    for (const name of names) if (form.elements[name]) data.set(name, form.elements[name].value);
    return data;
  }
  async function post(path, data, accept) {
    const to = new URL(path, location.href);
    to.searchParams.set("lang", document.documentElement.lang);
    return fetch(to, { method: "POST", body: data, headers: { Accept: accept } });
  }

  // Mistakes are asked for when somebody pauses; an answer to an older text is dropped.
  let asked = 0;
  async function check() {
    const turn = ++asked;
    let answer;
    try { answer = await post("/mapping/check", parts("document", "base"), "application/json"); } catch { return; }
    if (turn !== asked || !answer.ok) return;
    const found = await answer.json();
    wrong = new Set(found.problems.map((p) => p.line));
    text.setAttribute("aria-invalid", String(found.problems.length > 0));
    number();
    document.getElementById("map-notes").replaceChildren(...(found.notes || []).map((note) => {
      const p = document.createElement("p");
      p.className = "notice";
      p.textContent = note;
      return p;
    }));
    const box = document.getElementById("map-check");
    box.replaceChildren();
    if (found.problems.length + found.tests.length === 0) return;
    const list = document.createElement("ul");
    for (const p of found.problems) {
      const li = document.createElement("li");
      if (p.line) {
        const a = document.createElement("a");
        a.href = "#document"; a.dataset.goto = p.line; a.textContent = `${p.line}:${p.column}`;
        li.append(a, " ");
      }
      const said = document.createElement("span");
      said.lang = "en";
      said.textContent = p.what + (p.hint ? " — " + p.hint : "");
      li.append(said);
      list.append(li);
    }
    for (const t of found.tests) { const li = document.createElement("li"); li.lang = "en"; li.textContent = t; list.append(li); }
    const around = document.createElement("div");
    around.className = "problem map-mistakes";
    around.append(list);
    box.append(around);
  }

  let tried = 0;
  async function attempt() {
    const turn = ++tried;
    let answer;
    try { answer = await post("/mapping/try?fragment=1", parts("document", "base", "sample", "pasted", "pasted_form"), "text/html"); } catch { return; }
    if (turn !== tried || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("trial");
    if (fresh) document.getElementById("trial").replaceWith(document.importNode(fresh, true));
  }

  let timer = 0, later = 0;
  function soon() {
    clearTimeout(timer); clearTimeout(later);
    timer = setTimeout(check, 400);
    later = setTimeout(attempt, 900);
  }
  text.addEventListener("input", () => { number(); soon(); offer(false); });
  text.addEventListener("click", number);
  text.addEventListener("keyup", (e) => { if (e.key.startsWith("Arrow")) number(); });
  for (const name of ["pasted", "pasted_form"]) form.elements[name]?.addEventListener("input", () => { clearTimeout(later); later = setTimeout(attempt, 700); });
  form.elements.sample?.addEventListener("change", attempt);

  // Guided changes come back as the whole text; what was typed elsewhere in the form stays.
  form.addEventListener("submit", async (e) => {
    const button = e.submitter;
    if (!button || button.getAttribute("formaction") !== "/mapping/field") return;
    e.preventDefault();
    const data = new FormData(form, button);
    const said = document.getElementById("map-said");
    said.textContent = "";
    try {
      const answer = await post("/mapping/field", data, "application/json");
      const got = await answer.json();
      if (!answer.ok) { said.textContent = got.problem || ""; return; }
      text.value = got.document;
      form.elements.expression.value = got.expression;
      number(); goto(got.line); soon();
    } catch { form.submit(); }
  });

  // Completion. The path of a line is told by the indentation above it.
  let words = null;
  let list = null, chosen = 0, from = 0;
  async function learn() {
    if (words) return words;
    try { words = await (await fetch(form.dataset.words, { headers: { Accept: "application/json" } })).json(); } catch { words = { keys: {}, values: {}, words: [] }; }
    return words;
  }
  function pathAt(index) {
    const all = text.value.slice(0, index).split("\n");
    let depth = all.at(-1).replace(/^(\s*)(- )?.*$/, (_, pad, dash) => pad + (dash ? "  " : "")).length;
    const path = [];
    for (let i = all.length - 2; i >= 0 && depth > 0; i--) {
      const m = /^(\s*(?:- )?)([^\s:#][^:#]*):\s*(?:#.*)?$/.exec(all[i]);
      if (m && m[1].length < depth) { path.unshift(m[2].trim()); depth = m[1].length; }
    }
    return path;
  }
  function known(table, path) {
    return Object.entries(table).filter(([name]) => {
      const steps = name === "" ? [] : name.split(".");
      return steps.length === path.length && steps.every((s, i) => s === "*" || s === path[i]);
    }).flatMap(([, list]) => list);
  }
  function candidates() {
    const at = text.selectionStart;
    const line = text.value.slice(0, at).split("\n").at(-1);
    const key = /^\s*(?:- )?([\w.]*)$/.exec(line);
    const path = pathAt(at);
    const word = /[\w.]*$/.exec(line)[0];
    from = at - word.length;
    if (key) return known(words.keys, path).map((k) => k + ": ").filter((k) => k.startsWith(word));
    const name = /^\s*(?:- )?([^:]+):/.exec(line);
    const values = name ? known(words.values, [...path, name[1].trim()]) : [];
    return [...values, ...words.words].filter((w) => w.startsWith(word) && w !== word);
  }
  function shut() { list?.remove(); list = null; text.removeAttribute("aria-activedescendant"); text.removeAttribute("aria-controls"); }
  async function offer(always) {
    shut();
    await learn();
    const before = text.value.slice(0, text.selectionStart);
    if (!always && !/[A-Za-z_.]{2,}$/.test(before)) return;
    const found = [...new Set(candidates())].slice(0, 40);
    if (found.length === 0) return;
    chosen = 0;
    list = document.createElement("ul");
    list.className = "map-offer"; list.id = "map-offer"; list.setAttribute("role", "listbox");
    found.forEach((word, i) => {
      const li = document.createElement("li");
      li.id = "map-offer-" + i; li.setAttribute("role", "option"); li.textContent = word;
      li.addEventListener("mousedown", (e) => { e.preventDefault(); chosen = i; take(); });
      list.append(li);
    });
    const style = getComputedStyle(text), high = parseFloat(style.lineHeight);
    const row = before.split("\n").length;
    const top = row * high - text.scrollTop + 8;
    list.style.top = Math.min(top, Math.max(8, pane.clientHeight - 60)) + "px";
    list.style.left = lines.offsetWidth + Math.min(before.split("\n").at(-1).length * 7.5, Math.max(0, text.clientWidth - 220)) + "px";
    pane.append(list);
    text.setAttribute("aria-controls", "map-offer");
    mark();
  }
  function mark() {
    [...list.children].forEach((li, i) => li.setAttribute("aria-selected", String(i === chosen)));
    list.children[chosen].scrollIntoView({ block: "nearest" });
    text.setAttribute("aria-activedescendant", "map-offer-" + chosen);
  }
  function take() {
    const word = list.children[chosen].textContent;
    shut();
    text.setRangeText(word, from, text.selectionStart, "end");
    number(); soon();
  }
  text.setAttribute("aria-autocomplete", "list");
  text.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    if (e.key === " " && e.ctrlKey) { e.preventDefault(); offer(true); return; }
    if (list) {
      if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        e.preventDefault();
        chosen = (chosen + (e.key === "ArrowDown" ? 1 : list.children.length - 1)) % list.children.length;
        mark(); return;
      }
      if (e.key === "Enter" || e.key === "Tab") { e.preventDefault(); take(); return; }
      if (e.key === "Escape") { e.preventDefault(); shut(); return; }
    }
  });
  text.addEventListener("blur", () => setTimeout(shut, 150));

  number();
  const start = Number(pane.dataset.line);
  if (start > 0) goto(start);
  check();
  attempt();
})();

// Small help for pages that work without it: fresh content without a reload, and keys.
"use strict";

(() => {
  const live = () => document.getElementById("live");

  // keep remembers what the reader opened and where they look, and gives it back after a swap.
  function keep(root) {
    const open = new Set([...root.querySelectorAll("details[open][data-key]")].map((d) => d.dataset.key));
    const focus = document.activeElement && root.contains(document.activeElement) ? describe(document.activeElement) : null;
    const reading = window.scrollY > 80;
    const anchor = reading
      ? [...root.querySelectorAll("[data-key]:not(details)")].find((row) => row.getBoundingClientRect().bottom > 0)
      : null;
    const top = anchor ? anchor.getBoundingClientRect().top : 0;
    const key = anchor ? anchor.dataset.key : "";
    return (fresh) => {
      for (const d of fresh.querySelectorAll("details[data-key]")) d.open = open.has(d.dataset.key);
      const again = key ? fresh.querySelector(`[data-key="${CSS.escape(key)}"]:not(details)`) : null;
      if (again) window.scrollBy({ top: again.getBoundingClientRect().top - top, behavior: "instant" });
      if (focus) find(fresh, focus)?.focus({ preventScroll: true });
    };
  }

  function describe(element) {
    const row = element.closest("[data-key]");
    const details = element.tagName === "SUMMARY";
    return { key: row ? row.dataset.key : "", summary: details, href: element.getAttribute("href") };
  }

  function find(root, f) {
    const row = f.key ? root.querySelector(`[data-key="${CSS.escape(f.key)}"]`) : root;
    if (!row) return null;
    if (f.summary) return row.querySelector("summary");
    if (f.href) return row.querySelector(`a[href="${CSS.escape(f.href)}"]`);
    return row;
  }

  // writing says whether somebody has the cursor in a field that a swap would take away. An input method loses what
  // is being composed with the field.
  function writing() {
    const at = document.activeElement;
    return !!at && !!live()?.contains(at) && at.matches("input, textarea, select");
  }

  // touched says whether a form holds what has not been sent.
  function touched(form) {
    return [...form.elements].some((e) => {
      if (e.type === "hidden" || e.tagName === "BUTTON") return false;
      if (e.type === "checkbox" || e.type === "radio") return e.checked !== e.defaultChecked;
      if (e.tagName !== "SELECT") return e.value !== e.defaultValue;
      const usual = [...e.options].findIndex((o) => o.defaultSelected);
      return e.selectedIndex !== Math.max(0, usual);
    });
  }

  // twins are the forms with the same address; one takes the other's place if there are as many of them.
  const twins = (root, form) => [...root.querySelectorAll("form")].filter((f) => f.getAttribute("action") === form.getAttribute("action"));
  function carry(old, next) {
    const moves = [...old.querySelectorAll("form")].filter(touched).map((form) => {
      const from = twins(old, form), to = twins(next, form);
      return from.length === to.length ? [form, to[from.indexOf(form)]] : null;
    });
    return () => { for (const move of moves) if (move) move[1].replaceWith(move[0]); };
  }

  // A change that came while somebody writes is shown when they leave the field.
  let waiting = false;
  document.addEventListener("focusout", () => {
    setTimeout(() => { if (waiting && !writing()) { waiting = false; refresh(); } }, 400);
  });

  // refresh fetches the fragment and swaps it in; rows that were not there before are marked for a moment.
  let running = false;
  let again = false;
  async function refresh() {
    if (writing()) { waiting = true; return; }
    if (running) { again = true; return; }
    running = true;
    try {
      const url = new URL(location.href);
      url.searchParams.set("fragment", "live");
      url.searchParams.delete("notice");
      const answer = await fetch(url, { headers: { Accept: "text/html" } });
      if (answer.status === 401) { location.reload(); return; }
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
      const old = live();
      if (!fresh || !old) return;
      if (writing()) { waiting = true; return; }
      const known = new Set([...old.querySelectorAll("article[data-key]")].map((a) => a.dataset.key));
      const restore = keep(old);
      const next = document.importNode(fresh, true);
      for (const a of next.querySelectorAll("article[data-key]")) if (!known.has(a.dataset.key)) a.classList.add("fresh");
      const written = carry(old, next);
      old.replaceWith(next);
      restore(next);
      written();
      document.dispatchEvent(new CustomEvent("tsunagu:refreshed"));
    } catch {
      // The network is away; the stream comes back by itself and asks again.
    } finally {
      running = false;
      if (again) { again = false; refresh(); }
    }
  }

  // listen opens the stream while the page is to be seen, and asks again after each pause.
  let stream = null;
  let timer = 0;
  let latest = 0;
  function listen() {
    const url = live()?.dataset.live;
    if (!url || stream || document.hidden) return;
    stream = new EventSource(url);
    stream.addEventListener("change", () => {
      if (timer) return;
      // At once what happens now and then; every two seconds what goes on all the time, such as an import.
      timer = setTimeout(() => { timer = 0; latest = Date.now(); refresh(); }, Math.max(120, latest + 2000 - Date.now()));
    });
    stream.addEventListener("error", () => {
      if (stream && stream.readyState === EventSource.CLOSED) { stream = null; refresh(); setTimeout(listen, 5000); }
    });
    stream.addEventListener("open", () => { document.documentElement.dataset.live = "on"; });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { stream?.close(); stream = null; } else { listen(); }
  });
  addEventListener("pagehide", () => { stream?.close(); stream = null; });
  addEventListener("pageshow", listen);

  // Keys: j and k move, o or Enter open, g and a letter go. Search and the list of keys are in 20-shell.js.
  const places = { h: "/", p: "/people", a: "/accounts", d: "/deals", r: "/reviews", t: "/tasks", n: "/reports", l: "/ledger", s: "/sources", c: "/connections" };
  let going = 0;
  document.addEventListener("keydown", (e) => {
    const typing = e.target.closest?.("input, textarea, select, dialog, [contenteditable]");
    if (typing || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.defaultPrevented) return;
    if (Date.now() - going < 1000 && places[e.key]) { e.preventDefault(); location.href = places[e.key]; return; }
    going = 0;
    if (e.key === "g") { going = Date.now(); return; }
    const rows = [...document.querySelectorAll("[data-row]")];
    const at = rows.indexOf(document.activeElement?.closest("[data-row]"));
    if (e.key === "j" || e.key === "k") {
      const row = rows[Math.min(rows.length - 1, Math.max(0, at + (e.key === "j" ? 1 : -1)))];
      row?.focus({ preventScroll: true });
      row?.scrollIntoView({ block: "nearest" });
    } else if (at >= 0 && (e.key === "o" || (e.key === "Enter" && document.activeElement === rows[at]))) {
      rows[at].querySelector("[data-open]")?.click();
    }
  });

  listen();
})();

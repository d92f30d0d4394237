// What opens over a page: menus, the list of keys, and the search that goes everywhere. Each is a link or a disclosure
// that works without this.
"use strict";

(() => {
  const palette = () => document.getElementById("palette");
  const box = () => document.getElementById("palette-box");
  const place = () => document.getElementById("palette-found");

  function openDialog(id) {
    const dialog = document.getElementById(id);
    if (!dialog?.showModal) return false;
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    dialog.showModal();
    if (id === "palette") { box().select(); find(); }
    return true;
  }

  document.addEventListener("click", (e) => {
    const opener = e.target.closest?.("[data-dialog]");
    if (opener && !e.ctrlKey && !e.metaKey && !e.shiftKey && openDialog(opener.dataset.dialog)) { e.preventDefault(); return; }
    if (e.target.tagName === "DIALOG") { // its backdrop: nothing of it lies there
      const r = e.target.getBoundingClientRect();
      if (e.clientX < r.left || e.clientX > r.right || e.clientY < r.top || e.clientY > r.bottom) e.target.close();
    }
    for (const d of document.querySelectorAll("details[data-drop][open]")) if (!d.contains(e.target)) d.open = false;
  });

  document.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") {
      if (palette()?.open) { e.preventDefault(); palette().close(); } else if (palette() && openDialog("palette")) e.preventDefault();
      return;
    }
    if (e.key === "Escape") {
      for (const d of document.querySelectorAll("details[data-drop][open]")) { d.open = false; d.querySelector("summary").focus(); }
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.("input, textarea, select, dialog, [contenteditable]")) return;
    if (e.key === "?" && openDialog("keys")) e.preventDefault();
    if (e.key === "/") {
      const here = document.querySelector("[data-search]");
      if (here) { e.preventDefault(); here.focus(); here.select(); } else if (palette() && openDialog("palette")) e.preventDefault();
    }
  });

  // The search: what is found comes from the server as a list of options; the arrows choose one, Enter goes there.
  const options = () => [...place().querySelectorAll("[role=option]")];
  let asked = null; // the last question, to give up an older answer
  let timer = 0;

  async function find() {
    const q = box().value;
    asked?.abort();
    const mine = asked = new AbortController();
    try {
      const answer = await fetch("/search?" + new URLSearchParams({ q, fragment: "1" }), { headers: { Accept: "text/html" }, signal: mine.signal });
      if (answer.status === 401 || answer.redirected) { location.reload(); return; }
      if (!answer.ok || mine !== asked) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== asked) return;
      place().replaceChildren(...[...fresh.body.children].map((n) => document.importNode(n, true)));
      document.getElementById("palette-said").textContent = place().firstElementChild?.dataset.said || "";
      choose(0);
    } catch {
      // Given up for a newer question, or the network is away: what was found before stays.
    }
  }

  function choose(at) {
    const list = options();
    const one = list.length ? list[(at + list.length) % list.length] : null;
    for (const o of list) o.setAttribute("aria-selected", String(o === one));
    if (one) { box().setAttribute("aria-activedescendant", one.id); one.scrollIntoView({ block: "nearest" }); } else box().removeAttribute("aria-activedescendant");
  }

  function go(option, aside) {
    const url = option?.dataset.href;
    if (!url) return;
    if (url === "#keys") { openDialog("keys"); return; }
    if (aside) window.open(url, "_blank", "noopener"); else location.href = url;
  }

  if (palette()) {
    box().addEventListener("input", (e) => {
      if (e.isComposing) return;
      clearTimeout(timer);
      timer = setTimeout(find, 120);
    });
    box().addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(find, 120); });
    box().addEventListener("keydown", (e) => {
      if (e.isComposing || e.keyCode === 229) return;
      const list = options();
      const at = list.findIndex((o) => o.getAttribute("aria-selected") === "true");
      if (e.key === "ArrowDown") choose(at + 1);
      else if (e.key === "ArrowUp") choose(at - 1);
      else if (e.key === "Enter" && at >= 0 && (e.ctrlKey || e.metaKey)) go(list[at], true);
      else return;
      e.preventDefault();
    });
    // Enter sends the form: to what is chosen, or to the page of all that was found.
    box().form.addEventListener("submit", (e) => {
      const chosen = options().find((o) => o.getAttribute("aria-selected") === "true");
      if (chosen) { e.preventDefault(); go(chosen, false); }
    });
    place().addEventListener("click", (e) => go(e.target.closest("[role=option]"), e.ctrlKey || e.metaKey));
    place().addEventListener("mousemove", (e) => {
      const o = e.target.closest("[role=option]");
      if (o && o.getAttribute("aria-selected") !== "true") choose(options().indexOf(o));
    });
  }
})();

// What TestEveryPage asks of a page in the browser. words: {other: texts of the other language's catalogue that are not in this
// one's, prefixes: first parts of catalogue keys}.
window.look = ((words, lang) => {
  "use strict";
  const other = new Set(words.other);
  const keyed = new RegExp("(?<![@/.\\w-])(?:" + words.prefixes.join("|") + ")\\.[a-z][a-z_]*(?:\\.[a-z_]+)*\\b");
  const japanese = /[\u3041-\u30ff\u4e00-\u9fff]/;
  // Data is isolated, code is code; options and charts cannot hold <bdi>, so there only the catalogue's own words are sought.
  const data = "bdi, pre, code, kbd, samp, textarea, .act-text, .face, .letter .full";
  const loose = "option, svg, title";
  const interactive = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex="-1"])';
  const name = (e) => {
    const parts = [];
    for (; e && e.nodeType === 1 && parts.length < 3 && e.tagName !== "BODY"; e = e.parentElement) {
      parts.unshift(e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.classList.length ? "." + [...e.classList].join(".") : "") + (e.name ? `[name=${e.name}]` : ""));
      if (e.id) break;
    }
    return parts.join(" > ");
  };
  const short = (s) => s.trim().replace(/\s+/g, " ").slice(0, 60);
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const label = (e) => {
    const by = (e.getAttribute("aria-labelledby") || "").split(/\s+/).map((id) => document.getElementById(id)?.textContent || "").join("");
    return (by || e.getAttribute("aria-label") || [...(e.labels || [])].map((l) => l.textContent).join("") || (e.matches("input, select, textarea") ? "" : e.textContent) ||
      [...e.querySelectorAll("img[alt], svg[aria-label]")].map((i) => i.alt || i.getAttribute("aria-label")).join("") || e.title || (e.matches("[type=submit], [type=button], [type=reset]") ? e.value : "") || "").trim();
  };

  const text = (say) => {
    const raw = (t, where) => {
      if (/\b[0-9a-f]{32}\b/.test(t) && !where.closest("td.is, td.was")) say("raw id", where, t);
      if (/%!|<nil>|\bmap\[|context deadline|<no value>|\bundefined\b|\[object |\bNaN\b|\b0x[0-9a-f]{8}|\bnil pointer|sql:|bbolt|boltstore/.test(t)) say("Go or JavaScript leaks", where, t);
    };
    const plain = (t, where) => {
      if (keyed.test(t) && !t.includes("==")) say("key of the catalogue", where, t);
      if (other.has(t)) say("text of the other language", where, t);
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let n; (n = walk.nextNode());) {
      const e = n.parentElement, t = n.data.trim();
      if (!t || e.closest("script, style, template, noscript") || !shown(e)) continue;
      if (!e.closest("textarea, pre, code")) raw(t, e);
      if (e.closest(data)) continue;
      if (e.closest("[lang]").lang !== lang) continue;
      plain(t, e);
      if (e.closest(loose)) continue;
      if (lang === "en" && japanese.test(t)) say("Japanese that is no data", e, t);
      if (lang === "ja" && !japanese.test(t) && /\b[a-z]{2,} [a-z]{2,}/.test(t)) say("English that is no data", e, t);
    }
    for (const e of document.body.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
      if (!shown(e)) continue;
      for (const a of ["aria-label", "title", "placeholder", "alt"]) {
        const t = (e.getAttribute(a) || "").trim();
        if (!t || e.closest("[lang]").lang !== lang) continue;
        raw(t, e);
        if (!e.matches("select[name^=c]")) plain(t, e); // a column of somebody's file
      }
    }
    raw(document.title, document.body);
    plain(document.title.replace(/ · Tsunagu$/, ""), document.body);
  };

  const shape = (say) => {
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
      let widest = null, at = root.clientWidth;
      for (const e of document.body.querySelectorAll("*")) {
        const right = e.getBoundingClientRect().right;
        if (right > at + 0.5 && shown(e) && !(function boxed(p) { return p && p !== root && (/auto|scroll|hidden|clip/.test(getComputedStyle(p).overflowX) || boxed(p.parentElement)); })(e.parentElement)) { widest = e; at = right; }
      }
      say("wider than the window", widest, root.scrollWidth + " of " + root.clientWidth + " px");
    }
    const heads = [...document.querySelectorAll("h1")].filter(shown);
    if (heads.length !== 1) say(heads.length + " main headings", heads[1]);
    for (const e of document.querySelectorAll("a[href], button, summary, [role=button], [role=link]")) if (shown(e) && !label(e)) say("nothing names", e);
    for (const e of document.querySelectorAll("input:not([type=hidden], [type=submit], [type=button]), select, textarea")) if (shown(e) && !label(e)) say("no label", e);
    const ids = new Set();
    for (const e of document.querySelectorAll("[id]")) {
      if (ids.has(e.id)) say("twice the same id", e);
      ids.add(e.id);
    }
    for (const e of document.querySelectorAll('[aria-hidden="true"] a[href], [aria-hidden="true"] button, [aria-hidden="true"] input')) if (shown(e) && e.tabIndex >= 0) say("can be focused but is hidden", e);
    if (root.clientWidth < 500) {
      for (const e of document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary, a.button, nav a")) {
        if (!shown(e) || e.closest('.skip, .hidden, [aria-hidden="true"]')) continue;
        const own = e.getBoundingClientRect(), wrap = e.matches("[type=checkbox], [type=radio], [type=file]") ? (e.labels[0] || e).getBoundingClientRect() : own;
        if (Math.max(own.height, wrap.height) < 23.9 || Math.max(own.width, wrap.width) < 23.9) say("target under 24 px", e, Math.round(own.width) + "×" + Math.round(own.height) + " " + short(label(e)));
      }
    }
  };

  const gather = (...parts) => {
    const found = [], count = {};
    const say = (what, e, more) => {
      const key = what + " " + (e ? name(e) : "");
      count[key] = (count[key] || 0) + 1;
      if (count[key] < 3) found.push(key + (more ? ": " + short(more) : ""));
    };
    for (const part of parts) part(say);
    return found.slice(0, 25);
  };

  return {
    page: () => gather(text, shape),
    shape: () => gather(shape),
    // open unfolds the first of each sort, so that what they hold is looked at, too.
    open: () => {
      const seen = {};
      for (const d of document.querySelectorAll("details")) {
        const sort = (d.parentElement.className || d.parentElement.tagName) + "/" + d.className;
        seen[sort] = (seen[sort] || 0) + 1;
        if (seen[sort] <= 3 && !d.name && !d.closest("nav, header, .rail, .menu")) d.open = true;
      }
      return 0;
    },
    // trim leaves eight rows of each list, which stand for the others where each row costs time.
    trim: () => {
      for (const list of new Set([...document.querySelectorAll("[data-row], tbody > tr, select > option")].map((e) => e.parentElement))) {
        const rows = [...list.children].filter((e) => !e.selected);
        rows.slice(8).forEach((e) => e.remove());
      }
      return 0;
    },
    // shift tells what moved while the page loaded. A page is painted once it is there as a whole, so that nothing does; what
    // is less than a hair on a busy machine fails nothing.
    shift: () => new Promise((done) => {
      const found = [];
      const take = (list) => { for (const e of list) if (!e.hadRecentInput && e.value > 0.01) found.push("layout shift of " + e.value.toFixed(4) + ": " + e.sources.map((s) => s.node ? name(s.node.nodeType === 1 ? s.node : s.node.parentElement) : "?").join(", ")); };
      const o = new PerformanceObserver((l) => take(l.getEntries()));
      o.observe({ type: "layout-shift", buffered: true });
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => { take(o.takeRecords()); o.disconnect(); done(found); }, 20)));
    }),
    // stops gets ready for a walk with the Tab key and gives how many times to press it.
    stops: () => {
      const want = [...document.querySelectorAll(interactive)].filter((e) => shown(e) && !e.disabled && !e.closest('[aria-hidden="true"], .hidden') && !e.closest("[inert]") && !(e.type === "radio" && !e.checked && document.querySelector(`input[type=radio][name="${CSS.escape(e.name)}"]`) !== e));
      const been = new Set([document.activeElement]);
      const bad = [];
      window.lookWalk = { want, been, bad };
      document.addEventListener("focusin", (ev) => {
        const e = ev.target;
        if (been.has(e)) return;
        been.add(e);
        const r = e.getBoundingClientRect();
        if (!shown(e) || r.width < 1 || r.height < 1) bad.push("focused but not to be seen " + name(e));
        if (e.id === "main") return;
        let ring = false;
        for (let p = e, i = 0; p && i < 3 && !ring; p = p.parentElement, i++) {
          const s = getComputedStyle(p);
          ring = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1 || i === 0 && s.boxShadow !== "none" && e.matches("input, select, textarea");
        }
        if (!ring) bad.push("no visible focus " + name(e) + ": " + short(label(e)));
      });
      const parts = want.filter((e) => /^(date|time|month|week|datetime-local)$/.test(e.type)).length;
      return want.length + 6 * parts + 4;
    },
    // left tells what the walk did not come to.
    left: () => {
      const { want, been, bad } = window.lookWalk;
      const radios = (e) => e.type === "radio" && want.some((o) => o.type === "radio" && o.name === e.name && been.has(o)) || e.type === "radio" && [...been].some((o) => o && o.type === "radio" && o.name === e.name);
      const missed = want.filter((e) => !been.has(e) && e.isConnected && shown(e) && !radios(e));
      return [...missed.slice(0, 5).map((e) => "not reached by Tab " + name(e) + ": " + short(label(e)) + (missed.length > 5 ? ` (one of ${missed.length})` : "")), ...bad.slice(0, 8)];
    },
    axe: (only) => axe.run(document, {
      runOnly: only ? { type: "rule", values: only } : { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
      rules: only ? {} : { "target-size": { enabled: true } }, resultTypes: ["violations"], preload: false, elementRef: false, ancestry: false,
    }).then((r) => r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").flatMap((v) =>
      v.nodes.slice(0, 4).map((n) => `axe ${v.id} (${v.impact}, ${v.nodes.length}×) ${n.target.join(" ")}: ${short((n.any[0] || n.all[0] || n.none[0] || {}).message || v.help)}`))),
  };
});

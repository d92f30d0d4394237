// Records: a call is logged with one key and one press; a result that asks for a next action says so before it is sent.
"use strict";

(() => {
  const form = () => document.getElementById("call");

  function open(event) {
    const box = form();
    if (!box) return;
    event.preventDefault();
    const part = box.closest(".rec");
    if (part && getComputedStyle(box.parentElement).display === "none") part.dataset.tab = "timeline";
    box.open = true;
    box.scrollIntoView({ block: "nearest" });
    box.querySelector(".rec-results button")?.focus();
  }

  document.addEventListener("click", (e) => {
    if (e.target.closest?.("[data-call]")) { open(e); return; }
    const result = e.target.closest?.(".rec-results button");
    if (!result) return;
    for (const name of ["next_when", "next_what"]) {
      const field = result.form.elements.namedItem(name);
      if (field) field.required = "next" in result.dataset;
    }
  });

  let after = 0; // when g was pressed: then c goes elsewhere
  document.addEventListener("keydown", (e) => {
    const typing = e.target.closest?.("input, textarea, select");
    if (typing || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.key === "g") after = Date.now();
    else if (e.key === "c" && Date.now() - after > 1000) open(e);
  });
})();

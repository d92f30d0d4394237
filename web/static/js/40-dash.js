// Dashboards: a picture of the chart, and printing. The picture is drawn from the SVG that is on the page.
"use strict";

(() => {
  const kept = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity", "font-size", "font-family", "display"];

  // frozen is an SVG that looks the same without the style sheet.
  function frozen(svg) {
    const box = svg.getBoundingClientRect();
    const copy = svg.cloneNode(true);
    const from = [svg, ...svg.querySelectorAll("*")], to = [copy, ...copy.querySelectorAll("*")];
    from.forEach((element, i) => {
      const look = getComputedStyle(element);
      for (const name of kept) to[i].setAttribute(name, look.getPropertyValue(name));
      to[i].removeAttribute("class");
    });
    copy.setAttribute("width", String(box.width));
    copy.setAttribute("height", String(box.height));
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    return { text: new XMLSerializer().serializeToString(copy), box };
  }

  function picture(text) {
    return new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => resolve(image);
      image.onerror = reject;
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
    });
  }

  // write puts words on a canvas, and gives where the next line is.
  function write(pen, words, x, y, size, colour, family) {
    pen.fillStyle = colour;
    pen.font = `${size}px ${family}`;
    pen.textBaseline = "top";
    pen.fillText(words, x, y);
    return y + size * 1.6;
  }

  async function draw(card) {
    const plot = card.querySelector("[data-plot]");
    const outer = plot.getBoundingClientRect(), look = getComputedStyle(document.body), surface = getComputedStyle(card);
    const margin = 24, head = 84, items = [...card.querySelectorAll(".legend li")], foot = 32 + 24 * Math.ceil(items.length / 3);
    const width = outer.width + 2 * margin, height = head + outer.height + foot + margin;
    const canvas = document.createElement("canvas");
    canvas.width = width * 2;
    canvas.height = height * 2;
    const pen = canvas.getContext("2d");
    pen.scale(2, 2);
    pen.fillStyle = surface.backgroundColor;
    pen.fillRect(0, 0, width, height);
    const title = document.querySelector("h1"), about = title.nextElementSibling;
    const below = write(pen, title.textContent.trim(), margin, margin, 20, look.color, look.fontFamily);
    if (about) write(pen, about.textContent.trim(), margin, below, 13, look.color, look.fontFamily);
    for (const svg of plot.querySelectorAll("svg")) {
      const { text, box } = frozen(svg);
      pen.drawImage(await picture(text), box.left - outer.left + margin, box.top - outer.top + head, box.width, box.height);
    }
    for (const [i, item] of items.entries()) {
      const x = margin + (i % 3) * (outer.width / 3), y = head + outer.height + 20 + 24 * Math.floor(i / 3);
      const { text, box } = frozen(item.querySelector("svg"));
      pen.drawImage(await picture(text), x, y, box.width, box.height);
      write(pen, item.textContent.trim(), x + 28, y, 13, look.color, look.fontFamily);
    }
    return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
  }

  for (const button of document.querySelectorAll("[data-png]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const blob = await draw(document.querySelector("[data-chart]"));
      const a = document.createElement("a");
      a.href = URL.createObjectURL(blob);
      a.download = `${button.dataset.png}.png`;
      a.click();
      button.dataset.bytes = String(blob.size);
      setTimeout(() => URL.revokeObjectURL(a.href), 10000);
    });
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
})();

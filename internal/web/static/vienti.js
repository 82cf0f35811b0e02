// What the pages do when JavaScript is on. Everything here is also possible without.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("script");

  // A choice that has its own button sends itself.
  document.addEventListener("change", (e) => {
    const t = e.target;
    if (t.matches("select[data-submit]")) t.form.requestSubmit();
    if (t.matches("td.tick input")) remember(t);
  });

  // Ticked rows stay ticked when the list renews itself.
  const ticked = new Set();
  const remember = (box) => (box.checked ? ticked.add(box.value) : ticked.delete(box.value));
  document.addEventListener("htmx:afterSettle", () => {
    for (const box of document.querySelectorAll("td.tick input")) box.checked = ticked.has(box.value);
  });

  document.addEventListener("click", (e) => {
    const t = e.target.closest("[data-tick-all]");
    if (!t) return;
    const boxes = [...document.querySelectorAll("td.tick input")];
    const on = boxes.some((b) => !b.checked);
    for (const b of boxes) {
      b.checked = on;
      remember(b);
    }
  });

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (e) => {
    const f = e.target;
    if (f.method !== "post") return;
    if (f.dataset.sent) {
      e.preventDefault();
      return;
    }
    f.dataset.sent = "yes";
    window.addEventListener("pageshow", () => delete f.dataset.sent, { once: true });
  });
})();

// What the pages do when JavaScript is on. Everything here is also possible without.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("script");

  // A choice that has its own button sends itself.
  document.addEventListener("change", (e) => {
    const t = e.target;
    if (t.matches("select[data-submit]")) t.form.requestSubmit();
  });

  document.addEventListener("click", (e) => {
    if (!e.target.closest("[data-tick-all]")) return;
    const boxes = [...document.querySelectorAll("td.tick input[type=checkbox]")];
    const on = boxes.some((b) => !b.checked);
    for (const b of boxes) b.checked = on;
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

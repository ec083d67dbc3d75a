// Small comforts; every page works without them.
"use strict";

// a form with unsaved entries asks before it is left
let unsaved = document.querySelector("form[data-keep] .summary-wrong") !== null;
document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-keep]")) unsaved = true;
});
document.addEventListener("submit", (event) => {
  unsaved = false;
  // a double click sends once
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  window.setTimeout(() => { delete form.dataset.sent; }, 8000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

// after a refusal the eye, and a screen reader, begin with what is wrong
const wrong = document.querySelector(".summary-wrong");
if (wrong) wrong.focus();

// Improves the hosted form page: fields that do not apply are hidden and not submitted, and a
// form is not sent twice. Methods are called on `document` only, because a field may have any
// name, `addEventListener` included, and would shadow the form's own.

const form = document.querySelector("#form");
const button = document.querySelector("#send");
const send = button.textContent;

const conditional = [...document.querySelectorAll("[data-if-field]")].map((field) => ({
  field,
  otherName: field.dataset.ifField,
  anyOf: new Set(JSON.parse(field.dataset.ifAnyOf)),
  sentence: field.querySelector(".condition"),
  controls: [...field.querySelectorAll("input, select, textarea")],
}));

// Until the page is complete, the browser may bring back what was typed before, but not into
// disabled controls; so these come last.
let complete = false;

function show({ field, sentence, controls }, applies) {
  field.hidden = !applies;
  if (sentence) sentence.hidden = true;
  for (const control of controls) {
    control.disabled = complete && !applies;
    control.required = applies && "required" in control.dataset;
  }
}

// A field may depend on one that is hidden itself, and in any order; each round settles at least
// one of them, unless they depend on each other in a circle.
function update() {
  for (const _ of conditional) {
    const answers = new FormData(form);
    for (const entry of conditional) {
      show(entry, answers.getAll(entry.otherName).some((value) => entry.anyOf.has(value)));
    }
  }
}

function setSending(sending) {
  button.setAttribute("aria-disabled", sending);
  button.textContent = sending ? button.dataset.sending : send;
}

update();
document.addEventListener("input", update);
document.addEventListener("submit", (event) => {
  if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
  else setSending(true);
});
// Also when the browser brings the whole page back.
addEventListener("pageshow", () => {
  complete = true;
  setSending(false);
  update();
});

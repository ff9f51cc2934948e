// Improves the page where a form's fields are edited. Every button works without it: it sends the
// whole page and gets it back. Here only the editor is replaced, fields can be dragged, and the
// preview follows what is typed.

const editor = document.querySelector("#editor");
let asked = 0;
let unsaved = false;
// While a button's answer is under way, nothing else is sent: it would not know of the change.
let busy;
let later;

// Sends the draft as a button would; gives the new page's editor, or none.
async function send(button, act) {
  const form = editor.querySelector("#draft");
  const fields = new FormData(form, button);
  if (act) fields.set("act", act);
  const number = ++asked;
  const reply = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields) });
  if (!reply.ok || reply.redirected) throw new Error("not understood");
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  return number === asked ? page.querySelector("#editor") : undefined;
}

const nameOf = (card) => card.querySelector("[name=field]").value;
const cards = () => [...editor.querySelectorAll("[data-card]")];

// Puts the new editor in the place of the old one; what was open stays open.
function replace(fresh) {
  const open = new Set(cards().filter((card) => card.querySelector("details").open).map((card) => card.querySelector("[name=name]").value));
  editor.replaceChildren(...fresh.childNodes);
  for (const card of cards()) {
    if (open.has(nameOf(card))) card.querySelector("details").open = true;
  }
  showHandles();
  editor.querySelector("[autofocus]")?.focus();
}

function showHandles() {
  for (const handle of editor.querySelectorAll("[data-drag]")) handle.hidden = false;
}

editor.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (busy) {
    event.preventDefault();
    await busy;
    [...editor.querySelectorAll("[name=act]")].find(({ value }) => value === button?.value)?.click();
    return;
  }
  if (!button || button.value === "save" || button.dataset.plain) {
    unsaved = false;
    return;
  }
  event.preventDefault();
  clearTimeout(later);
  unsaved = true;
  const answer = send(button);
  busy = answer.catch(() => undefined);
  try {
    const fresh = await answer;
    if (fresh) replace(fresh);
    busy = undefined;
  } catch {
    busy = undefined;
    // The page itself says what is wrong.
    button.dataset.plain = "yes";
    button.click();
  }
});

async function preview() {
  if (busy) return;
  try {
    const fresh = await send(undefined, "check");
    const [old, now] = [editor.querySelector("#preview"), fresh?.querySelector("#preview")];
    if (old && now && old.srcdoc !== now.srcdoc) old.srcdoc = now.srcdoc;
    else if (now && !old) editor.querySelector(".preview").replaceWith(fresh.querySelector(".preview"));
  } catch {
    // The next button tells.
  }
}
editor.addEventListener("input", (event) => {
  if (event.target.name === "add_type") return;
  unsaved = true;
  clearTimeout(later);
  // Another type has other rules, so all of the card is new.
  if (event.target.name === "type") editor.querySelector("[value=check]").click();
  else later = setTimeout(preview, 400);
});

addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

// Dragging: the card moves among the others while the pointer does; the order of the page is the draft's.
editor.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-drag]");
  if (!handle || event.button !== 0) return;
  event.preventDefault();
  const card = handle.closest("[data-card]");
  card.classList.add("dragged");
  const move = ({ clientY }) => {
    const others = cards().filter((other) => other !== card);
    const next = others.find((other) => {
      const { top, height } = other.getBoundingClientRect();
      return clientY < top + height / 2;
    });
    if (next ? card.nextElementSibling !== next : card.nextElementSibling) card.parentElement.insertBefore(card, next ?? null);
  };
  const end = () => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", end);
    removeEventListener("pointercancel", end);
    card.classList.remove("dragged");
    editor.querySelector("[value=check]").click();
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", end);
  addEventListener("pointercancel", end);
});

showHandles();

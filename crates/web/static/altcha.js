// The proof of work of forms that post to Formhold, on any site. It begins when somebody begins to
// fill in a form; one that is sent before it is done waits. The script may have data-working and
// data-failed (texts) and data-challenge (an address, if the action tells none).

const script = document.querySelector('script[src*="/altcha.js"]');
const { challenge: given, working, failed } = script.dataset;
const states = new WeakMap();

// Not `form.append()`: a field may have that name.
const call = (form, method, ...args) => HTMLFormElement.prototype[method].call(form, ...args);

function challengeOf(form) {
  const { origin, pathname } = new URL(call(form, "getAttribute", "action"), document.baseURI);
  if (origin !== new URL(script.src).origin) return null;
  const path = pathname.replace(/\/(p\/[^/]+\/f|f|s|ajax)\/([^/]+).*$/, "/f/$2/challenge");
  return given ?? (path === pathname ? null : origin + path);
}

function stateOf(form) {
  if (!states.has(form) && form instanceof HTMLFormElement) {
    const address = challengeOf(form);
    const [input, note] = ["input", "output"].map((name) => document.createElement(name));
    Object.assign(input, { type: "hidden", name: "altcha" });
    note.setAttribute("aria-live", "polite");
    if (address) call(form, "append", input, note);
    states.set(form, address && { address, input, note, freshUntil: 0 });
  }
  return states.get(form);
}

const begin = (state) => (state.work ??= work(state).finally(() => delete state.work));

async function work(state) {
  const asked = Date.now();
  const challenge = await (await fetch(state.address, { cache: "no-store" })).json();
  const { expiresAt, data } = challenge.parameters;
  const solution = await solve(challenge.parameters);
  if (!solution) throw new Error("unsolved");
  state.input.value = btoa(JSON.stringify({ challenge, solution }));
  // From the request on, because the clock here may be wrong.
  state.freshUntil = asked + (expiresAt - data.issued) * 900;
}

async function solve({ nonce, salt, cost, keyPrefix, data }) {
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (digits) => parseInt(digits, 16));
  // The browser's own runs beside the page; over plain HTTP there is none.
  const { derive } = crypto.subtle ? { derive: native } : await import("./altcha_plain.js");
  let solution;
  const search = async (counter) => {
    for (; !solution && counter < data.cost; counter += 4) {
      const password = bytes(nonce + counter.toString(16).padStart(8, 0));
      const key = await derive(password, bytes(salt), cost);
      const derivedKey = [...key].map((byte) => byte.toString(16).padStart(2, 0)).join("");
      if (derivedKey.startsWith(keyPrefix)) solution = { counter, derivedKey };
    }
  };
  await Promise.all([0, 1, 2, 3].map(search));
  return solution;
}

async function native(password, salt, iterations) {
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

function onInput({ target }) {
  const state = stateOf(target.form ?? target.closest?.("form"));
  // Errors are told when the form is sent.
  if (state && state.freshUntil < Date.now()) begin(state).catch(() => {});
}

async function onSubmit(event) {
  const { target, submitter } = event;
  const state = stateOf(target);
  if (!state) return;
  const fresh = state.freshUntil > Date.now();
  state.freshUntil = 0; // it is used up
  if (fresh) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (state.waiting) return;
  state.waiting = true;
  state.note.textContent = working ?? "One moment …";
  try {
    await begin(state);
    state.note.textContent = "";
    call(target, "requestSubmit", submitter);
  } catch {
    state.note.textContent = failed ?? "That failed. Please try again.";
  }
  state.waiting = false;
}

addEventListener("focusin", onInput);
addEventListener("input", onInput);
addEventListener("submit", onSubmit, true);

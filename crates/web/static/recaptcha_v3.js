// Asks reCAPTCHA version 3 for a token each time that the form is sent, and sends it along. Where
// Google cannot be reached, the form is sent without: the server knows what follows from that.

const { sitekey, action } = document.querySelector("#captcha").dataset;
const address = document.querySelector('script[src*="/recaptcha/api.js"]').src;
const form = document.querySelector("#form");
const call = (method, ...args) => HTMLFormElement.prototype[method].call(form, ...args);

// Not looked for in the page: Google keeps a field of this name outside of the form.
const input = document.createElement("input");
Object.assign(input, { type: "hidden", name: "g-recaptcha-response" });
call("append", input);

function load() {
  if (globalThis.grecaptcha) return Promise.resolve();
  // It is late, or was blocked, which nobody tells afterwards.
  const script = document.createElement("script");
  return new Promise((resolve, reject) => {
    Object.assign(script, { src: address, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

async function token() {
  await load();
  await new Promise((resolve) => grecaptcha.ready(resolve));
  return grecaptcha.execute(sitekey, { action });
}

const atMost = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds, ""));

document.addEventListener("submit", async (event) => {
  if (event.defaultPrevented) return;
  event.preventDefault();
  input.value = await Promise.race([token().catch(() => ""), atMost(10_000)]);
  call("submit");
});

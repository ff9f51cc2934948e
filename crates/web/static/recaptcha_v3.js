// Asks reCAPTCHA version 3 for a token when the form is sent, and sends it along.

const { sitekey, action } = document.querySelector("#captcha").dataset;
const form = document.querySelector("#form");
const call = (method, ...args) => HTMLFormElement.prototype[method].call(form, ...args);

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || document.querySelector("[name=g-recaptcha-response]")) return;
  event.preventDefault();
  grecaptcha.ready(async () => {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: "g-recaptcha-response" });
    input.value = await grecaptcha.execute(sitekey, { action });
    call("append", input);
    call("submit");
  });
});

// Signs in with a passkey (data-passkey="get"), or adds one to an account ("create"). Options come
// from data-options and the answer goes to data-result, both as JSON with the page's CSRF token.
// https://www.w3.org/TR/webauthn-3/

const AGAIN = "That did not work. Please load the page again and retry.";

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

const base64url = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The options as the browser wants them: what JSON cannot hold as bytes. */
function decoded({ publicKey }) {
  const ids = (list) => list?.map((entry) => ({ ...entry, id: bytes(entry.id) }));
  const options = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (options.user) options.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) options.excludeCredentials = ids(options.excludeCredentials);
  if (options.allowCredentials) options.allowCredentials = ids(options.allowCredentials);
  return options;
}

/** The answer as JSON can hold it. */
function encoded(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const held = parts.filter((part) => response[part]).map((part) => [part, base64url(response[part])]);
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { ...Object.fromEntries(held), ...(response.getTransports && { transports: response.getTransports() }) },
  };
}

async function post(path, csrf, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", "x-csrf-token": csrf },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (!answer) throw new Refused("The server cannot be reached. Please try again.");
  const json = await answer.json().catch(() => ({}));
  if (answer.ok) return json;
  throw new Refused(json.detail ?? json.title ?? AGAIN);
}

/** A failure that was put in words already. */
class Refused extends Error {}

/** What a failure means to somebody who only wanted to sign in. */
function words(error, creating) {
  if (error instanceof Refused) return error.message;
  switch (error.name) {
    case "NotAllowedError":
      return creating
        ? "No passkey was added: it was cancelled, or took too long."
        : "No passkey was used: it was cancelled, or took too long.";
    case "InvalidStateError":
      return "This device has a passkey for your account already.";
    case "SecurityError":
      return "Passkeys do not work at this address. They need HTTPS and the site's own name.";
    default:
      return "The browser could not use a passkey. Please use another way.";
  }
}

function prepare(place) {
  const { passkey, options, result, csrf, next } = place.dataset;
  const creating = passkey === "create";
  const [button, status] = [place.querySelector("button"), place.querySelector("output")];
  const name = place.querySelector("input");
  let waiting;

  const choose = async (mediation) => {
    // A second request is refused while the first one waits.
    waiting?.abort();
    const { signal } = (waiting = new AbortController());
    const publicKey = decoded(await post(options, csrf, {}));
    signal.throwIfAborted();
    const asked = { publicKey, signal, ...mediation };
    return creating ? navigator.credentials.create(asked) : navigator.credentials.get(asked);
  };

  const finish = async (credential) => {
    status.textContent = "One moment…";
    const answer = { credential: encoded(credential) };
    if (creating) answer.name = name?.value ?? "";
    else answer.next = next ?? "";
    const { location: path } = await post(result, csrf, answer);
    const target = new URL(path, document.baseURI);
    if (target.origin !== location.origin) throw new Refused(AGAIN);
    location.assign(target);
  };

  const attempt = async () => {
    button.setAttribute("aria-disabled", "true");
    status.textContent = "Follow what your device asks.";
    try {
      await finish(await choose({}));
    } catch (error) {
      status.textContent = words(error, creating);
    }
    button.removeAttribute("aria-disabled");
  };

  place.hidden = false;
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") attempt();
  });
  name?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") button.click();
  });
  if (creating) return;
  // Passkeys among the suggestions for the address; a press of the button ends the wait for it.
  const offer = async () => {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    // Whoever did not ask for a passkey is not told that there was none.
    const chosen = await choose({ mediation: "conditional" }).catch(() => null);
    if (chosen) await finish(chosen);
  };
  offer().catch((error) => {
    status.textContent = words(error, creating);
  });
}

if (globalThis.PublicKeyCredential && navigator.credentials) {
  for (const place of document.querySelectorAll("[data-passkey]")) prepare(place);
}

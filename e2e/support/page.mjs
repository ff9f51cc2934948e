// Makes this process a browser page on another origin; import it before React and the vendors' clients.
import { FileList, Window } from 'happy-dom';

const window = new Window({ url: 'http://site.example/contact' });

const names = [
  'document', 'navigator', 'location', 'fetch', 'FormData', 'File', 'Blob', 'Event', 'Node', 'Element',
  'HTMLElement', 'HTMLFormElement', 'HTMLIFrameElement', 'CustomEvent', 'MutationObserver',
];
define('window', window);
for (const name of names) define(name, name === 'fetch' ? window.fetch.bind(window) : window[name]);

/** Ends the page: its timers and open requests. */
export const closePage = () => window.happyDOM.close();

/** Shows this HTML and returns its first element. */
export function show(html) {
  window.document.body.innerHTML = html;
  return window.document.body.firstElementChild;
}

/** Fills in the form by field name (text, or an array of files) and presses the button, as a visitor would. */
export function submit(form, answers) {
  for (const [name, answer] of Object.entries(answers)) {
    const input = form.querySelector(`[name="${name}"]`);
    if (Array.isArray(answer)) input.files = Object.assign(new FileList(), answer);
    else input.value = answer;
  }
  form.requestSubmit();
}

/** Sends what is meant for the vendor's host to `url`; nothing but the host is changed. */
export function moveHost(vendor, url) {
  const send = globalThis.fetch;
  globalThis.fetch = (target, init) => {
    if (!String(target).startsWith(`${vendor}/`)) throw new Error(`unexpected request to ${target}`);
    return send(String(target).replace(vendor, url), init);
  };
}

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

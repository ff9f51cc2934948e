// The script-tag build of @formspree/ajax, in a real browser with real CORS, on a page of another origin.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBrowser } from '../support/chromium.mjs';
import { startServer } from '../support/server.mjs';
import { serveFolder } from '../support/static_site.mjs';

const client = fileURLToPath(new URL('../node_modules/@formspree/ajax', import.meta.url));
const pageFor = (formId, origin) => `<!doctype html>
  <div data-fs-success></div>
  <div role="alert" data-fs-error></div>
  <form id="form" novalidate>
    <label>E-mail <input type="email" name="email" data-fs-field></label>
    <span data-fs-error="email"></span>
    <label>Message <textarea name="message" data-fs-field></textarea></label>
    <button>Send</button>
  </form>
  <script>
    window.formspree = function () { (formspree.q = formspree.q || []).push(arguments); };
    formspree('initForm', { formElement: '#form', formId: '${formId}', origin: '${origin}' });
  </script>
  <script src="/dist/global.js" defer></script>`;

let server;
let site;
let browser;
before(async () => {
  server = await startServer({ forms: ['contact', 'closed'] });
  const pages = ['contact', 'closed', 'nosuchform'].map((id) => [`/${id}.html`, pageFor(id, server.url)]);
  site = await serveFolder(client, Object.fromEntries(pages));
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await server?.stop();
});

async function send(form, email, message) {
  const page = await browser.open();
  await page.goto(`${site.url}/${form}.html`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Message').fill(message);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('[data-fs-active]').first().waitFor();
  return (selector) => page.locator(`${selector}[data-fs-active]`).allTextContents();
}

test('a submission passes the preflight, succeeds and is stored', async () => {
  const shown = await send('contact', 'ada@example.org', 'across origins');

  assert.deepEqual(await shown('[data-fs-success]'), ['Thank you!']);
  const rows = await server.rowsWith('contact', 'message', 'across origins');
  assert.deepEqual(rows.map((row) => row.answers), [{ email: 'ada@example.org', message: 'across origins' }]);
});

test('a wrong e-mail is readable across origins and shown at its field', async () => {
  const shown = await send('contact', 'ada', 'refused');

  const [message] = await shown('[data-fs-error=email]');
  assert.ok(message);
  assert.deepEqual(await shown('[role=alert]'), []);
  assert.equal((await server.rowsWith('contact', 'message', 'refused')).length, 0);
});

for (const [what, form] of [['a closed form', 'closed'], ['an unknown form', 'nosuchform']]) {
  test(`${what} is readable across origins, not a failed request`, async () => {
    const shown = await send(form, 'ada@example.org', 'refused');

    const [message] = await shown('[role=alert]');
    assert.ok(message);
    assert.doesNotMatch(message, /failed to fetch/i);
    assert.deepEqual(await server.exportRows('closed', 'ndjson'), []);
  });
}

// The vendor's widget, as published, on another site: it solves our challenges of both versions.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { ourAltcha } from '../support/altcha.mjs';
import { serveAltcha } from '../support/altcha_site.mjs';
import { startBrowser } from '../support/chromium.mjs';
import { serveFolder } from '../support/static_site.mjs';

let formhold;
let site;
let browser;
before(async () => {
  formhold = await serveAltcha(await ourAltcha());
  const widget = await readFile(new URL('../node_modules/altcha/dist/main/altcha.min.js', import.meta.url));
  site = await serveFolder('/', {
    '/widget.js': widget,
    '/form.html': `<!doctype html><title>Contact</title><script type="module" src="/widget.js"></script>
<form method="post" action="${formhold.url}/f/contact">
<label>Message <input name="message"></label>
<altcha-widget challenge="${formhold.url}/f/contact/challenge"></altcha-widget>
<button>Send</button></form>`,
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await formhold?.stop();
});

for (const version of [1, 2]) {
  test(`the widget's answer to a challenge of version ${version} passes`, async () => {
    formhold.posts.length = 0;
    formhold.changes.challenge = { version, cost: 20 };
    const page = await browser.open();
    await page.goto(`${site.url}/form.html`);
    await page.getByLabel('Message').fill('Hello');
    await page.getByRole('checkbox').press('Space');
    await page.waitForFunction(() => document.querySelector('input[name=altcha]')?.value);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();

    const [{ fields, verdict }] = formhold.posts;
    assert.equal(verdict.passed, true, JSON.stringify(verdict));
    const answer = JSON.parse(Buffer.from(fields.get('altcha'), 'base64'));
    assert.equal('number' in answer, version === 1);
  });
}

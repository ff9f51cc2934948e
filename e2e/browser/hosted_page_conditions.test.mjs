// Fields of the hosted page that depend on answers, with scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { entered, send, sendUnchecked } from '../support/hosted_page.mjs';
import { startServer } from '../support/server.mjs';

let server;
let browser;
before(async () => {
  server = await startServer({ forms: ['conditions'] });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function openForm(settings) {
  const page = await browser.reuse(settings);
  await page.goto(`${server.url}/f/conditions`);
  return page;
}

const labels = ['Which song?', 'I bring somebody', 'Who is it?', 'music'];

async function shown(page) {
  const visible = await Promise.all(labels.map((label) => page.getByLabel(label).isVisible()));
  return labels.filter((_, index) => visible[index]);
}

test('a field comes and goes with the answer that it depends on, over any number of steps', async () => {
  const page = await openForm();
  assert.deepEqual(await shown(page), []);

  await page.getByLabel('yes').check();
  assert.deepEqual(await shown(page), ['I bring somebody', 'music']);
  await page.getByLabel('I bring somebody').check();
  await page.getByLabel('music').check();
  assert.deepEqual(await shown(page), labels);
  assert.equal(await page.getByText('Only if').first().isVisible(), false);

  await page.getByLabel('no').check();
  assert.deepEqual(await shown(page), []);
});

test('a field that went away is neither asked for nor sent', async () => {
  const page = await openForm();
  await page.getByLabel('yes').check();
  await page.getByLabel('dance').check();
  await page.getByLabel('Which song?').fill('gone');
  await page.getByLabel('no').check();
  assert.deepEqual(await entered(page), { coming: 'no' });

  const reply = await send(page);
  assert.equal(reply.status(), 303);
  const rows = await server.rowsWith('conditions', 'coming', 'no');
  assert.deepEqual(rows.map((row) => row.answers), [{ coming: 'no' }]);
});

test('a field that came is asked for before anything is sent', async () => {
  const page = await openForm();
  await page.getByLabel('yes').check();
  await page.getByLabel('I bring somebody').check();
  await page.locator('#send').click();

  assert.equal(await page.getByLabel('Who is it?').evaluate((input) => input.matches(':focus:invalid')), true);
  assert.equal(await page.locator('#send').innerText(), 'Send');
});

test('without scripts every field is there, says when it applies, and may stay empty otherwise', async () => {
  const page = await openForm({ javaScriptEnabled: false });
  assert.deepEqual(await shown(page), labels);
  await page.getByText('Only if the answer to “Wishes” is “music” or “dance”.').waitFor();
  await page.getByText('Only if “I bring somebody” is ticked.').waitFor();
  await page.getByLabel('yes').check();
  const reply = await send(page);

  assert.equal(reply.status(), 303);
  const rows = await server.rowsWith('conditions', 'coming', 'yes');
  assert.deepEqual(rows.map((row) => row.answers), [{ song: '', coming: 'yes', name_of_company: '' }]);
});

test('without scripts a field is asked for by the server when it applies', async () => {
  const page = await openForm({ javaScriptEnabled: false });
  await page.getByLabel('yes').check();
  await page.getByLabel('I bring somebody').check();
  const reply = await sendUnchecked(page);

  assert.equal(reply.status(), 422);
  assert.deepEqual(await page.getByRole('alert').getByRole('link').allInnerTexts(), ['Who is it?']);
  assert.equal(await page.getByLabel('I bring somebody').isChecked(), true);
});

test('a page that comes back with problems shows the fields that apply', async () => {
  const page = await openForm();
  await page.getByLabel('yes').check();
  await page.getByLabel('music').check();
  const reply = await sendUnchecked(page);

  assert.equal(reply.status(), 422);
  assert.deepEqual(await shown(page), ['Which song?', 'I bring somebody', 'music']);
});

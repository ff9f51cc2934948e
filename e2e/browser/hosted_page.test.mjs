// The hosted page, filled in and sent as a person would, with scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { choose, file, fillIn, send, stored } from '../support/hosted_page.mjs';
import { startServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';

let server;
let browser;
before(async () => {
  server = await startServer({ forms: ['everything', 'contact'] });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(form, settings) {
  const page = await browser.open(settings);
  await page.goto(`${server.url}/f/${form}`);
  return page;
}

async function fillInContact(page, message) {
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByLabel('Message').fill(message);
}

for (const [scripts, javaScriptEnabled] of [['with scripts', true], ['without scripts', false]]) {
  test(`every answer that a person gives ${scripts} is stored, and they are thanked`, async () => {
    const name = `Ada ${scripts}`;
    const page = await open('everything', { javaScriptEnabled });
    const harm = await watch(page);
    await fillIn(page, { full_name: name });
    await choose(page, file);
    const reply = await send(page);

    assert.equal(reply.status(), 303);
    assert.match(new URL(page.url()).pathname, /^\/f\/\w+\/thanks$/);
    assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'Summer school registration');
    assert.equal(await page.getByRole('status').innerText(), 'Thank you. What you sent has arrived.');
    const [row, ...more] = await server.rowsWith('everything', 'full_name', name);
    assert.deepEqual(row.answers, { ...stored, full_name: name });
    assert.deepEqual(row.undeclared, {});
    assert.equal(row.state, 'inbox');
    assert.deepEqual(row.files.map((kept) => kept.name), [file.name]);
    assert.deepEqual(more, []);

    await page.getByRole('link', { name: 'Send another one' }).click();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    assert.equal(await page.getByLabel('Full name').inputValue(), '');
    assert.deepEqual(harm, []);
  });
}

test('a form with its own words thanks with them', async () => {
  const page = await open('contact');
  await fillInContact(page, 'its own words');
  await send(page);

  assert.equal(await page.getByRole('status').innerText(), 'We have your message.');
});

test('a form that takes posts of some sites only takes those of its own page', async () => {
  const fields = [{ name: 'email', type: 'email', label: 'E-mail' }];
  await server.importForm({ name: 'Members', slug: 'members', allowed_origins: ['https://example.org'], fields });
  const page = await open('members');
  await page.getByLabel('E-mail').fill('ada@example.org');
  const reply = await send(page);

  assert.equal(reply.status(), 303);
  const [row] = await server.rowsWith('members', 'email', 'ada@example.org');
  assert.equal(row.context.page, `${server.url}/f/members`);
});

test('a double click sends one submission, also when the reply is slow', async () => {
  const page = await open('contact');
  const sent = [];
  await page.route(/\/f\/\w+$/, (route) => { sent.push(route); });
  await fillInContact(page, 'in a hurry');
  await page.locator('#send').scrollIntoViewIfNeeded();
  // Locators would wait for the reply.
  const { x, y, width, height } = await page.locator('#send').boundingBox();
  const middle = [x + width / 2, y + height / 2];
  await page.mouse.dblclick(...middle);
  await until('the submission', () => sent.length > 0);
  await page.mouse.click(...middle);
  await page.keyboard.press('Enter');
  await Promise.all(sent.map((route) => route.continue()));
  await page.waitForURL(/\/thanks$/);

  assert.equal(sent.length, 1);
  assert.equal((await server.rowsWith('contact', 'message', 'in a hurry')).length, 1);
});

test('after the way back from the thanks, the form can be sent once more', async () => {
  const page = await open('contact');
  await fillInContact(page, 'once');
  await send(page);
  await page.goBack();
  await page.getByLabel('Message').fill('once more');
  await send(page);

  await page.getByRole('status').waitFor();
  assert.equal((await server.rowsWith('contact', 'message', 'once more')).length, 1);
});

test('what a robot writes into the hidden trap is kept as spam, and it is thanked', async () => {
  const page = await open('contact');
  assert.equal(await page.getByRole('textbox', { name: 'Leave this field empty' }).count(), 0);
  await fillInContact(page, 'from a robot');
  await page.locator('#trap').evaluate((trap) => { trap.value = 'cheap pills'; });
  await send(page);

  await page.getByRole('status').waitFor();
  const rows = await server.rowsWith('contact', 'message', 'from a robot');
  assert.deepEqual(rows.map((row) => row.state), ['spam']);
});

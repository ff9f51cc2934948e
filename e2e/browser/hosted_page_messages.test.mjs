// The pages that say one thing, and the headers that keep every page harmless.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { startServer } from '../support/server.mjs';

let server;
let browser;
before(async () => {
  server = await startServer({ forms: ['contact', 'closed', 'not-yet', 'anything'] });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const pages = [
  ['a closed form', '/f/closed', 403, 'Closed', 'This form is closed.'],
  ['a form that is not open yet', '/f/not-yet', 403, 'Not open yet', 'This form is not open yet.'],
  ['an unknown form', '/f/nosuchform', 404, 'Not found', 'There is no such form.'],
  ['the thanks of an unknown form', '/f/nosuchform/thanks', 404, 'Not found', 'There is no such form.'],
  ['an unknown page', '/nowhere', 404, 'Not found', 'There is no such page.'],
  ['the thanks', '/f/contact/thanks', 200, 'Contact', 'We have your message.'],
  ['a closed form in German', '/f/closed?language=de', 403, 'Geschlossen', 'Dieses Formular ist geschlossen.'],
];
for (const [what, path, status, heading, sentence] of pages) {
  test(`${what}: one heading, one sentence, and nothing to fill in`, async () => {
    const page = await browser.reuse();
    const reply = await page.goto(`${server.url}${path}`);

    assert.equal(reply.status(), status);
    assert.deepEqual(await page.getByRole('heading', { level: 1 }).allInnerTexts(), [heading]);
    await page.getByText(sentence, { exact: true }).waitFor();
    assert.equal(await page.locator('form').count(), 0);
  });
}

test('the page of a form without fields shows a form to copy, which works', async () => {
  const page = await browser.reuse();
  await page.goto(`${server.url}/f/anything`);
  const snippet = await page.locator('pre').innerText();
  assert.ok(snippet.includes(`action="${server.url}/f/${server.forms.anything.key}"`), snippet);

  await page.setContent(snippet);
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByRole('status').waitFor();
  const rows = await server.exportRows('anything', 'ndjson');
  assert.deepEqual(rows.map((row) => row.answers), [{ email: 'ada@example.org' }]);
});

test('a person who filled in a form of another site that is closed can read what they wrote', async () => {
  const page = await browser.open({ javaScriptEnabled: false });
  await page.setContent(`<form method="post" action="${server.url}/f/closed">
    <textarea name="message">First line\nsecond line</textarea><button>Send</button></form>`);
  await page.getByRole('button').click();
  await page.getByText('What you entered').click();

  assert.equal(await page.locator('dt').innerText(), 'message');
  assert.equal(await page.locator('dd').innerText(), 'First line\nsecond line');
});

const post = (fields) => ({ method: 'POST', body: new URLSearchParams(fields), redirect: 'manual', headers: { accept: 'text/html' } });
const contact = { email: 'ada@example.org', message: 'for the headers' };
const replies = [
  ['/f/contact', {}, 200],
  ['/f/contact/thanks', {}, 200],
  ['/f/contact', post(contact), 303],
  ['/f/closed', post(contact), 403],
  ['/f/nosuchform', {}, 404],
  ['/f/nosuchform', post(contact), 404],
  ['/nowhere', {}, 404],
  ['/f/contact', { ...post({}), method: 'PUT' }, 405],
  ['/f/contact', post({ ...contact, message: 'a'.repeat(1_100_000) }), 413],
  ['/f/contact', { ...post({}), body: 'text' }, 415],
  ['/f/contact', post({ email: 'ada' }), 422],
];
for (const [path, init, status] of replies) {
  test(`${init.method ?? 'GET'} ${path} answers ${status} with a policy that lets no foreign script run`, async () => {
    const reply = await fetch(`${server.url}${path}`, init);

    assert.equal(reply.status, status);
    const policy = reply.headers.get('content-security-policy');
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|script-src (?!'self')/);
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
    assert.match(reply.headers.get('referrer-policy'), /^(no-referrer|same-origin)$/);
  });
}

// Who sends more than a form takes is told so, keeps what they typed, and is let in later.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { send } from '../support/hosted_page.mjs';
import { ask, askUs, quickWork, sendAndBeThanked } from '../support/protected_forms.mjs';
import { startServer } from '../support/server.mjs';
import { serveFolder } from '../support/static_site.mjs';

let server;
let site;
let browser;
before(async () => {
  server = await startServer({ forms: [], settings: quickWork });
  for (const slug of ['two', 'foreign', 'json']) await server.importForm(askUs(slug, { limit: '2/min' }));
  await server.importForm(askUs('zwei', { limit: '2/hour' }, { language: 'de' }));
  await server.importForm(askUs('working', { limit: '2/min', captcha: { when: 'always' } }));
  await server.importForm(askUs('together', { limit: 'off', total_limit: '2/day' }));
  site = await serveFolder('/', {
    '/form.html': `<!doctype html><title>Our site</title><form method="post" action="${server.url}/f/foreign">
      <label>E-mail <input name="email"></label> <label>Message <textarea name="message"></textarea></label>
      <button id="send">Send</button></form>`,
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await server?.stop();
});

const kept = async (form) => (await server.exportRows(form, 'ndjson')).map((row) => row.answers.message);

/** Sends twice with success, and a third time; resolves with the reply to that. */
async function sendThree(page, address) {
  for (const message of ['the first', 'the second']) {
    await page.goto(address);
    await ask(page, message);
    await sendAndBeThanked(page);
  }
  await page.goto(address);
  await ask(page, 'the third\nof today');
  return send(page);
}

for (const [form, sentence] of [
  ['two', /^This is more than this form takes from one place at a time\. Please send it again in (\d\d?) s\.$/],
  ['working', /^This is more than this form takes from one place at a time\. Please send it again in (\d\d?) s\.$/],
  ['zwei', /^Das ist mehr, als .* (\d\d?) min/],
]) {
  test(`the third submission comes back with what was typed and with how long to wait (${form})`, async () => {
    const page = await browser.open({ viewport: { width: 360, height: 640 } });
    const harm = await watch(page);
    const refused = await sendThree(page, `${server.url}/f/${form}`);

    assert.equal(refused.status(), 429);
    const text = await page.getByRole('alert').innerText();
    const [, wait] = text.match(sentence) ?? assert.fail(text);
    assert.ok(wait >= 1 && wait <= 30, text);
    const after = Number(refused.headers()['retry-after']);
    assert.equal(form === 'zwei' ? Math.ceil(after / 60) : after, Number(wait));
    assert.equal(await page.getByLabel('Message').inputValue(), 'the third\nof today');
    assert.equal(await page.getByLabel('E-mail').inputValue(), 'ada@example.org');
    assert.deepEqual(await kept(form), ['the first', 'the second']);
    assert.deepEqual(harm, []);
  });
}

test('a form of another site leads to the same page', async () => {
  const page = await browser.open();
  const refused = await sendThree(page, `${site.url}/form.html`);

  assert.equal(refused.status(), 429);
  assert.match(await page.getByRole('alert').innerText(), /Please send it again in \d+ s\.$/);
  assert.equal(await page.getByLabel('Message').inputValue(), 'the third\nof today');
  assert.deepEqual(await kept('foreign'), ['the first', 'the second']);
});

test('the limit of a form counts all visitors together', async () => {
  const pages = [await browser.open(), await browser.open(), await browser.open()];
  for (const page of pages) {
    await page.goto(`${server.url}/f/together`);
    await ask(page, 'from one of many');
  }
  await sendAndBeThanked(pages[0]);
  await sendAndBeThanked(pages[1]);
  const refused = await send(pages[2]);
  assert.equal(refused.status(), 429);
  assert.match(refused.headers()['ratelimit-policy'], /^"form_submissions";q=2;w=86400$/);
  assert.match(await pages[2].getByRole('alert').innerText(), /Please send it again in 12 h\.$/);
});

test('a script on another origin reads the limit in the reply', async () => {
  const page = await browser.open();
  await page.goto(`${site.url}/form.html`);
  const replies = await page.evaluate(async (address) => {
    const replies = [];
    for (const message of ['the first', 'the second', 'the third']) {
      const body = JSON.stringify({ email: 'ada@example.org', message });
      const reply = await fetch(address, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      const names = ['retry-after', 'ratelimit', 'ratelimit-policy'];
      replies.push({ status: reply.status, body: await reply.json(), headers: names.map((name) => reply.headers.get(name)) });
    }
    return replies;
  }, `${server.url}/f/json`);

  assert.deepEqual(replies.map(({ status }) => status), [200, 200, 429]);
  const [{ body, headers: [retryAfter, rateLimit, policy] }] = replies.slice(-1);
  assert.match(retryAfter, /^([1-9]|[12]\d|30)$/);
  assert.equal(policy, '"submissions";q=2;w=60');
  assert.match(rateLimit, /^"submissions";r=0;t=([1-9]|[1-5]\d|60)$/);
  assert.deepEqual([body.ok, body.error, body.errors.map(({ code }) => code)], [false, body.message, ['TOO_MANY_REQUESTS']]);
  assert.ok(body.message.endsWith(`again in ${retryAfter} s.`), body.message);
  assert.deepEqual(await kept('json'), ['the first', 'the second']);
});

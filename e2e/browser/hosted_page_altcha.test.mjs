// The page of a form that asks for the built-in proof of work.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { send, sendUnchecked } from '../support/hosted_page.mjs';
import { ask, askUs, links, quickWork, sendAndBeThanked, suspicious } from '../support/protected_forms.mjs';
import { startServer } from '../support/server.mjs';
import { until } from '../support/until.mjs';

let server;
let browser;
before(async () => {
  server = await startServer({ forms: [], settings: quickWork });
  await server.importForm(askUs('always', { captcha: { when: 'always' } }));
  await server.importForm(askUs('immer', { captcha: { when: 'always' } }, { language: 'de' }));
  await server.importForm(askUs('lenient', { captcha: { when: 'always', without_answer: 'spam_folder' } }));
  await server.importForm(askUs('suspicious', suspicious()));
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(form, settings) {
  const page = await browser.open(settings);
  const harm = await watch(page);
  await page.goto(`${server.url}/f/${form}`);
  return { page, harm, note: page.locator('#form output') };
}

/** Keeps challenges back until `go` is called. */
async function holdChallenges(page) {
  let go;
  const gate = new Promise((resolve) => { go = resolve; });
  await page.route('**/challenge', (route) => gate.then(() => route.continue()));
  return go;
}

const answered = (page) => page.waitForFunction(() => document.querySelector('[name=altcha]')?.value);
const states = async (form, message) => (await server.rowsWith(form, 'message', message)).map((row) => row.state);

for (const width of [360, 1280]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`a person fills it in by keyboard and is not bothered (${width} px, ${colorScheme})`, async () => {
      const { page, harm } = await open('always', { viewport: { width, height: 800 }, colorScheme });
      const message = `By keyboard, ${width} ${colorScheme}`;
      await page.keyboard.press('Tab');
      await page.keyboard.type('ada@example.org');
      await page.keyboard.press('Tab');
      await page.keyboard.type(message);
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'send');
      await page.keyboard.press('Enter');
      await page.getByRole('status').waitFor();

      assert.deepEqual(await states('always', message), ['inbox']);
      assert.deepEqual(harm, []);
    });
  }
}

for (const [form, sentence] of [
  ['always', 'Checking that no robot is sending this …'],
  ['immer', 'Es wird geprüft, dass kein Automat sendet …'],
]) {
  test(`what is sent before the work is done waits, says so, and goes once (${form})`, async () => {
    const { page, harm, note } = await open(form, { viewport: { width: 360, height: 640 } });
    const go = await holdChallenges(page);
    await ask(page, 'In a hurry');
    await page.locator('#send').click();
    await page.locator('#send').click();
    await page.getByLabel('E-mail').press('Enter');

    assert.equal(await note.textContent(), sentence);
    assert.equal(await note.getAttribute('aria-live'), 'polite');
    assert.equal(await note.ariaSnapshot(), `- status: ${sentence}`);
    const [button, text] = [await page.locator('#send').boundingBox(), await note.boundingBox()];
    assert.ok(text.y >= button.y + button.height, 'the sentence is below the button');
    assert.equal(text.x, button.x);
    assert.deepEqual(await states(form, 'In a hurry'), []);

    go();
    await page.waitForURL(/\/thanks$/);
    assert.deepEqual(await states(form, 'In a hurry'), ['inbox']);
    assert.deepEqual(harm, []);
  });
}

test('when no challenge is to be had, it says so, keeps the input, and sends at the next try', async () => {
  const { page, note } = await open('always');
  await page.route('**/challenge', (route) => route.fulfill({ status: 503, body: 'busy' }));
  await ask(page, 'In vain at first');
  await page.locator('#send').click();
  await until('the sentence', async () => /did not work\. Please send the form again/.test(await note.textContent()));
  assert.equal(await page.getByLabel('Message').inputValue(), 'In vain at first');
  assert.notEqual(await page.locator('#send').getAttribute('aria-disabled'), 'true');

  await page.unroute('**/challenge');
  await sendAndBeThanked(page);
  assert.deepEqual(await states('always', 'In vain at first'), ['inbox']);
});

test('after a wrong answer the page comes back, works anew, and can be sent', async () => {
  const { page, harm } = await open('always');
  await ask(page, 'no');
  const refused = await sendUnchecked(page);
  assert.equal(refused.status(), 422);
  assert.equal(await page.getByLabel('E-mail').inputValue(), 'ada@example.org');
  assert.match(await page.getByRole('alert').innerText(), /at least 3 characters/);

  await page.getByLabel('Message').fill('No, thank you');
  await sendAndBeThanked(page);
  assert.deepEqual(await states('always', 'No, thank you'), ['inbox']);
  assert.deepEqual(harm, []);
});

test('after the way back from the thanks, another one can be sent', async () => {
  const { page } = await open('always');
  await ask(page, 'The first of two');
  await sendAndBeThanked(page);
  await page.goBack();
  await ask(page, 'The second of two');
  await sendAndBeThanked(page);
  assert.deepEqual(await states('always', 'The second of two'), ['inbox']);
});

test('without JavaScript the page says beforehand what it needs, and so does the refusal', async () => {
  const { page } = await open('always', { javaScriptEnabled: false });
  const needs = 'This form checks that no robot is sending it, which needs JavaScript.';
  // Playwright finds no text in there.
  const hint = page.locator('#form noscript p');
  assert.equal(await hint.innerText(), needs);
  assert.equal(await hint.isVisible(), true);
  await ask(page, 'Without scripts');
  const refused = await send(page);

  assert.equal(refused.status(), 422);
  const alert = await page.getByRole('alert').innerText();
  assert.match(alert, /^Please confirm that you are a person, then send the form again\.\s+/);
  assert.ok(alert.endsWith(needs), alert);
  assert.equal(await hint.count(), 0);
  assert.equal(await page.getByLabel('Message').inputValue(), 'Without scripts');
  assert.equal(await page.title(), 'Error: Ask us');
  assert.deepEqual(await states('always', 'Without scripts'), []);
});

test('a form that keeps what has no answer takes it without JavaScript, for review', async () => {
  const { page } = await open('lenient', { javaScriptEnabled: false });
  assert.equal(await page.locator('noscript').count(), 0);
  await ask(page, 'Without scripts');
  await sendAndBeThanked(page);

  const [row] = await server.rowsWith('lenient', 'message', 'Without scripts');
  assert.equal(row.state, 'spam');
  const { context } = JSON.parse(await server.formhold('submission', 'show', row.id, '--json'));
  const reasons = context.spam_reasons.map(({ layer, message }) => [layer, message]);
  assert.deepEqual(reasons.at(-1), ['captcha', 'the captcha was not answered']);
});

test('a form that asks the suspicious only takes an honest text without', async () => {
  const { page } = await open('suspicious', { javaScriptEnabled: false });
  assert.equal(await page.locator('noscript').count(), 0);
  await ask(page, 'When are you open?');
  await sendAndBeThanked(page);
  assert.deepEqual(await states('suspicious', 'When are you open?'), ['inbox']);
});

test('a form that asks the suspicious only asks for a text full of links, and takes it after the work', async () => {
  const message = links('suspicious');
  const { page } = await open('suspicious', { javaScriptEnabled: false });
  await ask(page, message);
  assert.equal((await send(page)).status(), 422);
  assert.match(await page.getByRole('alert').innerText(), /confirm that you are a person[^]*needs JavaScript/);
  assert.deepEqual(await states('suspicious', message), []);

  const { page: again, harm } = await open('suspicious');
  await ask(again, message);
  await answered(again);
  await sendAndBeThanked(again);
  assert.deepEqual(await states('suspicious', message), ['inbox']);
  assert.deepEqual(harm, []);
});

// The page of a form that asks for a captcha of a vendor: its script is let in, and its answer is sent and verified.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { send } from '../support/hosted_page.mjs';
import { ask, askUs, links, sendAndBeThanked, suspicious } from '../support/protected_forms.mjs';
import { startServer } from '../support/server.mjs';
import { serveSiteverify } from '../support/siteverify.mjs';
import { checkboxes, invisible, standIn } from '../support/vendor_widgets.mjs';

const providers = [...Object.keys(checkboxes), 'recaptcha_v3'];

let verifier;
let server;
let browser;
before(async () => {
  verifier = await serveSiteverify();
  const settings = providers.flatMap((provider) => [
    [`FORMHOLD_CAPTCHA__${provider.toUpperCase()}_SITE_KEY`, `${provider}-key`],
    [`FORMHOLD_CAPTCHA__${provider.toUpperCase()}_SECRET`, `${provider}-secret`],
    [`FORMHOLD_CAPTCHA__${provider.toUpperCase()}_VERIFY_URL`, verifier.url],
  ]);
  server = await startServer({ forms: [], settings: Object.fromEntries(settings) });
  for (const provider of providers) {
    await server.importForm(askUs(provider.replace('_', '-'), { captcha: { when: 'always', provider } }));
  }
  await server.importForm(askUs('doubtful', suspicious({ provider: 'turnstile' })));
  await server.importForm(askUs('kept', { captcha: { when: 'always', provider: 'recaptcha_v3', without_answer: 'spam_folder' } }));
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await verifier?.stop();
});
beforeEach(() => verifier.forget());

// So tall that nothing scrolls: right after that, Chromium's driver may click into the frame that was there before.
async function open(form, replies, width = 1280) {
  const page = await browser.open({ viewport: { width, height: 1000 } });
  const harm = await watch(page);
  const loaded = await standIn(page, replies);
  await page.goto(`${server.url}/f/${form}`);
  return { page, harm, loaded };
}

const states = async (form, message) => (await server.rowsWith(form, 'message', message)).map((row) => row.state);
const iAmHuman = (page) => page.getByRole('button', { name: 'I am human' });

async function confirm(page) {
  await iAmHuman(page).click();
  await page.getByRole('button', { name: 'Confirmed' }).waitFor();
}

for (const [provider, { replies }] of Object.entries(checkboxes)) {
  test(`the page lets in the widget of ${provider}, and its answer is verified`, async () => {
    const form = provider.replace('_', '-');
    const { page, harm, loaded } = await open(form, replies, 360);
    await ask(page, 'Hello');
    await page.frameLocator('#captcha iframe').getByText('I am human').waitFor();
    await confirm(page);
    verifier.expect(`${provider}-key-1`);
    await sendAndBeThanked(page);

    assert.deepEqual(new Set(loaded), new Set(Object.keys(replies)));
    const [{ secret, response, remoteip }, ...more] = verifier.asked;
    assert.deepEqual([secret, response, remoteip], [`${provider}-secret`, `${provider}-key-1`, '127.0.0.1']);
    assert.deepEqual(more, []);
    assert.deepEqual(await states(form, 'Hello'), ['inbox']);
    assert.deepEqual(harm, []);
  });
}

test('a widget stands between the last field and the button, and is no wider than a small screen', async () => {
  for (const width of [320, 360, 1280]) {
    const { page } = await open('hcaptcha', checkboxes.hcaptcha.replies, width);
    await iAmHuman(page).waitFor();
    const box = (selector) => page.locator(selector).boundingBox();
    const [message, captcha, button] = [await box('textarea[id]'), await box('#captcha'), await box('#send')];
    assert.ok(captcha.y - (message.y + message.height) >= 20, 'room above');
    assert.ok(button.y - (captcha.y + captcha.height) >= 20, 'room below');
    assert.equal(captcha.x, message.x);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
  }
});

test('who forgets the widget is told so, and may answer and send again', async () => {
  const { page } = await open('hcaptcha', checkboxes.hcaptcha.replies);
  await ask(page, 'Forgotten');
  assert.equal((await send(page)).status(), 422);
  assert.equal(await page.getByRole('alert').innerText(), 'The check that no robot is sending this is missing. Please send the form again; where there is a box to tick, tick it first.');
  assert.equal(await page.getByLabel('Message').inputValue(), 'Forgotten');

  await confirm(page);
  verifier.expect('hcaptcha-key-1');
  await sendAndBeThanked(page);
  assert.deepEqual(await states('hcaptcha', 'Forgotten'), ['inbox']);
});

test('an answer that the vendor refuses is not accepted', async () => {
  const { page } = await open('turnstile', checkboxes.turnstile.replies);
  await ask(page, 'Refused');
  await confirm(page);
  assert.equal((await send(page)).status(), 422);
  assert.match(await page.getByRole('alert').innerText(), /did not work/);
  assert.equal(verifier.asked.length, 1);
  assert.deepEqual(await states('turnstile', 'Refused'), []);
});

test('where only the suspicious are asked, the widget shows once a text looks like spam', async () => {
  const { page, harm, loaded } = await open('doubtful', checkboxes.turnstile.replies);
  const message = links('doubtful');
  await ask(page, message);
  assert.deepEqual([await page.locator('#captcha').count(), loaded], [0, []]);
  assert.equal((await send(page)).status(), 422);

  await confirm(page);
  verifier.expect('turnstile-key-1');
  await sendAndBeThanked(page);
  assert.deepEqual(await states('doubtful', message), ['inbox']);
  assert.deepEqual(harm, []);
});

const threeSays = (answer, changes) => verifier.expect(answer, { score: 0.9, action: 'submit', ...changes });

test('reCAPTCHA version 3 is asked when the form is sent, with nothing to see', async () => {
  const { page, harm, loaded } = await open('recaptcha-v3', invisible);
  await ask(page, 'Nothing to see');
  await page.locator('#g-recaptcha-response-100000').waitFor({ state: 'attached' });
  threeSays('recaptcha_v3-key-submit-1');
  await sendAndBeThanked(page);

  assert.deepEqual(new Set(loaded), new Set(Object.keys(invisible)));
  assert.deepEqual(verifier.asked, [
    { secret: 'recaptcha_v3-secret', response: 'recaptcha_v3-key-submit-1', remoteip: '127.0.0.1' },
  ]);
  assert.deepEqual(await states('recaptcha-v3', 'Nothing to see'), ['inbox']);
  assert.deepEqual(harm, []);
});

test('a form that is sent before reCAPTCHA has come waits for it, and goes once', async () => {
  const page = await browser.open();
  const harm = await watch(page);
  let come;
  const gate = new Promise((resolve) => { come = resolve; });
  await standIn(page, invisible);
  await page.route('https://www.gstatic.com/**', (route) => gate.then(() => route.fulfill(invisible[route.request().url()])));
  await page.goto(`${server.url}/f/recaptcha-v3`, { waitUntil: 'commit' });
  await ask(page, 'Before it came');
  await page.locator('#send').click({ noWaitAfter: true });
  assert.equal(await page.locator('#send').innerText(), 'Sending …');
  await page.getByLabel('E-mail').press('Enter', { noWaitAfter: true });
  threeSays('recaptcha_v3-key-submit-1');
  come();
  await page.waitForURL(/\/thanks$/);

  assert.equal(verifier.asked.length, 1);
  assert.deepEqual(await states('recaptcha-v3', 'Before it came'), ['inbox']);
  assert.deepEqual(harm, []);
});

test('what reCAPTCHA takes for a robot is kept for review', async () => {
  const { page } = await open('recaptcha-v3', invisible);
  await ask(page, 'A robot, perhaps');
  threeSays('recaptcha_v3-key-submit-1', { score: 0.1 });
  await sendAndBeThanked(page);
  assert.deepEqual(await states('recaptcha-v3', 'A robot, perhaps'), ['spam']);
});

test('where Google is blocked, the form is sent without an answer, and nobody waits in vain', async () => {
  const { page } = await open('recaptcha-v3', {});
  await ask(page, 'Google is blocked');
  assert.equal((await send(page)).status(), 422);
  assert.match(await page.getByRole('alert').innerText(), /no robot is sending this is missing/);
  assert.equal(await page.getByLabel('Message').inputValue(), 'Google is blocked');

  const { page: other } = await open('kept', {});
  await ask(other, 'Google is blocked');
  await sendAndBeThanked(other);
  assert.deepEqual(await states('kept', 'Google is blocked'), ['spam']);
  assert.deepEqual(verifier.asked, []);
});

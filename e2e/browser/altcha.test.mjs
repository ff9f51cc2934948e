// The page script that does the proof of work, with real challenges: on pages of our own, under their strict policy, and
// beside forms of other sites.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';
import { ourAltcha } from '../support/altcha.mjs';
import { page as html, serveAltcha } from '../support/altcha_site.mjs';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { serveFolder } from '../support/static_site.mjs';
import { until } from '../support/until.mjs';

const texts = 'data-working="Einen Augenblick …" data-failed="Das ging nicht. Bitte noch einmal senden."';
// Fields that hide everything of the form that a script might rely on.
const shadows = ['append', 'action', 'submit', 'requestSubmit', 'getAttribute', 'closest', 'method', 'elements']
  .map((name) => `<input type="hidden" name="${name}" value="x">`).join('');

let ours;
let formhold;
let site;
let browser;
before(async () => {
  ours = await ourAltcha();
  formhold = await serveAltcha(ours, {
    '/f/contact': html({ script: `src="/static/altcha.js?v=1" ${texts}` }),
    '/shadows': html({ fields: shadows }),
    '/dialects/f': html({ action: '/p/project/f/contact' }),
    '/dialects/s': html({ action: '/s/contact' }),
    '/dialects/ajax': html({ action: '/ajax/contact' }),
    '/dialects/submit': html({ action: '/submit', script: 'src="/static/altcha.js" data-challenge="/f/contact/challenge"' }),
  });
  const foreign = `src="${formhold.url}/static/altcha.js"`;
  site = await serveFolder('/', {
    '/form.html': html({ action: `${formhold.url}/f/contact`, script: foreign }),
    '/elsewhere.html': html({ action: '/f/somewhere', script: foreign }),
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await formhold?.stop();
});
beforeEach(() => {
  formhold.posts.length = 0;
  formhold.asked.length = 0;
  for (const key of Object.keys(formhold.changes)) delete formhold.changes[key];
});

async function open(address) {
  const page = await browser.open();
  const harm = await watch(page);
  await page.goto(address);
  return { page, harm, send: page.getByRole('button', { name: 'Send' }), note: page.locator('form output') };
}

const message = (page) => page.getByLabel('Message');
const thanks = (page) => page.getByRole('heading', { name: 'Thank you' }).waitFor();

test('the script is smaller than 4 KiB', async () => {
  for (const name of ['altcha.js', 'altcha_plain.js']) {
    const { size } = await stat(new URL(`../../crates/web/static/${name}`, import.meta.url));
    assert.ok(size < 4096, `${name} has ${size} bytes`);
  }
});

test('a form that is filled in is sent with an answer that passes, under the strict policy', async () => {
  const { page, harm, send } = await open(`${formhold.url}/f/contact`);
  await message(page).fill('Hello');
  await send.click();
  await thanks(page);

  const [{ fields, verdict }, ...more] = formhold.posts;
  assert.equal(verdict.passed, true, JSON.stringify(verdict));
  assert.deepEqual([fields.get('message'), fields.get('how'), fields.getAll('altcha').length], ['Hello', 'send', 1]);
  assert.deepEqual(more, []);
  assert.deepEqual(formhold.asked, ['/f/contact/challenge']);
  assert.deepEqual(harm, []);
});

test('nothing is asked for before somebody begins, and the work is done before they send', async () => {
  const { page, send, note } = await open(`${formhold.url}/f/contact`);
  await page.waitForLoadState('networkidle');
  assert.deepEqual(formhold.asked, []);
  await message(page).focus();
  await page.waitForFunction(() => document.querySelector('[name=altcha]')?.value);
  assert.equal(await note.textContent(), '');
  await message(page).fill('Hello');
  await send.click();
  await thanks(page);
  assert.equal(formhold.asked.length, 1);
  assert.equal(formhold.posts[0].verdict.passed, true);
});

test('a form that is sent at once waits, says so in the words of the page, and is sent once', async () => {
  let go;
  formhold.changes.wait = new Promise((resolve) => { go = resolve; });
  const { page, send, note } = await open(`${formhold.url}/f/contact`);
  await message(page).fill('In a hurry');
  await send.click();
  await send.click();
  await message(page).press('Enter');
  assert.equal(await note.textContent(), 'Einen Augenblick …');
  assert.equal(await note.isVisible(), true);
  assert.equal(await note.getAttribute('aria-live'), 'polite');
  assert.deepEqual(formhold.posts, []);
  go();
  await thanks(page);

  assert.equal(formhold.posts.length, 1);
  assert.equal(formhold.posts[0].fields.get('how'), 'send');
  assert.equal(formhold.posts[0].verdict.passed, true);
  assert.equal(formhold.asked.length, 1);
});

test('what the browser finds wrong with the form is told before anything is sent', async () => {
  const { page, send } = await open(`${formhold.url}/f/contact`);
  await send.click();
  await page.waitForFunction(() => document.querySelector('[name=altcha]')?.value);
  assert.deepEqual(formhold.posts, []);
  await message(page).fill('Now');
  await send.click();
  await thanks(page);
  assert.equal(formhold.posts.length, 1);
});

for (const [how, status] of [['is refused', 429], ['breaks', 500], ['is nonsense', 200]]) {
  test(`when the challenge ${how}, it says so, and sending again tries again`, async () => {
    formhold.changes.status = status;
    const { page, send, note } = await open(`${formhold.url}/f/contact`);
    await message(page).fill('Hello');
    await send.click();
    await until('the message', async () => (await note.textContent()) === 'Das ging nicht. Bitte noch einmal senden.');
    assert.equal(await message(page).inputValue(), 'Hello');
    assert.deepEqual(formhold.posts, []);
    delete formhold.changes.status;
    await send.click();
    await thanks(page);
    assert.equal(formhold.posts[0].verdict.passed, true);
  });
}

test('an answer that grew old is made anew when the form is sent', async () => {
  formhold.changes.challenge = { lifetimeSeconds: 60 };
  const page = await browser.open();
  await page.clock.install();
  await page.goto(`${formhold.url}/f/contact`);
  await message(page).fill('After lunch');
  await page.waitForFunction(() => document.querySelector('[name=altcha]')?.value);
  const first = await page.locator('[name=altcha]').inputValue();
  await page.clock.fastForward('00:55');
  await page.getByRole('button', { name: 'Send' }).click();
  await thanks(page);

  assert.equal(formhold.asked.length, 2);
  assert.notEqual(formhold.posts[0].fields.get('altcha'), first);
  assert.equal(formhold.posts[0].verdict.passed, true);
});

test('a clock that is wrong by a year changes nothing', async () => {
  for (const years of [-1, 1]) {
    const page = await browser.open();
    await page.clock.install({ time: Date.now() + years * 365 * 86_400_000 });
    await page.goto(`${formhold.url}/f/contact`);
    await message(page).fill('Hello');
    await page.waitForFunction(() => document.querySelector('[name=altcha]')?.value);
    await page.getByRole('button', { name: 'Send' }).click();
    await thanks(page);
  }
  assert.equal(formhold.asked.length, 2);
  assert.deepEqual(formhold.posts.map(({ verdict }) => verdict.passed), [true, true]);
});

test('typing stays smooth while a hard challenge is solved', async () => {
  formhold.changes.challenge = { cost: 2000 };
  const { page } = await open(`${formhold.url}/f/contact`);
  await page.evaluate(() => {
    window.slowTasks = [];
    new PerformanceObserver((list) => {
      window.slowTasks.push(...list.getEntries().map((entry) => entry.duration));
    }).observe({ type: 'longtask' });
  });
  await message(page).pressSequentially('I type while it works', { delay: 20 });
  await page.waitForFunction(() => document.querySelector('[name=altcha]')?.value, null, { timeout: 60_000 });
  const slow = await page.evaluate(() => window.slowTasks);
  assert.ok(Math.max(0, ...slow) < 150, `tasks that took over 50 ms: ${slow}`);
});

test('without the browser\'s own cryptography, as over plain HTTP, it works all the same', async () => {
  const page = await browser.open();
  const harm = await watch(page);
  await page.addInitScript(() => Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined }));
  await page.goto(`${formhold.url}/f/contact`);
  await message(page).fill('Hello');
  await page.getByRole('button', { name: 'Send' }).click();
  await thanks(page);
  assert.equal(formhold.posts[0].verdict.passed, true, JSON.stringify(formhold.posts[0].verdict));
  assert.deepEqual(harm, []);
});

test('fields may have any name', async () => {
  const { page, harm } = await open(`${formhold.url}/shadows`);
  // Playwright's own locators stumble over such a form.
  await page.keyboard.press('Tab');
  await page.keyboard.type('Hello');
  await page.keyboard.press('Enter');
  await until('the post', () => formhold.posts.length > 0);
  assert.equal(formhold.posts[0].verdict.passed, true);
  assert.equal(formhold.posts[0].fields.get('requestSubmit'), 'x');
  assert.deepEqual(harm, []);
});

for (const dialect of ['f', 's', 'ajax', 'submit']) {
  test(`the challenge of a form is found from its address (${dialect})`, async () => {
    const { page, send } = await open(`${formhold.url}/dialects/${dialect}`);
    await message(page).fill('Hello');
    await send.click();
    await thanks(page);
    assert.deepEqual(formhold.asked, ['/f/contact/challenge']);
    assert.equal(formhold.posts[0].verdict.passed, true);
  });
}

test('it works beside a form on another site', async () => {
  const { page, harm, send } = await open(`${site.url}/form.html`);
  await message(page).fill('From afar');
  await send.click();
  await thanks(page);
  assert.equal(formhold.posts[0].verdict.passed, true);
  assert.deepEqual(harm, []);
});

test('a form that posts elsewhere is left alone', async () => {
  const { page } = await open(`${site.url}/elsewhere.html`);
  await message(page).fill('Not for you');
  assert.equal(await page.locator('[name=altcha]').count(), 0);
  assert.deepEqual(formhold.asked, []);
});

test('a script that sends the form itself gets a new answer each time', async () => {
  const { page, send } = await open(`${site.url}/form.html`);
  await page.evaluate(() => {
    document.querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault();
      fetch(event.target.action, { method: 'POST', body: new URLSearchParams(new FormData(event.target)) });
    });
  });
  for (const [count, text] of ['first', 'second', 'third'].entries()) {
    await message(page).fill(text);
    await send.click();
    await until('the post', () => formhold.posts.length > count);
  }
  const keys = formhold.posts.map(({ verdict }) => verdict.replayKey);
  assert.deepEqual(formhold.posts.map(({ verdict }) => verdict.passed), [true, true, true]);
  assert.equal(new Set(keys).size, 3);
});

test('a form that comes after the script is served, too', async () => {
  const { page } = await open(`${formhold.url}/f/contact`);
  await page.evaluate(() => {
    const later = document.querySelector('form').cloneNode(true);
    document.querySelector('form').replaceWith(later);
  });
  await message(page).fill('Rendered later');
  await page.getByRole('button', { name: 'Send' }).click();
  await thanks(page);
  assert.equal(formhold.posts[0].verdict.passed, true);
});

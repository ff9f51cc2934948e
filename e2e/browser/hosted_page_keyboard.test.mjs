// The hosted page by keyboard only, with the focus always in sight.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { stored } from '../support/hosted_page.mjs';
import { startServer } from '../support/server.mjs';

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

const type = (text) => (page) => page.keyboard.type(text);
const press = (...keys) => async (page) => {
  for (const key of keys) await page.keyboard.press(key);
};

/** What is pressed at each stop of the Tab key, in order; a box is named with its value. */
const steps = [
  ['full_name', type('Ada by keyboard')],
  ['email', type('ada@example.org')],
  ['email_again', type('ada@example.org')],
  ['phone', type(stored.phone)],
  ['website', type(stored.website)],
  ['postcode', type('10115')],
  ['height', type('1.68')],
  ['guests', press('ArrowUp', 'ArrowUp')],
  ['arrival', type('07152026')],
  ['wake_up', type('0730AM')],
  ['departure', async (page) => {
    await page.keyboard.type('07292026');
    await page.keyboard.press('Tab');
    await page.keyboard.type('0645PM');
  }],
  ['room', press('ArrowDown', 'ArrowDown')],
  ['meals', press('Space', 'ArrowDown', 'ArrowDown')],
  ['diet', type(stored.diet)],
  ['courses=sailing', press()],
  ['courses=painting', press('Space')],
  ['courses=botany', press('Space')],
  ['courses=astronomy', press('Space', 'Space')],
  ['last_year', press('Space', 'ArrowRight', 'ArrowRight', 'ArrowRight')],
  ['recommend', press('Space', ...Array(8).fill('ArrowRight'))],
  ['certificate', press()],
  ['message', press('Enter', 'a', 'Enter', 'b')],
  ['terms', press('Space')],
  ['send', press('Enter')],
];

/** Where the focus is, and whether a person sees it there. */
const focus = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const place = element.type === 'checkbox' && element.name === 'courses'
      ? `${element.name}=${element.value}` : element.name || element.id;
    const marked = [element, element.closest('label')].filter(Boolean)
      .some((candidate) => getComputedStyle(candidate).outlineStyle !== 'none');
    const { top, bottom } = element.getBoundingClientRect();
    return { place, seen: marked && bottom > 0 && top < innerHeight };
  });

/** Tab takes several stops inside of an input for dates. */
async function tabOn(page, from) {
  for (;;) {
    await page.keyboard.press('Tab');
    const now = await focus(page);
    if (now.place !== from) return now;
  }
}

test('every field is reached in order by Tab, answered by keys, and sent by Enter', async () => {
  const page = await browser.open({ viewport: { width: 360, height: 640 } });
  await page.goto(`${server.url}/f/everything`);
  let from = '';
  for (const [place, act] of steps) {
    const now = await tabOn(page, from);
    assert.deepEqual(now, { place, seen: true });
    await act(page);
    from = place;
  }

  await page.getByRole('status').waitFor();
  const rows = await server.rowsWith('everything', 'full_name', 'Ada by keyboard');
  const answers = { ...stored, full_name: 'Ada by keyboard', message: '\r\na\r\nb' };
  assert.deepEqual(rows.map((row) => row.answers), [answers]);
});

test('Enter in an input sends the form', async () => {
  const page = await browser.open();
  await page.goto(`${server.url}/f/contact`);
  await page.getByLabel('Message').focus();
  await page.keyboard.type('by Enter');
  await page.getByLabel('E-mail').focus();
  await page.keyboard.type('ada@example.org');
  await page.keyboard.press('Enter');

  await page.getByRole('status').waitFor();
  assert.equal((await server.rowsWith('contact', 'message', 'by Enter')).length, 1);
});

test('where a rating needs no answer, one that was given can be taken back by keyboard', async () => {
  const page = await browser.open();
  await page.goto(`${server.url}/f/everything`);
  await page.locator('[name=last_year]').first().focus();
  await page.keyboard.press('Space');
  assert.equal(await page.locator('[name=last_year]:checked').inputValue(), '1');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.locator('[name=last_year]:checked').inputValue(), '');
});

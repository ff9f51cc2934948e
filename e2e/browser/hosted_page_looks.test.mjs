// Every page is readable in light and dark, and fits the smallest screen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { contrasts } from '../support/contrast.mjs';
import { send, sendUnchecked } from '../support/hosted_page.mjs';
import { ask, askUs, quickWork, sendAndBeThanked } from '../support/protected_forms.mjs';
import { startServer } from '../support/server.mjs';

let server;
let browser;
before(async () => {
  server = await startServer({ forms: ['everything', 'contact', 'closed', 'anything', 'conditions'], settings: quickWork });
  await server.importForm(askUs('guarded', { captcha: { when: 'always' } }));
  await server.importForm(askUs('once', { limit: '1/day' }));
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const LONG = 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(4);

const open = (path) => (page) => page.goto(`${server.url}${path}`);
const pages = {
  'the form': open('/f/everything'),
  'the form in German': open('/f/everything?language=de'),
  'the form with things chosen': async (page) => {
    await open('/f/everything')(page);
    for (const label of ['Vegan', 'Botany', '4 of 5', '9 of 10']) await page.getByLabel(label).check();
  },
  'the form with problems': async (page) => {
    await open('/f/everything')(page);
    await page.getByLabel('Telephone').fill(LONG);
    await page.getByLabel('Something else').check();
    await sendUnchecked(page);
  },
  'a form of long words': async (page) => {
    const options = [{ value: LONG, label: LONG }];
    const kinds = [['text'], ['select', options], ['radio', options], ['checkboxes', options], ['consent'], ['rating'], ['file']];
    const fields = kinds.map(([type, choices]) => ({ name: `${type}${LONG}`, type, label: LONG, help: LONG, options: choices }));
    await server.importForm({ name: LONG, slug: 'long', fields: fields.map((field) => ({ ...field, required: field.type !== 'rating' })) });
    await open('/f/long')(page);
    await sendUnchecked(page);
  },
  'the conditions without scripts': async (page) => {
    await page.route('**/form.js*', (route) => route.abort(), { times: 1 });
    await open('/f/conditions')(page);
  },
  'the thanks': open('/f/contact/thanks'),
  'a closed form': open('/f/closed'),
  'an unknown form': open('/f/nosuchform'),
  'a form without fields': open('/f/anything'),
  'what is too large': async (page) => {
    await open('/f/contact')(page);
    await page.locator('#form').evaluate((form) => {
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'name', value: 'a'.repeat(1_100_000) }));
    });
    assert.equal((await sendUnchecked(page)).status(), 413);
  },
  'a proof of work that takes its time': async (page) => {
    await page.route('**/challenge', () => {}, { times: 1 });
    await open('/f/guarded')(page);
    await ask(page, 'Hello');
    await page.locator('#send').click();
    await page.locator('#form output', { hasText: 'Checking' }).waitFor();
  },
  'a proof of work that failed': async (page) => {
    await page.route('**/challenge', (route) => route.abort());
    await open('/f/guarded')(page);
    await ask(page, 'Hello');
    await page.locator('#send').click();
    await page.locator('#form output', { hasText: 'did not work' }).waitFor();
    await page.unroute('**/challenge');
  },
  'a proof of work that is missing': async (page) => {
    await page.route('**/altcha.js*', (route) => route.abort(), { times: 1 });
    await open('/f/guarded')(page);
    await ask(page, 'Hello');
    assert.equal((await send(page)).status(), 422);
  },
  'one submission too many': async (page) => {
    await open('/f/once')(page);
    await ask(page, 'Hello');
    await sendAndBeThanked(page);
    await open('/f/once')(page);
    await ask(page, 'Hello again');
    assert.equal((await send(page)).status(), 429);
  },
  'what was entered elsewhere': async (page) => {
    await page.setContent(`<form method="post" action="${server.url}/f/closed"><input name="${LONG}" value="${LONG}"><button>Send</button></form>`);
    await page.getByRole('button').click();
    await page.getByText('What you entered').click();
  },
};

for (const [what, show] of Object.entries(pages)) {
  test(`${what}: readable in light and dark, and no wider than a small screen`, async () => {
    const page = await browser.reuse({ viewport: { width: 360, height: 640 }, reducedMotion: 'reduce' });
    await show(page);

    for (const width of [360, 320]) {
      await page.setViewportSize({ width, height: 640 });
      const widest = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(widest <= width, `${widest} px on a screen of ${width} px`);
    }
    const grounds = [];
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      grounds.push(await page.locator('html').evaluate((html) => getComputedStyle(html).backgroundColor));
      const { texts, lines } = await contrasts(page);
      assert.ok(texts.length >= 2);
      assert.deepEqual(texts.filter(({ ratio }) => ratio < 4.5), [], colorScheme);
      assert.deepEqual(lines.filter(({ ratio }) => ratio < 3), [], colorScheme);
    }
    assert.notEqual(grounds[0], grounds[1]);
  });
}

test('what a form says of its captcha without JavaScript is readable in light and dark', async () => {
  const page = await browser.open({ viewport: { width: 360, height: 640 }, javaScriptEnabled: false });
  for (const show of [open('/f/guarded'), async () => { await ask(page, 'Hello'); await send(page); }]) {
    await show(page);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const hint = page.locator('noscript p');
      const { texts } = await contrasts(page);
      const said = texts.filter(({ what }) => what.startsWith('This form checks that no robot'));
      assert.equal(said.length, 1);
      assert.ok(said[0].ratio >= 4.5, `${said[0].ratio} in ${colorScheme}`);
      const widest = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(widest <= 360 && (await hint.isVisible()));
    }
  }
});

test('everything that can be pressed is large enough for a finger', async () => {
  const page = await browser.open({ viewport: { width: 360, height: 640 } });
  await open('/f/everything')(page);
  const small = await page.evaluate(() => {
    const pressed = 'main :is(button, label.choice, label.point, select, textarea, .field > input)';
    return [...document.querySelectorAll(pressed)]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
      .map((element) => element.outerHTML.slice(0, 80));
  });
  assert.deepEqual(small, []);
});

// Every page of people who sign in, with kind and hostile data and with none: readable by people and by machines, in
// light and dark, and no wider than a small screen.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { contrasts } from '../support/contrast.mjs';
import { watch } from '../support/harm.mjs';
import { serveSamples } from '../support/sample_pages.mjs';

const axe = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

let samples;
let browser;
before(async () => {
  samples = await serveSamples();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await samples?.stop();
});

const all = () => true;
const usual = (name) => name.endsWith('.usual');

/** Calls `check` with each of the pages, and with all opened that can be opened in it. */
async function each(which, check) {
  const page = await browser.open({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  const harm = await watch(page);
  const names = samples.names.filter(which);
  assert.ok(names.length > 50);
  for (const name of names) {
    await page.goto(`${samples.url}/${name}.html`);
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
    await check(page, name);
  }
  assert.deepEqual(harm, []);
}

const show = async (page, width, colorScheme) => {
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
};

/** What axe has against the page, as `rule: element`. */
async function violations(page) {
  const found = await page.evaluate(async () => (await globalThis.axe.run()).violations);
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

const looks = [[1280, 'light'], [360, 'dark'], [1280, 'dark'], [360, 'light']];

test('axe finds nothing', async () => {
  await each(all, async (page, name) => {
    await page.evaluate(axe);
    for (const [width, colorScheme] of usual(name) ? looks : looks.slice(0, 2)) {
      await show(page, width, colorScheme);
      assert.deepEqual(await violations(page), [], `${name} at ${width} px in ${colorScheme}`);
    }
  });
});

test('axe finds nothing in the open menu of a small screen', async () => {
  const page = await browser.open();
  await page.goto(`${samples.url}/users.usual.html`);
  await page.evaluate(axe);
  await show(page, 360, 'light');
  await page.getByRole('button', { name: 'Menu' }).click();
  for (const colorScheme of ['light', 'dark']) {
    await show(page, 360, colorScheme);
    assert.ok(await page.getByRole('link', { name: 'Audit log' }).isVisible());
    assert.deepEqual(await violations(page), [], colorScheme);
  }
});

test('no page is wider than its screen', async () => {
  await each(all, async (page, name) => {
    for (const width of [1280, 960, 700, 360, 320]) {
      await page.setViewportSize({ width, height: 640 });
      const widest = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(widest <= width, `${name} is ${widest} px wide on a screen of ${width} px`);
    }
  });
});

test('texts and the borders of inputs are told from what lies behind them, in light and dark', async () => {
  await each(usual, async (page, name) => {
    for (const colorScheme of ['light', 'dark']) {
      await show(page, 1280, colorScheme);
      const { texts, lines } = await contrasts(page);
      assert.ok(texts.length > 2, name);
      assert.deepEqual(texts.filter(({ ratio }) => ratio < 4.5), [], name);
      assert.deepEqual(lines.filter(({ ratio }) => ratio < 3), [], name);
    }
  });
});

test('everything that can be pressed is large enough for a finger', async () => {
  await each(usual, async (page, name) => {
    await show(page, 360, 'light');
    const small = await page.evaluate(() => {
      const pressed = '.button, .menu-button, label.choice, select, summary, .field > input, .row > input';
      return [...document.querySelectorAll(pressed)]
        .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 43.5)
        .map((element) => element.outerHTML.slice(0, 120));
    });
    assert.deepEqual(small, [], name);
  });
});

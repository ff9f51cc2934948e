// The pages of people who sign in, by keyboard only and without JavaScript.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { serveSamples } from '../support/sample_pages.mjs';

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

const wide = { viewport: { width: 1280, height: 800 } };
const small = { viewport: { width: 360, height: 640 } };
const open = async (name, settings) => {
  const page = await browser.open(settings);
  await page.goto(`${samples.url}/${name}.html`);
  return page;
};

/** What has the focus, and whether that can be seen. */
const focused = (page) =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    const box = element.getBoundingClientRect();
    const label = element.labels?.[0]?.textContent ?? element.textContent;
    const shown = element.closest('.choice:has(:focus-visible)') ?? element;
    return {
      what: label.trim().replace(/\s+/g, ' '),
      inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      outlined: getComputedStyle(shown).outlineStyle !== 'none',
    };
  });

test('the first stop skips the navigation', async () => {
  for (const settings of [wide, small]) {
    const page = await open('users.usual', settings);
    await page.keyboard.press('Tab');
    assert.equal((await focused(page)).what, 'Skip to the content');
    assert.ok(await page.getByText('Skip to the content').isVisible());
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal((await focused(page)).what, 'New user');
  }
});

test('every stop is in sight and outlined, and none is left out', async () => {
  for (const name of ['login.empty', 'register.usual', 'account.usual', 'factors.usual', 'token-new.usual', 'workspace.usual', 'user.usual', 'audit.usual']) {
    const page = await open(name, wide);
    const controls = await page.locator('main :is(a[href], button, input:not([type=hidden], [tabindex="-1"]), select, summary)').evaluateAll(
      (elements) => {
        const visible = elements.filter((element) => element.checkVisibility({ visibilityProperty: true }));
        // A date has three parts and a calendar.
        return visible.reduce((sum, element) => sum + (element.type === 'date' ? 4 : 1), 0);
      },
    );
    await page.evaluate(() => {
      document.activeElement.blur();
      document.querySelector('main').tabIndex = -1;
      document.querySelector('main').focus();
    });
    const seen = [];
    for (let at = 0; at < controls; at += 1) {
      await page.keyboard.press('Tab');
      const stop = await focused(page);
      assert.ok(stop.inView && stop.outlined, `${name}: ${JSON.stringify(stop)}`);
      assert.ok(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)), `${name} has ${controls} stops, left after ${seen}`);
      seen.push(stop.what);
    }
  }
});

test('the menu of a small screen opens, closes and leads on by keyboard, without a script', async () => {
  const page = await open('users.usual', { ...small, javaScriptEnabled: false });
  const link = page.getByRole('link', { name: 'Audit log' });
  assert.ok(!(await link.isVisible()));
  const button = page.getByRole('button', { name: 'Menu' });
  await button.focus();
  await page.keyboard.press('Enter');
  assert.ok(await link.isVisible());
  assert.ok(await page.getByRole('button', { name: 'Sign out' }).isVisible());
  await page.keyboard.press('Escape');
  assert.ok(!(await link.isVisible()));
  await page.keyboard.press('Enter');
  const stops = [];
  for (let at = 0; at < 3; at += 1) {
    await page.keyboard.press('Tab');
    stops.push((await focused(page)).what);
  }
  assert.deepEqual(stops, ['Workspace', 'Switch the workspace', 'Overview']);
});

test('the place where one is, is marked in the navigation', async () => {
  for (const [name, here] of [['users.usual', 'Users'], ['user-delete.usual', 'Users'], ['token-new.usual', 'API tokens'], ['admin.usual', 'Overview']]) {
    const page = await open(name, wide);
    assert.deepEqual(await page.locator('nav [aria-current=page]').allTextContents(), [here]);
  }
});

test('a wrong form begins at the first wrong field, and its summary leads to each', async () => {
  const page = await open('register-wrong.usual', wide);
  assert.equal((await focused(page)).what, 'E-mail address');
  await page.getByRole('alert').getByRole('link', { name: 'Choose a password' }).click();
  assert.equal((await focused(page)).what, 'Password');
  const described = await page.getByLabel('Password').evaluate((input) =>
    input.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).textContent));
  assert.equal(described.length, 2);
  assert.match(described[1], /at least 12 characters/);
});

test('without a script nothing is offered that needs one', async () => {
  for (const [name, what] of [['login.usual', 'Use a passkey'], ['factors.usual', 'Add a passkey'], ['token-created.usual', 'Copy'], ['recovery-codes.usual', 'Copy all']]) {
    const silent = await open(name, { ...wide, javaScriptEnabled: false });
    assert.ok(!(await silent.getByText(what, { exact: true }).isVisible()), name);
    const lively = await open(name, wide);
    await lively.getByRole('button', { name: what, exact: true }).waitFor();
  }
});

test('a secret is copied by its button', async () => {
  const copied = async (name, button) => {
    const page = await browser.open({ ...wide, permissions: ['clipboard-read', 'clipboard-write'] });
    await page.goto(`${samples.url}/${name}.html`);
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.equal(await copied('token-created.usual', 'Copy'), 'fh_6XkP0mJc2rQv8sWz4tYb1nDg5hLa9eRu3iOp7fKx');
  const codes = (await copied('recovery-codes.usual', 'Copy all')).split(/\s+/);
  assert.equal(codes.length, 10);
  assert.equal(codes[3], 'k7f3-29dm-x3qp');
});

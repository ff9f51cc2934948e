// An editor builds a form by mouse and by keyboard, looks at its pages, and somebody submits to it: in a real browser, in
// light and dark, on a small and on a large screen.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { signIn, startAccountServer } from '../support/account_server.mjs';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';

const axe = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
/** Where pictures of the pages go, for who wants to look at them. */
const looksAt = process.env.FORMHOLD_TEST_SCREENSHOTS;

let server;
let browser;
before(async () => {
  server = await startAccountServer();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const wide = { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' };

/** Looks at the page in all sizes and colours: no wider than its screen, and nothing that axe has against it. */
async function look(page, name) {
  await page.evaluate(axe);
  for (const width of [360, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const widest = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(widest <= width, `${name} is ${widest} px wide on a screen of ${width} px`);
      const violations = await page.evaluate(async () => (await globalThis.axe.run({ exclude: ['#preview'] })).violations);
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${name} at ${width} px in ${colorScheme}`);
      if (looksAt) await page.screenshot({ path: join(looksAt, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
}

async function signedIn(settings = wide) {
  const page = await browser.open(settings);
  await signIn(page, server.url);
  await page.getByRole('heading', { level: 1, name: 'Profile' }).waitFor();
  return page;
}

const card = (page, name) => page.locator('[data-card]').filter({ has: page.locator('summary .name', { hasText: name }) });
const titles = (page) => page.locator('[data-card] summary .name').allTextContents();

test('a form is built by mouse, with a live preview, and takes a submission', async () => {
  const page = await signedIn();
  const harm = await watch(page);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Forms', exact: true }).click();
  await look(page, 'forms-empty');
  await page.getByRole('link', { name: 'Make the first form' }).click();
  await look(page, 'form-new');
  await page.getByLabel('Name', { exact: true }).fill('Write to us');
  await page.getByRole('button', { name: 'Make the form' }).click();
  await page.getByText('The form was made.').waitFor();
  assert.deepEqual(await titles(page), ['Your name', 'E-mail', 'Message']);

  await page.getByLabel('Add a field').selectOption('Choice from a list');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('Not saved yet.').waitFor();
  const added = card(page, 'Choice from a list');
  await added.getByLabel('Label').fill('Topic');
  await added.getByLabel('Options').fill('order | An order\nvisit | A visit');
  const preview = page.frameLocator('#preview');
  await preview.getByLabel('Topic').selectOption('A visit');
  await look(page, 'form-fields');

  // Dragged to the top.
  await page.setViewportSize(wide.viewport);
  const handle = page.locator('[data-card]').last().locator('[data-drag]');
  await handle.scrollIntoViewIfNeeded();
  const from = await handle.boundingBox();
  const to = await page.locator('[data-card]').first().boundingBox();
  await page.mouse.move(from.x + 10, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(from.x + 10, to.y + to.height / 2, { steps: 8 });
  await page.mouse.move(from.x + 10, to.y + 2, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => document.querySelector('[data-card] summary .name').textContent === 'Topic');

  await page.getByRole('button', { name: 'Remove Your name' }).click();
  await page.getByRole('button', { name: 'Undo removing' }).click();
  await page.getByRole('button', { name: 'Undo removing' }).waitFor({ state: 'detached' });
  assert.deepEqual(await titles(page), ['Topic', 'Your name', 'E-mail', 'Message']);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The form was saved.').waitFor();

  await page.getByRole('link', { name: 'Embed' }).click();
  await look(page, 'form-embed');
  const link = await page.getByLabel('Address of the form').inputValue();
  const visitor = await browser.open(wide);
  await visitor.goto(link);
  await visitor.getByLabel('Topic').selectOption('An order');
  await visitor.getByLabel('E-mail').fill('ida@example.org');
  await visitor.getByLabel('Message').fill('Hello');
  await visitor.getByRole('button', { name: 'Send' }).click();
  await visitor.getByText('Thank you').first().waitFor();
  const rows = await server.exportRows('write-to-us', 'ndjson');
  assert.equal(rows[0].answers.select, 'order');
  assert.deepEqual(harm, []);
});

test('every page of a form can be used, with lost updates told', async () => {
  const page = await signedIn();
  const harm = await watch(page);
  await page.goto(`${server.url}/admin/forms`);
  await look(page, 'forms');
  await page.getByRole('link', { name: 'Write to us' }).click();
  const tab = (name) => page.getByRole('navigation', { name: 'Pages of this form' }).getByRole('link', { name }).click();

  await tab('Protection');
  await page.getByLabel('From one address').fill('often');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('must be a limit').waitFor();
  await look(page, 'form-protection');
  await page.getByLabel('From one address').fill('100/hour');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The form was saved.').waitFor();

  await tab('After sending');
  await page.getByLabel('What people read').fill('We will <b>write</b> back.');
  await look(page, 'form-success');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The form was saved.').waitFor();

  await tab('Settings');
  const other = await signedIn();
  await other.goto(page.url());
  await other.getByLabel('Name', { exact: true }).fill('Changed elsewhere');
  await other.getByRole('button', { name: 'Save' }).click();
  await other.getByText('The form was saved.').waitFor();
  await page.getByLabel('Most submissions in all').fill('500');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Somebody changed this form meanwhile').waitFor();
  assert.equal(await page.getByLabel('Most submissions in all').inputValue(), '500');
  await look(page, 'form-settings');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The form was saved.').waitFor();

  await tab('Versions');
  await look(page, 'form-versions');
  await page.getByRole('button', { name: 'Go back to it – version 2' }).click();
  await page.getByText('The earlier version is in force again.').waitFor();
  await page.getByRole('link', { name: 'The form as code' }).click();
  const code = page.getByLabel('Definition');
  await code.fill((await code.inputValue()).replace('name = "Write to us"', 'name = "By code"'));
  await page.getByRole('button', { name: 'What would change?' }).click();
  await page.getByRole('status').getByText('By code').waitFor();
  await look(page, 'form-definition');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The form was saved.').waitFor();

  await tab('Settings');
  await page.getByRole('link', { name: 'Delete…' }).click();
  await look(page, 'form-delete');
  await page.getByRole('button', { name: 'Put it into the trash' }).click();
  await page.getByText('The form is in the trash.').waitFor();
  await page.getByRole('link', { name: 'Forms in the trash' }).click();
  await look(page, 'forms-trash');
  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.getByText('The form is back').waitFor();
  assert.deepEqual(harm, []);
});

for (const javaScriptEnabled of [true, false]) {
  test(`a form is built with the keyboard alone, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
    const page = await signedIn({ ...wide, javaScriptEnabled });
    await page.goto(`${server.url}/admin/forms/new`);
    const name = `Keys ${javaScriptEnabled}`;
    await page.getByLabel('Name', { exact: true }).focus();
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    await page.getByText('The form was made.').waitFor();
    const press = async (button, key = 'Enter') => {
      await button.focus();
      await page.keyboard.press(key);
    };
    await page.getByLabel('Add a field').focus();
    await page.keyboard.type('Rating');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Not saved yet.').waitFor();
    // The new field is open, and its label has the focus.
    await page.keyboard.press('Control+a');
    await page.keyboard.type('How was it?');
    for (let step = 0; step < 3; step++) {
      await press(page.locator('[data-card]').nth(3 - step).getByRole('button', { name: /^Up/ }));
      await page.locator('[data-card]').nth(2 - step).locator('summary .name', { hasText: 'How was it?' }).waitFor();
    }
    // At the top the button is off, so the one below has the focus.
    assert.equal(await page.evaluate(() => document.activeElement.value), 'down:0');
    await press(page.getByRole('button', { name: 'Remove Your name' }));
    await page.getByRole('button', { name: 'Undo removing Your name' }).waitFor();
    await press(page.getByRole('button', { name: 'Save' }));
    await page.getByText('The form was saved.').waitFor();
    assert.deepEqual(await titles(page), ['How was it?', 'E-mail', 'Message']);

    const slug = `keys-${javaScriptEnabled}`;
    await page.goto(`${server.url}/f/${slug}`);
    await page.getByLabel('4 of 5').check();
    await page.getByLabel('E-mail').fill('ida@example.org');
    await page.getByLabel('Message').fill('By keys');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Thank you').first().waitFor();
    const rows = await server.exportRows(slug, 'ndjson');
    assert.equal(rows[0].answers.rating, '4');
  });
}

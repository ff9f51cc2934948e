// What an owner does all day, in a real browser: see what comes, move it, take it back, mark, tag, edit, note, export;
// by mouse, with the keyboard alone, and without a script.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { startServer } from '../support/server.mjs';

const axe = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const password = 'correct horse, battery';
const hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>';
// One black pixel.
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
/** Where pictures of the pages go, for who wants to look at them. */
const looksAt = process.env.FORMHOLD_TEST_SCREENSHOTS;

let secrets;
let server;
let browser;
let inbox;
before(async () => {
  secrets = await mkdtemp(join(tmpdir(), 'formhold-secrets-'));
  await writeFile(join(secrets, 'admin'), password);
  server = await startServer({
    forms: ['contact', 'documents'],
    settings: {
      FORMHOLD_SETUP__ADMIN_EMAIL: 'root@example.org',
      FORMHOLD_SETUP__ADMIN_PASSWORD_FILE: join(secrets, 'admin'),
      FORMHOLD_LIMITS__LOGIN: 'off',
      FORMHOLD_LIMITS__LOGIN_ACCOUNT: 'off',
    },
  });
  inbox = `${server.url}/admin/forms/${server.forms.contact.id}/submissions`;
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(secrets, { recursive: true, force: true });
});

/** Looks at the page in all sizes and colours: no wider than its screen, and nothing that axe has against it. */
async function look(page, name) {
  await page.evaluate(axe);
  for (const width of [360, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const widest = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(widest <= width, `${name} is ${widest} px wide on a screen of ${width} px`);
      const violations = await page.evaluate(async () => (await globalThis.axe.run()).violations);
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${name} at ${width} px in ${colorScheme}`);
      if (looksAt) await page.screenshot({ path: join(looksAt, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
}

async function signedIn(page) {
  await page.goto(`${server.url}/login`);
  await page.getByLabel('E-mail address').fill('root@example.org');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Profile' }).waitFor();
}

async function submit(answers, form = 'contact') {
  const reply = await fetch(`${server.url}/f/${form}`, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: answers instanceof FormData ? answers : new URLSearchParams(answers),
  });
  const answer = await reply.json();
  assert.equal(reply.status, 200, JSON.stringify(answer));
  return answer.id;
}

const person = (name) => ({ name, email: `${name.toLowerCase()}@example.org`, message: `A letter of ${name}.\nWith two lines.` });
const wide = { viewport: { width: 1280, height: 800 } };
const rows = (page) => page.locator('table.inbox tbody tr');

test('an owner sees what comes, moves it and takes it back, edits, notes and exports', async () => {
  const page = await browser.open({ ...wide, acceptDownloads: true });
  const harm = await watch(page);
  await signedIn(page);
  await page.goto(inbox);
  await page.getByText('Nothing here yet').waitFor();
  await look(page, 'inbox-empty');

  for (const name of ['Ada', 'Grace', 'Mary']) await submit(person(name));
  await submit({ ...person('Eve'), name: hostile, message: hostile });
  await page.reload();
  assert.equal(await rows(page).count(), 4);
  await look(page, 'inbox');

  // What comes appears by itself.
  await page.setViewportSize({ width: 1280, height: 800 });
  await submit(person('Joan'));
  await page.getByRole('link', { name: 'Joan' }).waitFor();
  assert.equal(await rows(page).count(), 5);
  await page.getByText('One new submission').waitFor({ state: 'attached' });

  await page.getByLabel('Choose Ada').check();
  await page.getByLabel('Choose Joan').check();
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await page.getByText('2 submissions are in the archive now.').waitFor();
  assert.equal(await rows(page).count(), 3);
  await look(page, 'inbox-moved');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('They are back where they were.').waitFor();
  assert.equal(await rows(page).count(), 5);

  await page.getByRole('button', { name: 'Star for Grace' }).click();
  await page.getByText('Done.').waitFor();
  await page.getByLabel('This page').check();
  await page.getByText('More', { exact: true }).click();
  await page.locator('.bulk').getByLabel('Tag', { exact: true }).fill('late');
  await page.getByRole('button', { name: 'Add tag' }).click();
  await page.getByText('Done.').waitFor();
  assert.equal(await page.locator('.tag', { hasText: 'late' }).count(), 5);
  await page.locator('.filters summary').click();
  await page.getByLabel('Star', { exact: true }).selectOption('With a star');
  await page.getByRole('button', { name: 'Show' }).click();
  assert.equal(await rows(page).count(), 1);
  await look(page, 'inbox-filtered');

  // The index follows within two seconds.
  await page.goto(inbox);
  for (let tries = 0; ; tries += 1) {
    await page.getByLabel('Search answers and file names').fill('gra* "Grace"');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.waitForURL(/q=gra/);
    if ((await rows(page).count()) === 1 || tries === 20) break;
    await page.waitForTimeout(200);
  }
  assert.equal(await rows(page).count(), 1);
  await look(page, 'inbox-found');
  await page.getByLabel('Search answers and file names').fill('***');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('has no letters or digits to look for').first().waitFor();
  await page.goBack();

  await page.getByRole('link', { name: /Grace/ }).click();
  await page.getByRole('heading', { name: 'Answers' }).waitFor();
  await page.getByLabel('New note').fill('Called back.');
  await page.getByRole('region', { name: 'Notes' }).getByRole('button', { name: 'Add' }).click();
  await page.getByText('The note was added.').waitFor();
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  await look(page, 'submission-edit');
  await page.getByLabel('Name').fill('Grace Hopper');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The answers were saved.').waitFor();
  await page.getByText('What changed').click();
  await page.getByRole('insertion').getByText('Grace Hopper').waitFor();
  const history = page.getByRole('region', { name: 'History' });
  assert.equal(await history.getByText('edited the answers').count(), 1);
  // Nothing but the name was touched: the line break of the message stays as it came.
  assert.equal(await history.locator('ins').count(), 1);
  await look(page, 'submission');

  await page.goto(inbox);
  await page.locator('.beneath summary', { hasText: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('.beneath').getByRole('button', { name: 'Export' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'contact.csv');
  const exported = parse(await readFile(await download.path(), 'utf8'), { columns: true, bom: true });
  assert.deepEqual(exported.map(({ name }) => name).sort(), [hostile, 'Ada', 'Grace Hopper', 'Joan', 'Mary'].sort());

  await page.locator('.beneath summary', { hasText: 'Columns' }).click();
  await page.getByRole('group', { name: 'Show in the list' }).getByLabel('Message').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The columns were saved').waitFor();
  assert.deepEqual(await page.locator('thead th').allInnerTexts(), ['Choose', 'Star', 'Name', 'E-mail', 'Age', 'Received']);

  await page.getByLabel('All that match').check();
  await page.getByRole('button', { name: 'Trash', exact: true }).click();
  await look(page, 'inbox-confirm');
  await page.getByRole('button', { name: 'Put into the trash' }).click();
  await page.getByText('Nothing here yet').waitFor();
  await page.getByRole('link', { name: /^Trash/ }).click();
  assert.equal(await rows(page).count(), 5);
  await page.getByLabel('Choose Mary').check();
  await page.getByRole('button', { name: 'Delete for good…' }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByText('They are deleted for good.').waitFor();
  assert.equal(await rows(page).count(), 4);
  assert.deepEqual(harm, []);
});

test('the keyboard alone is enough, and so is a browser without scripts', async () => {
  const page = await browser.open({ ...wide, javaScriptEnabled: false });
  await submit(person('Hedy'));
  await signedIn(page);
  await page.goto(inbox);
  assert.equal(await page.getByLabel('This page').isVisible(), false, 'what needs a script is not there');
  const focused = () => page.locator(':focus');
  const tabTo = async (locator) => {
    await locator.waitFor();
    for (let presses = 0; presses < 80; presses += 1) {
      await page.keyboard.press('Tab');
      if (await locator.and(focused()).count()) return;
    }
    assert.fail('the keyboard does not get there');
  };
  await tabTo(page.getByLabel('Choose Hedy'));
  await page.keyboard.press('Space');
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Shift+Tab');
    if (await page.getByRole('button', { name: 'Archive', exact: true }).and(focused()).count()) break;
  }
  await page.keyboard.press('Enter');
  await page.getByText('The submission is in the archive now.').waitFor();
  await tabTo(page.getByRole('button', { name: 'Undo' }));
  await page.keyboard.press('Enter');
  await page.getByText('They are back where they were.').waitFor();
  await tabTo(page.getByRole('link', { name: /Hedy/ }));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Answers' }).waitFor();
});

test('a long list goes on as one goes down, and by a link', async () => {
  for (let number = 0; number < 110; number += 1) await submit(person(`Row${String(number).padStart(3, '0')}`));
  const page = await browser.open(wide);
  const harm = await watch(page);
  await signedIn(page);
  await page.goto(inbox);
  assert.equal(await rows(page).count(), 50);
  for (let turns = 0; turns < 20 && (await page.getByRole('link', { name: 'Row000' }).count()) === 0; turns += 1) {
    await page.mouse.wheel(0, 5_000);
    await page.waitForFunction((count) => document.querySelectorAll('table.inbox tbody tr').length > count || !document.querySelector('.pager'), await rows(page).count());
  }
  const ids = await rows(page).evaluateAll((all) => all.map((row) => row.dataset.id));
  assert.ok(ids.length >= 110 && new Set(ids).size === ids.length, `${ids.length} rows, each once`);
  assert.deepEqual(ids, [...ids].sort().reverse(), 'in their order');
  assert.deepEqual(harm, []);
  const plain = await browser.open({ ...wide, javaScriptEnabled: false });
  await signedIn(plain);
  await plain.goto(inbox);
  await plain.getByRole('link', { name: 'Next page' }).click();
  await plain.getByRole('link', { name: 'Row059' }).waitFor();
});

test('files are seen small and had as they came', async () => {
  const form = new FormData();
  form.set('title', 'Plans');
  form.append('photographs', new Blob([Buffer.from(png, 'base64')], { type: 'image/png' }), 'dot.png');
  form.append('document', new Blob(['plain text']), '<b>notes.txt');
  const id = await submit(form, 'documents');
  const page = await browser.open({ ...wide, acceptDownloads: true });
  const harm = await watch(page);
  await signedIn(page);
  await page.goto(`${server.url}/admin/submissions/${id}`);
  const picture = page.locator('img.thumbnail');
  await picture.waitFor();
  await page.waitForFunction(() => document.querySelector('img.thumbnail').naturalWidth > 0);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download <b>notes.txt' }).click(),
  ]);
  assert.equal(await readFile(await download.path(), 'utf8'), 'plain text');
  await look(page, 'submission-files');
  assert.deepEqual(harm, []);
});

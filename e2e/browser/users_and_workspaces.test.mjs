// An administrator makes a user, invites somebody to a workspace, changes roles and removes people: in a real browser,
// without a script, and with the keyboard where it matters.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { letterFolder } from '../support/letters.mjs';
import { startServer } from '../support/server.mjs';

const axe = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const password = 'correct horse, battery';
/** Where pictures of the pages go, for who wants to look at them. */
const looksAt = process.env.FORMHOLD_TEST_SCREENSHOTS;

let letters;
let secrets;
let server;
let browser;
before(async () => {
  letters = await letterFolder();
  secrets = await mkdtemp(join(tmpdir(), 'formhold-secrets-'));
  await writeFile(join(secrets, 'admin'), password);
  server = await startServer({
    forms: ['contact'],
    settings: {
      ...letters.settings,
      FORMHOLD_AUTH__REGISTRATION: 'invite',
      FORMHOLD_SETUP__ADMIN_EMAIL: 'root@example.org',
      FORMHOLD_SETUP__ADMIN_PASSWORD_FILE: join(secrets, 'admin'),
      FORMHOLD_LIMITS__LOGIN: 'off',
      FORMHOLD_LIMITS__LOGIN_ACCOUNT: 'off',
    },
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await letters?.remove();
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

async function signedIn(page, email, secret = password) {
  await page.goto(`${server.url}/login`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Profile' }).waitFor();
}

const wide = { viewport: { width: 1280, height: 800 } };
const goTo = (page, name) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();

test('an admin makes a user, hands out a link, and finds, changes, disables and deletes them', async () => {
  const page = await browser.open(wide);
  const harm = await watch(page);
  await signedIn(page, 'root@example.org');
  await goTo(page, 'Users');
  await look(page, 'users');
  await page.getByRole('link', { name: 'New user' }).click();
  await page.getByLabel('Name').fill('Grace Hopper');
  await page.getByLabel('E-mail address').fill('root@example.org');
  await page.getByRole('button', { name: 'Make the user' }).click();
  await page.getByRole('alert').getByText('there is an account with this address already').waitFor();
  assert.equal(await page.getByLabel('Name').inputValue(), 'Grace Hopper');
  await page.getByLabel('E-mail address').fill('grace@example.org');
  await page.getByLabel('Role').selectOption('Administrator');
  await look(page, 'user-new');
  await page.getByRole('button', { name: 'Make the user' }).click();
  await page.getByText('The user was made').waitFor();
  await look(page, 'user');

  await page.getByRole('button', { name: 'Make a link to set it' }).click();
  const link = await page.getByLabel('Link', { exact: true }).inputValue();
  await look(page, 'user-password-link');
  const grace = await browser.open(wide);
  await grace.goto(link);
  await grace.getByLabel('New password').fill('another horse, battery');
  await grace.getByRole('button').click();
  await signedIn(grace, 'grace@example.org', 'another horse, battery');

  // Both change the same user; the second is told and loses nothing that was saved.
  await goTo(grace, 'Users');
  await grace.getByLabel('Name or address').fill('hopper');
  await grace.getByLabel('Name or address').press('Enter');
  await grace.getByRole('link', { name: /Grace Hopper/ }).click();
  await page.getByRole('link', { name: 'I have kept it' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Rear Admiral Hopper');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The user was saved.').waitFor();
  assert.equal(await grace.getByLabel('Role').count(), 0, 'only somebody else can change hers');
  await grace.getByLabel('Name', { exact: true }).fill('Amazing Grace');
  await grace.getByRole('button', { name: 'Save' }).click();
  await grace.getByRole('alert').getByText('Somebody changed this meanwhile').waitFor();
  assert.equal(await grace.getByLabel('Name', { exact: true }).inputValue(), 'Rear Admiral Hopper');

  await page.getByRole('link', { name: 'Disable…' }).click();
  await look(page, 'user-disable');
  await page.getByRole('button', { name: 'Disable' }).click();
  await page.getByText('was signed out everywhere').waitFor();
  await grace.reload();
  await grace.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.getByRole('link', { name: 'Delete…' }).click();
  await page.getByLabel('Type the user').fill('grace');
  await page.getByRole('button', { name: 'Delete the user' }).click();
  await page.getByRole('alert').getByText('This is not the user').waitFor();
  await look(page, 'user-delete-wrong');
  await page.getByLabel('Type the user').fill('grace@example.org');
  await page.getByRole('button', { name: 'Delete the user' }).click();
  await page.getByText('The user was deleted.').waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export CSV' }).click();
  const text = await readFile(await (await download).path(), 'utf8');
  assert.match(text, /^id,name,email,.*\r\n.*root@example\.org.*\r\n$/);
  assert.deepEqual(harm, []);
});

test('somebody is invited, makes an account, gets another role, and is removed', async () => {
  const page = await browser.open(wide);
  const harm = await watch(page);
  await signedIn(page, 'root@example.org');
  await goTo(page, 'Workspaces');
  await look(page, 'workspaces');
  await page.getByRole('link', { name: 'New workspace' }).click();
  await look(page, 'workspace-new');
  await page.getByLabel('Name').fill('Garden club');
  await page.getByRole('button', { name: 'Make the workspace' }).click();
  await page.getByRole('heading', { level: 1, name: 'Garden club' }).waitFor();
  await page.getByLabel('E-mail address').fill('hanna@example.org');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByText('The invitation was sent.').waitFor();
  await look(page, 'workspace');

  const link = await letters.linkIn('hanna@example.org', 'root invites you to Garden club');
  const hanna = await browser.open({ ...wide, javaScriptEnabled: false });
  await hanna.goto(link);
  await hanna.getByRole('link', { name: 'Create an account and join' }).click();
  await hanna.getByLabel('Your name').fill('Hanna Meier');
  await hanna.getByLabel('Password').fill(password);
  await hanna.getByRole('button', { name: 'Create the account' }).click();
  await hanna.getByText('Your account is ready').waitFor();
  await signedIn(hanna, 'hanna@example.org');
  await goTo(hanna, 'Workspaces');
  await hanna.getByRole('link', { name: 'Garden club' }).click();
  assert.equal(await hanna.getByRole('button', { name: 'Invite', exact: true }).count(), 0);

  await page.reload();
  const role = page.getByLabel('Role of Hanna Meier');
  assert.equal(await role.inputValue(), 'viewer');
  await role.focus();
  await page.keyboard.press('o');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('The role was saved.').waitFor();
  assert.equal(await role.inputValue(), 'owner');
  await hanna.reload();
  await hanna.getByRole('button', { name: 'Invite', exact: true }).waitFor();

  await page.getByRole('link', { name: 'Remove Hanna Meier' }).click();
  await look(page, 'member-remove');
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('They are not in this workspace any more.').waitFor();
  await hanna.reload();
  await hanna.getByText('There is nothing here').waitFor();

  // The choice of the workspace, and what deleting it does.
  const choice = page.getByRole('navigation', { name: 'Main' }).getByLabel('Workspace');
  await choice.selectOption('Garden club');
  await page.getByRole('button', { name: 'Switch the workspace' }).click();
  await page.getByText('You work in this workspace now.').waitFor();
  await goTo(page, 'Overview');
  await look(page, 'overview');
  assert.equal(await choice.locator('option:checked').textContent(), 'Garden club');
  await page.getByRole('main').getByRole('link', { name: 'Garden club' }).click();
  await page.getByRole('link', { name: 'Delete…' }).click();
  await look(page, 'workspace-delete');
  await page.getByLabel('Type the name').fill('Garden club');
  await page.getByRole('button', { name: 'Delete the workspace' }).click();
  await page.getByText('The workspace was deleted.').waitFor();
  assert.equal(await page.getByRole('main').getByRole('link', { name: 'Garden club' }).count(), 0);
  assert.deepEqual(harm, []);
});

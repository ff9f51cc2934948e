// One person's way: registers, confirms, protects the account by codes of an app, makes a token for a program, and
// ends a session from another browser.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { codeOf, password, startAccountServer } from '../support/account_server.mjs';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { letterFolder } from '../support/letters.mjs';

const run = promisify(execFile);
const email = 'grace@example.org';

let letters;
let server;
let browser;
before(async () => {
  letters = await letterFolder();
  server = await startAccountServer({ settings: { ...letters.settings, FORMHOLD_AUTH__REGISTRATION: 'open' } });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await letters?.remove();
});

/** Signs in with the password; the second step is left to do. */
async function givePassword(page) {
  await page.goto(`${server.url}/login`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** The status and the body that curl gets from the API with this token. */
async function curl(token, path) {
  const { stdout } = await run('curl', [
    '--silent', '--write-out', '\n%{http_code}', '--header', `Authorization: Bearer ${token}`, `${server.url}/api/v1${path}`,
  ]);
  const [, body, status] = stdout.match(/^(.*)\n(\d+)$/s);
  return { status: Number(status), body: JSON.parse(body) };
}

test('from the registration to a session that is ended from elsewhere', async () => {
  const page = await browser.open();
  const harm = await watch(page);

  await page.goto(`${server.url}/login`);
  await page.getByRole('link', { name: 'Create one' }).click();
  await page.getByLabel('Your name').fill('Grace Hopper');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByText('Look into your mailbox').waitFor();
  await givePassword(page);
  await page.getByRole('alert').getByText('was not confirmed yet').waitFor();
  const confirmation = new URL(await letters.linkIn(email, 'Confirm your address'));
  await page.goto(`${server.url}${confirmation.pathname}${confirmation.search}`);
  await page.getByRole('button', { name: 'Confirm this address' }).click();
  await givePassword(page);
  await page.waitForURL('**/account');

  await page.goto(`${server.url}/account/factors`);
  await page.getByRole('link', { name: 'Set up' }).click();
  const key = await page.getByLabel('Or type this key').inputValue();
  await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(key));
  await page.getByRole('button', { name: 'Turn on' }).click();
  const [recoveryCode] = await page.locator('#codes code').allTextContents();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/login**');
  await givePassword(page);
  await page.waitForURL('**/login/factor**');
  // A code works once: the one of the next half minute is taken already.
  await page.getByLabel('Code from your authenticator app').fill(codeOf(key, 30));
  await page.getByRole('button', { name: 'Continue' }).first().click();
  await page.waitForURL('**/account');

  await page.goto(`${server.url}/account/tokens/new`);
  await page.getByLabel('Name').fill('Nightly report');
  await page.getByRole('checkbox', { name: /^users:read/ }).check();
  await page.getByLabel('Works for').selectOption('30 days');
  await page.getByRole('button', { name: 'Make the token' }).click();
  const token = await page.getByLabel('Token', { exact: true }).inputValue();
  assert.match(token, /^fh_/);
  const me = await curl(token, '/me');
  assert.deepEqual([me.status, me.body.user.email, me.body.token.scopes], [200, email, ['users:read']]);
  const refused = await curl(token, '/users');
  assert.deepEqual([refused.status, refused.body.code], [403, 'FORBIDDEN']);
  const forged = await curl(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, '/me');
  assert.deepEqual([forged.status, forged.body.code], [401, 'WRONG_TOKEN']);

  const elsewhere = await browser.open();
  await givePassword(elsewhere);
  await elsewhere.getByText('Use a recovery code instead').click();
  await elsewhere.getByLabel('Recovery code').fill(recoveryCode);
  await elsewhere.getByRole('button', { name: 'Continue' }).last().click();
  await elsewhere.waitForURL('**/account');
  await elsewhere.goto(`${server.url}/account/sessions`);
  await elsewhere.getByRole('button', { name: /^End/ }).first().click();
  await elsewhere.getByText('The session has ended.').waitFor();
  await page.goto(`${server.url}/account`);
  await page.waitForURL('**/login?next=%2Faccount');
  assert.equal((await curl(token, '/me')).status, 200, 'a token is no session');

  await elsewhere.goto(`${server.url}/account/tokens`);
  await elsewhere.getByRole('link', { name: /^Revoke/ }).click();
  await elsewhere.getByRole('button', { name: 'Revoke' }).click();
  await elsewhere.getByText('The token is revoked').waitFor();
  assert.equal((await curl(token, '/me')).status, 401);
  assert.deepEqual(harm, []);
});

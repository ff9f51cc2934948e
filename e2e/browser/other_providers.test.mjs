// Signing in by another provider, a real one, in a real browser: there and back under the policies of the pages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { codeOf, email, signIn, startAccountServer } from '../support/account_server.mjs';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { startProvider } from '../support/oidc_provider.mjs';
import { freePort } from '../support/server.mjs';

const secret = 'a secret: 100% of tests';
const accounts = {
  ada: { email, email_verified: true, name: 'Ada' },
  unverified: { email, email_verified: false },
  stranger: { email: 'stranger@example.org', email_verified: true },
};

let server;
let provider;
let start;
let browser;
before(async () => {
  const port = await freePort();
  server = await startAccountServer({
    settings: {
      FORMHOLD_AUTH__OIDC__REAL__NAME: 'The Real One',
      FORMHOLD_AUTH__OIDC__REAL__ISSUER: `http://127.0.0.1:${port}`,
      FORMHOLD_AUTH__OIDC__REAL__CLIENT_ID: 'formhold',
      FORMHOLD_AUTH__OIDC__REAL__CLIENT_SECRET: secret,
    },
  });
  const redirect = `${server.url}/login/oidc/real/callback`;
  const client = { client_id: 'formhold', client_secret: secret, redirect_uris: [redirect] };
  start = async () => {
    provider = await startProvider({ accounts, clients: [client], port });
  };
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await provider?.stop();
  await server?.stop();
});

/** Presses the provider's button as this person. */
async function goThere(accountId, { next = '', javaScriptEnabled = true } = {}) {
  const page = await browser.open({ javaScriptEnabled });
  const harm = javaScriptEnabled ? await watch(page) : [];
  provider?.become(accountId);
  await page.goto(`${server.url}${next || '/login'}`);
  await page.getByRole('button', { name: 'Sign in with The Real One' }).click();
  return { page, harm };
}

test('a provider that is down is told, and the password still works', async () => {
  const { page, harm } = await goThere('ada');
  await page.getByRole('alert').getByText('The sign-in there did not work.').waitFor();
  await signIn(page, server.url);
  await page.waitForURL('**/account');
  // Chromium says of every page that came with such a status that it did.
  assert.deepEqual(harm.filter((what) => !what.includes('502')), []);
  await start();
});

test('who the provider knows is not signed in without proof that the address is theirs, or without an account', async () => {
  for (const [accountId, words] of [
    ['unverified', 'does not say that your e-mail address is yours'],
    ['stranger', 'There is no account for you here yet'],
    [undefined, 'You were not signed in, as you said no there.'],
  ]) {
    const { page, harm } = await goThere(accountId);
    await page.getByRole('alert').getByText(words).waitFor();
    await page.goto(`${server.url}/account`);
    assert.equal(new URL(page.url()).pathname, '/login');
    assert.deepEqual(harm, []);
  }
});

test('an account is opened by its address, with and without scripts, and what was asked for is shown', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const { page, harm } = await goThere('ada', { next: '/account/sessions', javaScriptEnabled });
    await page.waitForURL(`${server.url}/account/sessions`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.deepEqual(harm, []);
  }
});

test('the way back is good once', async () => {
  const { page } = await goThere('ada');
  await page.waitForURL(`${server.url}/account`);
  const requests = [];
  const again = await browser.open();
  again.on('request', (request) => requests.push(request.url()));
  provider.become('ada');
  await again.goto(`${server.url}/login`);
  await again.getByRole('button', { name: 'Sign in with The Real One' }).click();
  await again.waitForURL(`${server.url}/account`);
  const back = requests.find((url) => url.includes('/callback?'));
  await again.goto(back);
  await again.getByText('was not begun in this browser').waitFor();
  const stranger = await browser.open();
  await stranger.goto(back);
  await stranger.getByText('was not begun in this browser').waitFor();
});

test('an account with codes of an app is asked for one', async () => {
  const own = await browser.open();
  await signIn(own, server.url);
  await own.waitForURL('**/account');
  await own.goto(`${server.url}/account/factors/totp`);
  const key = await own.getByLabel('Or type this key').inputValue();
  await own.getByRole('textbox', { name: 'Code' }).fill(codeOf(key));
  await own.getByRole('button', { name: 'Turn on' }).click();
  await own.getByRole('heading', { name: 'Your recovery codes' }).waitFor();

  const { page, harm } = await goThere('ada', { next: '/account/sessions' });
  await page.waitForURL('**/login/factor?next=%2Faccount%2Fsessions');
  await page.getByLabel('Code from your authenticator app').fill(codeOf(key, 30));
  await page.getByRole('button', { name: 'Continue' }).first().click();
  await page.waitForURL('**/account/sessions');
  assert.deepEqual(harm, []);
});

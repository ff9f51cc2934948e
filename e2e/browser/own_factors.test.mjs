// Somebody protects an account in a real browser: codes of an app, recovery codes, a passkey of the browser's own
// authenticator; and signs in by each.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { codeOf, password, signIn, startAccountServer } from '../support/account_server.mjs';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';

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

/** A new visitor's page, and what goes wrong in it. */
async function visitor() {
  const page = await browser.open();
  return { page, harm: await watch(page) };
}

/** The authenticator that Chromium has for tests: a device that its owner unlocks when `answers`. */
async function addAuthenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  return {
    answers: (enabled) => session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
    unlocks: (isUserVerified) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}

const signOut = async (page) => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/login');
};

let key;
let recoveryCodes;

test('codes of an app are set up, and asked for at the next sign-in', async () => {
  const { page, harm } = await visitor();
  await signIn(page, server.url);
  await page.waitForURL('**/account');
  await page.goto(`${server.url}/account/factors`);
  await page.getByRole('link', { name: 'Set up' }).click();
  key = await page.getByLabel('Or type this key').inputValue();
  const link = new URL(await page.getByRole('link', { name: 'open it in the app' }).getAttribute('href'));
  assert.equal(link.protocol, 'otpauth:');
  assert.equal(link.searchParams.get('secret'), key.replaceAll(' ', ''));
  assert.ok(await page.getByRole('img', { name: /QR code/ }).isVisible());

  const code = codeOf(key);
  await page.getByRole('textbox', { name: 'Code' }).fill(code === '123456' ? '654321' : '123456');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('alert').getByText('The code is wrong').waitFor();
  assert.equal(await page.getByLabel('Or type this key').inputValue(), key);
  await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(key));
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  recoveryCodes = await page.locator('#codes code').allTextContents();
  assert.equal(recoveryCodes.length, 10);
  await page.getByRole('link', { name: 'I have kept them' }).click();
  await page.getByText('You have 10 recovery codes left.').waitFor();
  await signOut(page);

  await signIn(page, server.url);
  await page.waitForURL('**/login/factor**');
  await page.getByLabel('Code from your authenticator app').fill(codeOf(key, 30));
  await page.getByRole('button', { name: 'Continue' }).first().click();
  await page.waitForURL('**/account');
  await signOut(page);

  await signIn(page, server.url);
  await page.getByText('Use a recovery code instead').click();
  await page.getByLabel('Recovery code').fill(recoveryCodes[0].toUpperCase().replaceAll('-', ' '));
  await page.getByRole('button', { name: 'Continue' }).last().click();
  await page.waitForURL('**/account');
  await page.goto(`${server.url}/account/factors`);
  await page.getByText('You have 9 recovery codes left.').waitFor();
  assert.deepEqual(harm, []);
});

test('a passkey is added, signs in without a code, and is removed', async () => {
  const { page, harm } = await visitor();
  const authenticator = await addAuthenticator(page);
  await authenticator.answers(false);
  await signIn(page, server.url);
  await page.getByText('Use a recovery code instead').click();
  await page.getByLabel('Recovery code').fill(recoveryCodes[1]);
  await page.getByRole('button', { name: 'Continue' }).last().click();
  await page.waitForURL('**/account');
  const other = await visitor();
  await signIn(other.page, server.url);
  await other.page.getByText('Use a recovery code instead').click();
  await other.page.getByLabel('Recovery code').fill(recoveryCodes[2]);
  await other.page.getByRole('button', { name: 'Continue' }).last().click();
  await other.page.waitForURL('**/account');

  await page.goto(`${server.url}/account/factors`);
  await authenticator.answers(true);
  await page.getByLabel('Name of a new passkey').fill('Laptop ü');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('The passkey was added.').waitFor();
  await page.getByRole('heading', { name: 'Laptop ü' }).waitFor();
  await page.getByText('Never used.').waitFor();
  await other.page.reload();
  await other.page.waitForURL('**/login?next=%2Faccount');
  assert.deepEqual(other.harm, []);

  // The same device makes no second one.
  await page.getByLabel('Name of a new passkey').fill('Again');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('This device has a passkey for your account already.').waitFor();

  // Among the suggestions for the address, which Chromium's authenticator takes at once.
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/account');
  // By the button, and back to what was asked for.
  await authenticator.answers(false);
  await signOut(page);
  await page.goto(`${server.url}/account/sessions`);
  const button = page.getByRole('button', { name: 'Use a passkey' });
  await button.waitFor();
  await authenticator.answers(true);
  await button.click();
  await page.waitForURL('**/account/sessions');

  // Somebody who has the device, and not the finger.
  await authenticator.answers(false);
  await signOut(page);
  await authenticator.unlocks(false);
  await authenticator.answers(true);
  await button.click();
  await page.getByText('No passkey was used').waitFor();
  await authenticator.unlocks(true);
  await button.click();
  await page.waitForURL('**/account');

  await page.goto(`${server.url}/account/factors`);
  await page.getByText('Last used').waitFor();
  await page.getByText('Rename').click();
  await page.getByLabel('Name of the passkey').fill('Old laptop');
  await page.getByRole('button', { name: 'Save the name' }).click();
  await page.getByText('The passkey has its new name.').waitFor();
  await page.getByRole('link', { name: 'Remove Old laptop' }).click();
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('The passkey was removed.').waitFor();
  await authenticator.answers(false);
  await signOut(page);
  await button.waitFor();
  await authenticator.answers(true);
  await button.click();
  await page.getByText('This passkey does not open an account here').waitFor();
  assert.equal(new URL(page.url()).pathname, '/login');
  assert.deepEqual(harm, []);
});

test('the codes are turned off with the password', async () => {
  const { page, harm } = await visitor();
  await signIn(page, server.url);
  await page.getByText('Use a recovery code instead').click();
  await page.getByLabel('Recovery code').fill(recoveryCodes[3]);
  await page.getByRole('button', { name: 'Continue' }).last().click();
  await page.waitForURL('**/account');
  await page.goto(`${server.url}/account/factors`);
  await page.getByText('Turn off', { exact: true }).click();
  const section = page.getByRole('region', { name: /Codes from an app/ });
  await section.getByLabel('Your password').fill('wrong horse');
  await section.getByRole('button', { name: 'Turn off the codes' }).click();
  await page.getByRole('alert').getByText('Your password is wrong.').waitFor();
  await section.getByLabel('Your password').fill(password);
  await section.getByRole('button', { name: 'Turn off the codes' }).click();
  await page.getByText('The codes from an app are turned off.').waitFor();
  await signOut(page);
  await signIn(page, server.url);
  await page.waitForURL('**/account');
  assert.deepEqual(harm, []);
});

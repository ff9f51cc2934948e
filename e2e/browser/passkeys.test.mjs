// The script of passkeys with the browser's own authenticator: what it sends is checked as a relying party does.
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey, randomBytes, verify } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { serveSamples } from '../support/sample_pages.mjs';

let samples;
let browser;
let url;
before(async () => {
  samples = await serveSamples();
  // Passkeys belong to names, never to addresses.
  url = samples.url.replace('127.0.0.1', 'localhost');
  browser = await startBrowser();
});
afterEach(() => {
  for (const path of Object.keys(samples.answers)) delete samples.answers[path];
});
after(async () => {
  await browser?.close();
  await samples?.stop();
});

const user = { id: randomBytes(16).toString('base64url'), name: 'ada@example.org', displayName: 'Ada' };

/** A page, and the authenticator of its browser, which says yes to everything. */
async function visitor({ automatic = true } = {}) {
  const page = await browser.open();
  const harm = await watch(page);
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: automatic,
    },
  });
  const credentials = async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
  const answerTo = (yes) =>
    session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: yes });
  return { page, harm, credentials, answerTo };
}

/** Answers the options of a new passkey; resolves with the challenge and what was asked and posted. */
function offerCreation(more = {}) {
  const seen = { challenge: randomBytes(32).toString('base64url') };
  samples.answers['/account/passkeys/options'] = ({ headers }) => {
    seen.optionsHeaders = headers;
    return {
      publicKey: {
        challenge: seen.challenge, user, rp: { name: 'Formhold', id: 'localhost' },
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' }, ...more,
      },
    };
  };
  samples.answers['/account/passkeys'] = ({ headers, body }) => {
    seen.headers = headers;
    seen.body = JSON.parse(body);
    return { location: '/factors.usual.html?added' };
  };
  return seen;
}

function offerSignIn() {
  const seen = { challenge: randomBytes(32).toString('base64url') };
  samples.answers['/login/passkey/options'] = () =>
    ({ publicKey: { challenge: seen.challenge, rpId: 'localhost', allowCredentials: [], userVerification: 'required' } });
  samples.answers['/login/passkey'] = ({ headers, body }) => {
    seen.headers = headers;
    seen.body = JSON.parse(body);
    return { location: '/admin.usual.html' };
  };
  return seen;
}

async function addPasskey(page, name = 'Laptop') {
  await page.goto(`${url}/factors.empty.html`.replace('empty', 'usual'));
  await page.getByLabel('Name of a new passkey').fill(name);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
}

const clientData = (credential) => JSON.parse(Buffer.from(credential.response.clientDataJSON, 'base64url'));

test('a passkey is added under its name', async () => {
  const { page, harm, credentials } = await visitor();
  const seen = offerCreation();
  await addPasskey(page, 'Laptop ü');
  await page.waitForURL('**/factors.usual.html?added');

  const { name, credential } = seen.body;
  const [stored] = await credentials();
  assert.equal(name, 'Laptop ü');
  assert.equal(seen.headers['x-csrf-token'], 'CSRF');
  assert.equal(seen.optionsHeaders['x-csrf-token'], 'CSRF');
  assert.equal(credential.type, 'public-key');
  assert.equal(credential.id, credential.rawId);
  assert.deepEqual(Buffer.from(credential.rawId, 'base64url'), Buffer.from(stored.credentialId, 'base64'));
  assert.deepEqual(credential.response.transports, ['internal']);
  const { type, challenge, origin } = clientData(credential);
  assert.deepEqual({ type, challenge, origin }, { type: 'webauthn.create', challenge: seen.challenge, origin: url });
  // The attestation holds the identifier of the key that the authenticator keeps.
  const attestation = Buffer.from(credential.response.attestationObject, 'base64url');
  assert.ok(attestation.includes(Buffer.from(stored.credentialId, 'base64')));
  assert.deepEqual(harm, []);
});

test('a passkey signs in: among the suggestions for the address, or by the button', async () => {
  for (const byButton of [false, true]) {
    const { page, harm, credentials, answerTo } = await visitor();
    offerCreation();
    await addPasskey(page);
    await page.waitForURL('**/factors.usual.html?added');
    const seen = offerSignIn();
    if (byButton) {
      // Nobody takes the suggestion.
      await answerTo(false);
      await page.goto(`${url}/login.usual.html`);
      const button = page.getByRole('button', { name: 'Use a passkey' });
      await button.waitFor();
      await answerTo(true);
      await button.click();
    } else {
      await page.goto(`${url}/login.usual.html`);
    }
    await page.waitForURL('**/admin.usual.html');

    const { credential, next } = seen.body;
    assert.equal(next, '/admin/users');
    assert.equal(seen.headers['x-csrf-token'], 'CSRF');
    const { type, challenge } = clientData(credential);
    assert.deepEqual({ type, challenge }, { type: 'webauthn.get', challenge: seen.challenge });
    const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
    assert.equal(userHandle, user.id);
    const [{ privateKey }] = await credentials();
    const key = createPublicKey(createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' }));
    const hash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest();
    const signed = Buffer.concat([Buffer.from(authenticatorData, 'base64url'), hash]);
    assert.ok(verify('sha256', signed, key, Buffer.from(signature, 'base64url')));
    assert.deepEqual(harm, []);
  }
});

test('what goes wrong is said in plain words, and the page stays usable', async () => {
  const { page, credentials } = await visitor();
  const said = page.locator('output[aria-live=polite]');
  const button = page.getByRole('button', { name: 'Add a passkey' });
  const expect = async (words) => {
    await page.getByText(words).waitFor();
    assert.equal(await said.textContent(), words);
    assert.equal(await button.getAttribute('aria-disabled'), null);
  };

  // Refused by the server, with words of its own.
  offerCreation();
  samples.answers['/account/passkeys'] = () => ({ status: 422, json: { title: 'Refused', detail: 'You have ten passkeys already.' } });
  await addPasskey(page);
  await expect('You have ten passkeys already.');

  // Refused by the device, which has one already.
  const [{ credentialId }] = await credentials();
  const id = Buffer.from(credentialId, 'base64').toString('base64url');
  offerCreation({ excludeCredentials: [{ type: 'public-key', id }] });
  await button.click();
  await expect('This device has a passkey for your account already.');

  // Refused by the browser, because the page is somewhere else than its passkeys.
  offerCreation({ rp: { name: 'Formhold', id: 'example.org' } });
  await button.click();
  await expect('Passkeys do not work at this address. They need HTTPS and the site\'s own name.');

  // Nobody there.
  await page.context().setOffline(true);
  await button.click();
  await expect('The server cannot be reached. Please try again.');
  await page.context().setOffline(false);

  // And then it works.
  offerCreation();
  await button.click();
  await page.waitForURL('**/factors.usual.html?added');
});

test('nobody is led to another site, and who has no passkey is not told so', async () => {
  const { page } = await visitor();
  offerCreation();
  samples.answers['/account/passkeys'] = () => ({ location: 'https://evil.example/' });
  await addPasskey(page);
  await page.getByText('That did not work.').waitFor();
  assert.equal(new URL(page.url()).origin, url);

  const stranger = await visitor();
  const asked = new Promise((resolve) => {
    samples.answers['/login/passkey/options'] = () => {
      resolve();
      return { status: 503, json: {} };
    };
  });
  await stranger.page.goto(`${url}/login.usual.html`);
  await asked;
  await stranger.page.waitForLoadState('networkidle');
  assert.equal(await stranger.page.locator('output[aria-live=polite]').textContent(), '');
});

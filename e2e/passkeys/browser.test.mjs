// Our passkeys in a real browser, with the authenticator that it has for tests.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { startIdentity } from '../support/identity.mjs';

const alice = '0197a2b0-0000-7000-8000-0000000000a1';
const bob = '0197a2b0-0000-7000-8000-0000000000b0';

let site;
let ours;
let browser;
let page;
let authenticator;
before(async () => {
  site = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>Page'));
  site.listen(0, '127.0.0.1');
  await new Promise((resolve) => site.once('listening', resolve));
  const url = `http://localhost:${site.address().port}`;
  ours = await startIdentity({}, url);
  browser = await startBrowser();
  page = await browser.open();
  await page.goto(url);
});
after(async () => {
  await browser?.close();
  await ours?.stop();
  site?.closeAllConnections();
  site?.close();
});

beforeEach(async () => {
  await authenticator?.remove();
  authenticator = await newAuthenticator();
});

/** What a telephone is: it keeps passkeys and unlocks them by a finger, which is the person's unless told otherwise. */
async function newAuthenticator(changes = {}) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true, ...changes,
  };
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
  const send = (command, parts) => session.send(`WebAuthn.${command}`, { authenticatorId, ...parts });
  return {
    passkeys: async () => (await send('getCredentials')).credentials,
    add: (credential) => send('addCredential', { credential }),
    recognises: (isUserVerified) => send('setUserVerified', { isUserVerified }),
    remove: async () => {
      await send('removeVirtualAuthenticator');
      await session.detach();
    },
  };
}

/** `navigator.credentials.create(options)` in the page; the answer as JSON, or the name of the error. */
const create = (options) => page.evaluate(async (json) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(json).publicKey);
  return navigator.credentials.create({ publicKey }).then((made) => JSON.stringify(made), ({ name }) => name);
}, options);

/** `navigator.credentials.get(options)` in the page. */
const get = (options) => page.evaluate(async (json) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(json).publicKey);
  return navigator.credentials.get({ publicKey }).then((made) => JSON.stringify(made), ({ name }) => name);
}, options);

const beginRegistration = (owner, existing = []) =>
  ours.ask('passkey_begin_registration', { owner, name: 'alice@example.org', existing });

async function register(owner) {
  const { options, state } = await beginRegistration(owner);
  const registered = await ours.ask('passkey_finish_registration', { state, response: await create(options) });
  assert.ok(registered.credential, JSON.stringify(registered));
  return registered;
}

async function signIn({ credential, owner = alice }) {
  const { options, state } = await ours.ask('passkey_begin_sign_in');
  const response = await get(options);
  return { state, response, result: await ours.ask('passkey_finish_sign_in', { state, response, owner, credential }) };
}

test('a passkey is made, is kept so that it is found without a name, and signs in again and again', async () => {
  const { credential, credentialId } = await register(alice);
  const [kept] = await authenticator.passkeys();
  assert.equal(kept.isResidentCredential, true);
  assert.deepEqual([...Buffer.from(kept.credentialId, 'base64')], credentialId);
  let current = credential;
  for (let time = 0; time < 3; time += 1) {
    const { response, result } = await signIn({ credential: current });
    assert.deepEqual(await ours.ask('passkey_claimed', { response }), { owner: alice, credentialId });
    assert.ok(result.changedCredential, JSON.stringify(result));
    current = result.changedCredential;
  }
});

test('an answer works for its own challenge only', async () => {
  const { credential } = await register(alice);
  const { response, result } = await signIn({ credential });
  assert.equal(result.problem, undefined);
  const { state } = await ours.ask('passkey_begin_sign_in');
  const again = await ours.ask('passkey_finish_sign_in', { state, response, owner: alice, credential });
  assert.equal(again.problem, 'Refused');
});

test('the account is the one that the passkey was made for', async () => {
  const { credential } = await register(alice);
  assert.equal((await signIn({ credential, owner: bob })).result.problem, 'OtherOwner');
  const bobs = await register(bob);
  await authenticator.remove();
  authenticator = await newAuthenticator();
  await register(alice);
  assert.equal((await signIn({ credential: bobs.credential })).result.problem, 'Refused');
});

test('an authenticator that has a passkey of the account makes no second', async () => {
  const { credentialId } = await register(alice);
  const { options } = await beginRegistration(alice, [credentialId]);
  assert.equal(await create(options), 'InvalidStateError');
  assert.equal((await authenticator.passkeys()).length, 1);
});

test('who is not recognised by the authenticator gets nothing to sign in with', async () => {
  const { credential } = await register(alice);
  await authenticator.recognises(false);
  const { options, state } = await ours.ask('passkey_begin_sign_in');
  assert.equal(await get(options), 'NotAllowedError');
  const nothing = await ours.ask('passkey_finish_sign_in', { state, response: 'null', owner: alice, credential });
  assert.equal(nothing.problem, 'UnreadableResponse');

  // Though the page asks for less, and so gets an answer.
  const loose = JSON.parse(options);
  loose.publicKey.userVerification = 'discouraged';
  const response = await get(JSON.stringify(loose));
  const { problem } = await ours.ask('passkey_finish_sign_in', { state, response, owner: alice, credential });
  assert.equal(problem, 'Refused');
});

test('a copy of a passkey is noticed', async () => {
  let { credential } = await register(alice);
  const [copy] = await authenticator.passkeys();
  for (let time = 0; time < 3; time += 1) {
    credential = (await signIn({ credential })).result.changedCredential;
  }
  await authenticator.remove();
  authenticator = await newAuthenticator();
  await authenticator.add(copy);
  assert.equal((await signIn({ credential })).result.problem, 'Copied');
});

test('an answer that the browser gave to another site is refused', async () => {
  const { credential } = await register(alice);
  const { options, state } = await ours.ask('passkey_begin_sign_in');
  const elsewhere = await startIdentity({}, 'https://forms.example.org');
  const response = await get(options);
  const parts = { state, response, owner: alice, credential };
  assert.equal((await elsewhere.ask('passkey_finish_sign_in', parts)).problem, 'Refused');
  await elsewhere.stop();
  assert.equal((await ours.ask('passkey_finish_sign_in', parts)).problem, undefined);
});

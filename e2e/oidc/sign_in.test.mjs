// Our sign-in by other providers against a real one, and what must not pass there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startIdentity } from '../support/identity.mjs';
import { algorithms, redirectUrl, startProvider } from '../support/oidc_provider.mjs';

const accounts = {
  alice: { email: 'alice@example.org', email_verified: true, name: 'Alice Müller' },
  bob: { email: 'bob@example.org', email_verified: false, name: 'Bob' },
  carol: { email: 'carol@example.org' },
  dave: {},
};
const secret = 'a secret: 100% of tests';
const clients = [
  { client_id: 'basic', client_secret: secret },
  { client_id: 'public', token_endpoint_auth_method: 'none' },
  ...algorithms.map((alg) => ({ client_id: `by-${alg}`, client_secret: secret, id_token_signed_response_alg: alg })),
];

let provider;
let ours;
before(async () => {
  provider = await startProvider({ accounts, clients });
  const { issuer } = provider;
  const by = (client_id, client_secret = secret) => ({ issuer, client_id, client_secret });
  ours = await startIdentity({
    oidc: {
      real: by('basic'),
      public: by('public', ''),
      forged: by('basic', 'not the secret'),
      misnamed: { ...by('basic'), issuer: `${issuer}/` },
      ...Object.fromEntries(algorithms.map((alg) => [`by-${alg.toLowerCase()}`, by(`by-${alg}`)])),
    },
  });
});
after(async () => {
  await ours?.stop();
  await provider?.stop();
});

const begin = (name = 'real') => ours.ask('oidc_begin', { provider: name, redirectUrl });
const finish = (state, callback, name = 'real') => ours.ask('oidc_finish', { provider: name, state, callback });

/** A sign-in up to the moment when the person comes back. */
async function walk(accountId, name) {
  const begun = await begin(name);
  assert.ok(begun.url, JSON.stringify(begun));
  return { ...begun, callback: await provider.signIn(begun.url, accountId) };
}

async function signIn(accountId, name) {
  const { state, callback } = await walk(accountId, name);
  return finish(state, callback, name);
}

test('a person signs in, and what the provider knows of them is told', async () => {
  assert.deepEqual(await signIn('alice'), {
    issuer: provider.issuer, subject: 'alice', email: 'alice@example.org', emailVerified: true, name: 'Alice Müller',
  });
});

test('an address that the provider has not seen to is told apart', async () => {
  for (const [account, email] of [['bob', 'bob@example.org'], ['carol', 'carol@example.org'], ['dave', null]]) {
    const claims = await signIn(account);
    assert.deepEqual([claims.subject, claims.email, claims.emailVerified], [account, email, false]);
  }
});

for (const alg of algorithms) {
  test(`a proof signed by ${alg} is taken`, async () => {
    const claims = await signIn('alice', `by-${alg.toLowerCase()}`);
    assert.equal(claims.subject, 'alice', JSON.stringify(claims));
  });
}

test('a client without a secret signs in, too', async () => {
  assert.equal((await signIn('alice', 'public')).subject, 'alice');
});

test('a wrong secret of ours is told', async () => {
  assert.deepEqual(await signIn('alice', 'forged'), {
    problem: 'Refused', reason: 'the provider refuses: invalid_client',
  });
});

test('who says no at the provider is not signed in', async () => {
  const { state, callback } = await walk(null);
  assert.equal(callback.error, 'access_denied');
  assert.equal((await finish(state, callback)).problem, 'Declined');
});

test('a code works once, and its use after that is refused', async () => {
  const { state, callback } = await walk('alice');
  assert.equal((await finish(state, callback)).subject, 'alice');
  assert.equal((await finish(state, callback)).problem, 'CodeRefused');
});

test('another state is refused, and the code is still good afterwards', async () => {
  const { state, callback } = await walk('alice');
  const other = await begin();
  for (const wrong of ['', 'x', new URL(other.url).searchParams.get('state')]) {
    assert.equal((await finish(state, { ...callback, state: wrong })).problem, 'WrongState', wrong);
  }
  assert.equal((await finish(other.state, callback)).problem, 'WrongState');
  assert.equal((await finish(state, callback, 'public')).problem, 'WrongState');
  assert.equal((await finish(state, callback)).subject, 'alice');
});

test('a code of another sign-in is refused, because the provider holds the challenge of that one', async () => {
  const alices = await walk('alice');
  const bobs = await walk('bob');
  const swapped = { ...alices.callback, code: bobs.callback.code };
  assert.equal((await finish(alices.state, swapped)).problem, 'CodeRefused');
});

test('a proof of another sign-in is refused', async () => {
  const { state, callback } = await walk('alice');
  const changed = JSON.stringify({ ...JSON.parse(state), nonce: 'of another sign-in' });
  assert.deepEqual(await finish(changed, callback), {
    problem: 'BadProof', reason: "the provider's proof is not good: it is of another sign-in",
  });
});

test('the provider names itself, and no other name or none will do', async () => {
  const { state, callback } = await walk('alice');
  assert.equal(callback.iss, provider.issuer);
  const { iss, ...without } = callback;
  assert.equal((await finish(state, without)).problem, 'WrongIssuer');
  for (const other of ['https://evil.example', `${iss}/`, '']) {
    assert.equal((await finish(state, { ...callback, iss: other })).problem, 'WrongIssuer', other);
  }
  assert.equal((await finish(state, callback)).subject, 'alice');
});

test('a provider that the settings call otherwise than it calls itself is not used', async () => {
  const { problem, reason } = await begin('misnamed');
  assert.deepEqual([problem, reason], [
    'Unavailable', 'the provider calls itself otherwise than the settings call it',
  ]);
});

test('new keys are found, and a provider that is down is told', async () => {
  const { port } = provider;
  await provider.stop();
  provider = await startProvider({ accounts, clients, port });
  const renewed = await signIn('alice');
  assert.equal(renewed.subject, 'alice', JSON.stringify(renewed));

  const { state, callback } = await walk('alice');
  await provider.stop();
  assert.deepEqual(await finish(state, callback), {
    problem: 'Unavailable', reason: 'the provider cannot be reached',
  });
  provider = await startProvider({ accounts, clients, port });
  assert.equal((await signIn('bob')).subject, 'bob');
});

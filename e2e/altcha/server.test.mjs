// A real server with a form that asks for the proof of work, and a script that does it with the vendor's library.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tokenOf } from '../support/altcha.mjs';
import { solveOne, solveTwo } from '../support/altcha_library.mjs';
import { startGuardedServer } from '../support/guarded_server.mjs';

const solve = { 1: solveOne, 2: solveTwo };
const refusedWith = (code) => ({ status: 422, codes: [code] });

let server;
before(async () => { server = await startGuardedServer({ movableClock: true }); });
after(() => server?.stop());

for (const version of [1, 2]) {
  test(`a challenge of version ${version}, solved by their library, opens the form once`, async () => {
    const altcha = await solve[version](await server.challenge(version));
    const [first, again] = [`first, version ${version}`, `again, version ${version}`];
    assert.deepEqual(await server.post(first, { altcha }), { status: 200, codes: [] });
    assert.deepEqual(await server.stored(first), ['inbox']);

    assert.deepEqual(await server.post(again, { altcha }), refusedWith('CAPTCHA_EXPIRED'));
    assert.deepEqual(await server.stored(again), []);
  });

  test(`an answer of version ${version} that two scripts send at once is taken of one of them`, async () => {
    const altcha = await solve[version](await server.challenge(version));
    const message = `at once, version ${version}`;
    const replies = await Promise.all(Array.from({ length: 5 }, () => server.post(message, { altcha })));
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 422, 422, 422, 422]);
    assert.deepEqual(await server.stored(message), ['inbox']);
  });

  test(`an answer of version ${version} opens no other form`, async () => {
    const altcha = await solve[version](await server.challenge(version));
    const message = `to another form, version ${version}`;
    assert.deepEqual(await server.post(message, { altcha }, 'other'), refusedWith('CAPTCHA_WRONG'));
    assert.deepEqual(await server.stored(message), []);
    // It was not used up there.
    assert.equal((await server.post(message, { altcha })).status, 200);
  });

  test(`an answer of version ${version} that comes too late is refused`, async () => {
    const [late, inTime] = [await server.challenge(version), await server.challenge(version)];
    const message = `late, version ${version}`;
    await server.moveClock(1190);
    assert.equal((await server.post(message, { altcha: await solve[version](inTime) })).status, 200);
    await server.moveClock(1300);
    assert.deepEqual(await server.post(message, { altcha: await solve[version](late) }), refusedWith('CAPTCHA_EXPIRED'));
    assert.deepEqual(await server.stored(message), ['inbox']);
    await server.moveClock(0);
  });
}

test('an answer that nobody worked for is refused', async () => {
  const challenge = await server.challenge();
  const altered = { ...challenge, parameters: { ...challenge.parameters, data: { ...challenge.parameters.data, cost: 1 } } };
  for (const altcha of [
    tokenOf({ challenge, solution: { counter: 0, derivedKey: '00'.repeat(32) } }),
    await solveTwo(altered),
    'bm9uc2Vuc2U=',
    'not even base64',
  ]) {
    assert.deepEqual(await server.post('for nothing', { altcha }), refusedWith('CAPTCHA_WRONG'), altcha);
  }
  assert.deepEqual(await server.stored('for nothing'), []);
});

test('who sends none, or that of another vendor, is told what is missing', async () => {
  for (const answer of [{}, { altcha: ' ' }, { 'g-recaptcha-response': 'of another vendor' }, { 'h-captcha-response': 'x' }]) {
    assert.deepEqual(await server.post('another vendor', answer), refusedWith('CAPTCHA_MISSING'), JSON.stringify(answer));
  }
  assert.deepEqual(await server.stored('another vendor'), []);
});

test('the form says what it asks for, and its challenges are not cached', async () => {
  const schema = await (await fetch(`${server.url}/f/guarded/schema`)).json();
  assert.deepEqual(schema.captcha, { provider: 'altcha', when: 'always', fields: ['altcha'], site_key: null });
  const reply = await fetch(`${server.url}/f/guarded/challenge`);
  assert.equal(reply.headers.get('cache-control'), 'no-store');
  assert.equal(reply.headers.get('access-control-allow-origin'), '*');
  const challenges = await Promise.all(Array.from({ length: 5 }, () => server.challenge()));
  assert.equal(new Set(challenges.map(({ parameters }) => parameters.nonce)).size, 5);
});

// Our proof of work against the vendor's library for JavaScript, each side in each part.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as two from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import * as one from 'altcha-lib/v1';
import { ourAltcha, tokenOf } from '../support/altcha.mjs';
import { solveOne, solveTwo } from '../support/altcha_library.mjs';

let ours;
let secrets;
before(async () => {
  ours = await ourAltcha();
  secrets = await ours.secrets();
});

const parse = (token) => JSON.parse(Buffer.from(token, 'base64'));
const secretsOfTwo = () => ({ hmacSignatureSecret: secrets.version2, hmacKeySignatureSecret: secrets.solution });

test('their solver solves our challenges of version 2, and we take the answer', async () => {
  const keys = new Set();
  for (const cost of [1, 2, 20, 100]) {
    const verdict = await ours.verify(await solveTwo(await ours.challenge({ cost })), { leastCost: cost });
    assert.equal(verdict.passed, true, JSON.stringify(verdict));
    keys.add(verdict.replayKey);
  }
  assert.equal(keys.size, 4);
});

test('their solver solves our challenges of version 1, and we take the answer', async () => {
  for (const cost of [1, 5, 20]) {
    const verdict = await ours.verify(await solveOne(await ours.challenge({ version: 1, cost })), { leastCost: cost });
    assert.equal(verdict.passed, true, JSON.stringify(verdict));
  }
});

test('they take our answers to our challenges', async () => {
  const token = await ours.solve(await ours.challenge());
  const { challenge, solution } = parse(token);
  const result = await two.verifySolution({ challenge, solution, deriveKey, ...secretsOfTwo() });
  assert.equal(result.verified, true, JSON.stringify(result));
  // Without the secret of solutions they derive the key themselves.
  const slowly = { challenge, solution, deriveKey, hmacSignatureSecret: secrets.version2 };
  assert.equal((await two.verifySolution(slowly)).verified, true);

  const old = await ours.solve(await ours.challenge({ version: 1, cost: 5 }));
  assert.equal(await one.verifySolution(old, secrets.version1), true);
});

test('they take our answers to their challenges', async () => {
  const theirs = await two.createChallenge({
    algorithm: 'PBKDF2/SHA-256', cost: 100, counter: 30, deriveKey, ...secretsOfTwo(),
  });
  const { challenge, solution } = parse(await ours.solve(theirs));
  const result = await two.verifySolution({ challenge, solution, deriveKey, ...secretsOfTwo() });
  assert.deepEqual([result.verified, solution.counter], [true, 30]);

  const hmacKey = 'of theirs';
  const old = await one.createChallenge({ hmacKey, maxNumber: 5000 });
  assert.equal(await one.verifySolution(await ours.solve(old), hmacKey), true);
});

test('what they refuse, we refuse', async () => {
  const { challenge, solution } = parse(await solveTwo(await ours.challenge()));
  const verdicts = async (answer) => {
    const theirs = await two.verifySolution({ ...answer, deriveKey, ...secretsOfTwo() });
    const { passed } = await ours.verify(tokenOf(answer));
    return [theirs.verified, passed];
  };
  assert.deepEqual(await verdicts({ challenge, solution }), [true, true]);
  const altered = (changes) => ({ ...challenge, parameters: { ...challenge.parameters, ...changes } });
  for (const wrong of [
    { challenge, solution: { ...solution, derivedKey: `00${solution.derivedKey.slice(2)}x` } },
    { challenge: altered({ cost: 1 }), solution },
    { challenge: altered({ expiresAt: 99_999_999_999 }), solution },
    { challenge: altered({ data: { ...challenge.parameters.data, cost: 1_000_000 } }), solution },
    { challenge: { ...challenge, signature: challenge.signature.replace(/.$/, (last) => (last === '0' ? '1' : '0')) }, solution },
  ]) {
    assert.deepEqual(await verdicts(wrong), [false, false], JSON.stringify(wrong));
  }
});

test('a challenge of somebody else is not ours, though they solved it', async () => {
  const theirs = await two.createChallenge({
    algorithm: 'PBKDF2/SHA-256', cost: 100, counter: 3, deriveKey, hmacSignatureSecret: 'a', hmacKeySignatureSecret: 'b',
    data: { cost: 1_000_000, form: '0197a2b0-0000-7000-8000-000000000001' }, expiresAt: 99_999_999_999,
  });
  assert.equal((await ours.verify(await solveTwo(theirs))).code, 'altered');
});

// Solves challenges with the vendor's library for JavaScript.
import * as two from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import * as one from 'altcha-lib/v1';
import { tokenOf } from './altcha.mjs';

/** The answer to a challenge of version 1, as it is put into the form. */
export async function solveOne(challenge) {
  const { algorithm, challenge: hash, maxnumber, salt, signature } = challenge;
  const { number, took } = await one.solveChallenge(hash, salt, algorithm, maxnumber).promise;
  return tokenOf({ algorithm, challenge: hash, number, salt, signature, took });
}

/** The same for version 2. */
export async function solveTwo(challenge) {
  return tokenOf({ challenge, solution: await two.solveChallenge({ challenge, deriveKey }) });
}

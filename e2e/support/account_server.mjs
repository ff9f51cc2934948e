// A server with an administrator, reached as http://localhost: passkeys belong to names.
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from './server.mjs';

export const email = 'ada@example.org';
export const password = 'correct horse, battery';

/** What `startServer` resolves with, where `url` has the name; the account above exists. */
export async function startAccountServer({ settings = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'formhold-e2e-password-'));
  const file = join(folder, 'password');
  await writeFile(file, password);
  const server = await startServer({
    forms: [],
    settings: {
      FORMHOLD_SERVER__PUBLIC_URL: '',
      FORMHOLD_SETUP__ADMIN_EMAIL: email,
      FORMHOLD_SETUP__ADMIN_PASSWORD_FILE: file,
      FORMHOLD_LIMITS__LOGIN: 'off',
      FORMHOLD_LIMITS__LOGIN_ACCOUNT: 'off',
      ...settings,
    },
  });
  await rm(folder, { recursive: true });
  return { ...server, url: server.url.replace('127.0.0.1', 'localhost') };
}

/** Types address and password, and presses the button. */
export async function signIn(page, url) {
  await page.goto(`${url}/login`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** The code that an authenticator app shows for a key as people type it (RFC 6238), `later` seconds from now. */
export function codeOf(typed, later = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...typed.replaceAll(' ', '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor((Date.now() / 1000 + later) / 30)));
  const digest = createHmac('sha1', key).update(step).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return `${number % 1_000_000}`.padStart(6, '0');
}

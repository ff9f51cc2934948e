// Somebody makes an account, confirms it by the link in a mail, signs in, and makes it their own: in a real browser,
// with real cookies, and without any script of ours where none is needed.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { letterFolder } from '../support/letters.mjs';
import { startServer } from '../support/server.mjs';

const axe = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const password = 'correct horse, battery';
/** Where pictures of the pages go, for who wants to look at them. */
const looksAt = process.env.FORMHOLD_TEST_SCREENSHOTS;

let letters;
let secrets;
let server;
let browser;
before(async () => {
  letters = await letterFolder();
  secrets = await mkdtemp(join(tmpdir(), 'formhold-secrets-'));
  await writeFile(join(secrets, 'admin'), password);
  server = await startServer({
    forms: ['contact'],
    settings: {
      ...letters.settings,
      FORMHOLD_AUTH__REGISTRATION: 'open',
      FORMHOLD_SETUP__ADMIN_EMAIL: 'root@example.org',
      FORMHOLD_SETUP__ADMIN_PASSWORD_FILE: join(secrets, 'admin'),
      FORMHOLD_LIMITS__LOGIN: 'off',
      FORMHOLD_LIMITS__LOGIN_ACCOUNT: 'off',
    },
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await letters?.remove();
  await rm(secrets, { recursive: true, force: true });
});

/** A picture of 64 x 64 pixels in one colour. */
function png(red, green, blue) {
  const table = Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit += 1) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n >>> 0;
  });
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const crc = body.reduce((sum, byte) => table[(sum ^ byte) & 255] ^ (sum >>> 8), 0xffffffff) ^ 0xffffffff;
    const [length, end] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    end.writeUInt32BE(crc >>> 0);
    return Buffer.concat([length, body, end]);
  };
  const line = Buffer.concat([Buffer.from([0]), ...Array.from({ length: 64 }, () => Buffer.from([red, green, blue]))]);
  const head = Buffer.from([0, 0, 0, 64, 0, 0, 0, 64, 8, 2, 0, 0, 0]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: 64 }, () => line)));
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
  return Buffer.concat([magic, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

/** Looks at the page in all sizes and colours: no wider than its screen, and nothing that axe has against it. */
async function look(page, name) {
  await page.evaluate(axe);
  for (const width of [360, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const widest = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(widest <= width, `${name} is ${widest} px wide on a screen of ${width} px`);
      const violations = await page.evaluate(async () => (await globalThis.axe.run()).violations);
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${name} at ${width} px in ${colorScheme}`);
      if (looksAt) await page.screenshot({ path: join(looksAt, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
}

async function registered(page, email, name = 'Ada Lovelace') {
  await page.goto(`${server.url}/register`);
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByText('Look into your mailbox').waitFor();
  await page.goto(await letters.linkIn(email, 'Confirm your address'));
  await page.getByText(email).waitFor();
}

async function signedIn(page, email) {
  await page.goto(`${server.url}/login`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Profile' }).waitFor();
}

async function withAccount(email, settings) {
  const page = await browser.open(settings);
  const harm = await watch(page);
  await registered(page, email);
  await page.getByRole('button', { name: 'Confirm this address' }).click();
  await signedIn(page, email);
  return { page, harm };
}

test('somebody registers, confirms the address, signs in, and changes name and picture', async () => {
  const page = await browser.open({ viewport: { width: 1280, height: 800 } });
  const harm = await watch(page);
  await page.goto(`${server.url}/login`);
  await page.getByRole('link', { name: 'Create one' }).click();
  await look(page, 'register');
  await registered(page, 'ada@example.org');
  await look(page, 'confirm');
  await page.getByRole('button', { name: 'Confirm this address' }).click();
  await page.getByText('Your address is confirmed.').waitFor();
  await look(page, 'login');
  await signedIn(page, 'ada@example.org');

  await page.getByLabel('Your name').fill('Ada, Countess of Lovelace');
  await page.getByLabel('Language of mails').selectOption({ label: 'Deutsch' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Your profile was saved.').waitFor();
  assert.equal(await page.getByLabel('Your name').inputValue(), 'Ada, Countess of Lovelace');

  const upload = async (file) => {
    await page.getByLabel('New picture').setInputFiles(file);
    await page.getByRole('button', { name: 'Upload' }).click();
  };
  await upload({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload="alert(1)"/>') });
  await page.getByRole('alert').getByText('The picture must be a PNG, JPEG, WebP or GIF file.').waitFor();
  await look(page, 'profile-wrong-picture');
  await upload({ name: 'large.png', mimeType: 'image/png', buffer: Buffer.alloc(4 << 20, 1) });
  await page.getByRole('alert').getByText('The picture must not have more than 2 MiB.').waitFor();
  await upload({ name: 'me.png', mimeType: 'image/png', buffer: png(200, 30, 90) });
  await page.getByText('Your picture was saved.').waitFor();
  const size = () => page.locator('img.picture').first().evaluate((image) => [image.complete, image.naturalWidth]);
  assert.deepEqual(await size(), [true, 64], 'the browser shows it');
  await look(page, 'profile');
  await page.getByRole('button', { name: 'Remove the picture' }).click();
  await page.getByText('Your picture was removed.').waitFor();
  assert.equal(await page.locator('img.picture').count(), 0);
  assert.deepEqual(harm, []);
});

test('an account moves to another address when both mailboxes agree', async () => {
  const { page, harm } = await withAccount('bertha@example.org');
  await page.goto(`${server.url}/account/email`);
  await page.getByLabel('New e-mail address').fill('bertha@example.net');
  await page.getByLabel('Your password').fill(password);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByRole('heading', { name: 'Waiting for confirmation' }).waitFor();
  await look(page, 'email');
  const elsewhere = await browser.open();
  await elsewhere.goto(await letters.linkIn('bertha@example.org', 'Shall your account move to another address?'));
  await look(elsewhere, 'email-leave');
  await elsewhere.getByRole('button', { name: 'Move the account' }).click();
  await elsewhere.getByText('Thank you.').waitFor();
  await page.goto(await letters.linkIn('bertha@example.net', 'Confirm your new address'));
  await page.getByRole('button', { name: 'Confirm this address' }).click();
  await page.getByText('The address of the account was changed.').waitFor();
  assert.match(await page.locator('main').innerText(), /now bertha@example\.net/);
  assert.deepEqual(harm, []);
});

test('what somebody sends while signed in is listed for them', async () => {
  const { page, harm } = await withAccount('clara@example.org');
  await page.goto(`${server.url}/account/submissions`);
  await page.getByText('Nothing here yet').waitFor();
  await page.goto(`${server.url}/f/contact`);
  await page.getByLabel('Name').fill('Clara');
  await page.getByLabel('E-mail').fill('clara@example.com');
  await page.getByLabel('Message').fill('Where is the key?');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(/thanks/);
  await page.goto(`${server.url}/account/submissions`);
  await page.getByText('Where is the key?').waitFor();
  await look(page, 'submissions');
  assert.deepEqual(harm, []);
});

test('a forgotten password is replaced, and an account is deleted, without scripts', async () => {
  const { page } = await withAccount('dora@example.org', { javaScriptEnabled: false });
  await page.context().clearCookies();
  await page.goto(`${server.url}/login`);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('E-mail address').fill('dora@example.org');
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByText('a link is on its way').waitFor();
  await page.goto(await letters.linkIn('dora@example.org', 'Set a new password'));
  await page.getByLabel('New password').fill('another horse, battery');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByText('Your password is set').waitFor();
  await page.goto(`${server.url}/login`);
  await page.getByLabel('E-mail address').fill('dora@example.org');
  await page.getByLabel('Password').fill('another horse, battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Delete the account…' }).click();
  await page.getByLabel('Your password').fill('another horse, battery');
  await page.getByRole('button', { name: 'Delete my account' }).click();
  await page.getByText('Your account was deleted.').waitFor();
});

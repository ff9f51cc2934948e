// Files on the hosted page: stored as they were, or refused in words, however large they are.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { send } from '../support/hosted_page.mjs';
import { startServer } from '../support/server.mjs';

let server;
let browser;
before(async () => {
  server = await startServer({ forms: ['documents'] });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const png = (rest) => Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.from(rest)]);
const text = (name, bytes) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(bytes) });
const rowsOf = (title) => server.rowsWith('documents', 'title', title);

async function openForm(title) {
  const page = await browser.reuse();
  await page.goto(`${server.url}/f/documents`);
  await page.getByLabel('Title').fill(title);
  return page;
}

/** Chooses a file of zeros that is made in the page, because it is too large to be sent there. */
const chooseZeros = (page, mib) =>
  page.getByLabel('Photographs').evaluate((input, size) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(size)], 'zeros.png', { type: 'image/png' }));
    input.files = transfer.files;
  }, mib * 1024 * 1024);

test('files are stored as they were, with their names and digests', async () => {
  const document = text('Lebenslauf "ä" 100%.txt', 'Ada\r\nLovelace\n');
  const photographs = ['one', 'two'].map((name) => ({ name: `${name}.png`, mimeType: 'image/png', buffer: png(name) }));
  const page = await openForm('three files');
  await page.getByLabel('Document').setInputFiles(document);
  await page.getByLabel('Photographs').setInputFiles(photographs);
  await send(page);

  await page.getByRole('status').waitFor();
  const [row, ...more] = await rowsOf('three files');
  assert.deepEqual(more, []);
  const files = row.files.map(({ field, name, content_type, size_bytes, sha256 }) => ({ field, name, content_type, size_bytes, sha256 }));
  const kept = (field, { name, mimeType, buffer }) =>
    ({ field, name, content_type: mimeType, size_bytes: buffer.length, sha256: sha256(buffer) });
  assert.deepEqual(files, [kept('document', document), ...photographs.map((file) => kept('photographs', file))]);
  const bytes = await Promise.all(row.files.map(({ id }) => server.storedFile(id)));
  assert.deepEqual(bytes.map(sha256), row.files.map((file) => file.sha256));
});

test('a person who chooses no file sends none', async () => {
  const page = await openForm('no file');
  await send(page);

  await page.getByRole('status').waitFor();
  assert.deepEqual((await rowsOf('no file')).map((row) => row.files), [[]]);
});

const refused = [
  ['a file of another type', [text('notes.md', 'notes')], 'Document', /^This type of file is not accepted\. Accepted: /],
  ['a file that only looks like a PDF', [text('notes.pdf', 'notes')], 'Document', /^This type of file is not accepted\. Accepted: /],
  ['a file that is too large', [text('long.txt', Buffer.alloc(65537, 'a'))], 'Document', 'The file is too large. At most 64 KiB are accepted.'],
  ['an empty file', [text('empty.txt', '')], 'Document', 'The file is empty.'],
  ['more files than are taken', [1, 2, 3, 4].map((n) => text(`${n}.png`, png(`${n}`))), 'Photographs', 'Please choose at most 3 files.'],
];
for (const [what, files, label, message] of refused) {
  test(`${what}: refused at the field, and the rest of the form is kept`, async () => {
    const page = await openForm(what);
    await page.getByLabel(label).setInputFiles(files);
    const reply = await send(page);

    assert.equal(reply.status(), 422);
    const shown = await page.locator('.problem').innerText();
    if (message instanceof RegExp) assert.match(shown, message);
    else assert.equal(shown, message);
    assert.equal(await page.getByLabel(label).getAttribute('aria-invalid'), 'true');
    assert.equal(await page.getByLabel('Title').inputValue(), what);
    assert.deepEqual(await rowsOf(what), []);
  });
}

test('a script is told of a file that is too large by its code', async () => {
  const body = new FormData();
  body.set('title', 'by script');
  body.set('document', new File([Buffer.alloc(65537, 'a')], 'long.txt'));
  const reply = await fetch(`${server.url}/f/documents.json`, { method: 'POST', body });

  const { errors } = await reply.json();
  assert.deepEqual(errors.map((error) => error.code), ['FILES_TOO_BIG']);
});

const tooMuch = [
  [11, 'A file is too large: at most 10 MiB are accepted.'],
  [26, 'This is more than the form takes: at most 25 MiB.'],
  [60, 'This is more than the form takes: at most 25 MiB.'],
];
for (const [mib, message] of tooMuch) {
  test(`a person who sends ${mib} MiB reads why they were refused`, async () => {
    const title = `${mib} MiB`;
    const page = await openForm(title);
    await chooseZeros(page, mib);
    const reply = await send(page);

    assert.equal(reply.status(), 413);
    assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'That did not work');
    await page.getByText(message).waitFor();
    assert.deepEqual(await rowsOf(title), []);
  });
}

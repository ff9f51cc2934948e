// What the hosted page says about answers that do not fit, in the person's language.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../support/chromium.mjs';
import { answers, choose, entered, file, fillIn, focused, send, sendUnchecked, stored } from '../support/hosted_page.mjs';
import { startServer } from '../support/server.mjs';

let server;
let browser;
before(async () => {
  server = await startServer({ forms: ['everything', 'contact', 'kontakt'] });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function open(path, settings) {
  const page = await browser.reuse(settings);
  await page.goto(`${server.url}/f/${path}`);
  return page;
}

/** The names of the fields that are marked as wrong, each with the text that is tied to it. */
const marked = (page) =>
  page.locator('#form').evaluate(() => {
    const described = (element) =>
      (element.closest('[aria-describedby]')?.getAttribute('aria-describedby') ?? '')
        .split(' ').filter((id) => id.endsWith('-problem'))
        .map((id) => document.getElementById(id).innerText).join();
    const wrong = [...document.querySelectorAll('[aria-invalid=true]')];
    return Object.fromEntries(wrong.map((element) => {
      const { name } = element.matches('fieldset') ? element.querySelector('input') : element;
      return [name, described(element)];
    }));
  });

for (const [scripts, javaScriptEnabled] of [['with scripts', true], ['without scripts', false]]) {
  test(`${scripts}, wrong answers are kept, explained at their fields, and can be mended`, async () => {
    const name = `Ada, wrong at first, ${scripts}`;
    const wrong = { full_name: name, email_again: 'ada@exmaple.org', phone: 'call me', height: '9' };
    const page = await open('everything', { javaScriptEnabled });
    await fillIn(page, wrong);
    await page.getByLabel('Painting').uncheck();
    await choose(page, file);
    const reply = await sendUnchecked(page);

    assert.equal(reply.status(), 422);
    assert.deepEqual(await server.rowsWith('everything', 'full_name', name), []);
    assert.equal(await page.title(), 'Error: Summer school registration');
    assert.deepEqual(await entered(page), { ...answers, ...wrong, courses: 'botany' });
    assert.deepEqual(await marked(page), {
      email_again: 'This must be the same as “E-mail”.',
      phone: 'Please enter a telephone number.',
      height: 'The greatest possible value is 2.5.',
      courses: 'Please choose at least 2.',
    });
    assert.equal(await focused(page), 'email_again');

    const summary = page.getByRole('alert');
    assert.match(await summary.innerText(), /^4 answers need another look:/);
    assert.match(await summary.innerText(), /choose the files again/);
    const links = summary.getByRole('link');
    assert.deepEqual(await links.allInnerTexts(), ['The same address again', 'Telephone', 'Height in metres', 'Courses']);
    for (const [index, field] of ['email_again', 'phone', 'height', 'courses'].entries()) {
      await links.nth(index).click();
      assert.equal(await focused(page), field);
    }

    await page.getByLabel('The same address again').fill('ada@example.org');
    await page.getByLabel('Telephone').fill('+49 30 123456');
    await page.getByLabel('Height in metres').fill('1.68');
    await page.getByLabel('Painting').check();
    await send(page);
    await page.getByRole('status').waitFor();
    const rows = await server.rowsWith('everything', 'full_name', name);
    assert.deepEqual(rows.map((row) => row.answers), [{ ...stored, full_name: name }]);
  });
}

test('a form that was sent empty names every field that must be filled in, in order', async () => {
  const page = await open('everything');
  const reply = await sendUnchecked(page);

  assert.equal(reply.status(), 422);
  const required = ['full_name', 'email', 'email_again', 'room', 'meals', 'courses', 'recommend', 'terms'];
  const problems = await marked(page);
  assert.deepEqual(Object.keys(problems), required);
  assert.equal(problems.terms, 'Please tick this box to go on.');
  assert.equal(await focused(page), 'full_name');
  assert.equal(await page.getByRole('alert').getByRole('link').count(), required.length);
});

test('the first wrong field has the focus and is in view with its message, on a small screen too', async () => {
  const page = await open('everything', { viewport: { width: 360, height: 640 } });
  await sendUnchecked(page);

  const inView = await page.evaluate(() => {
    const { top, bottom } = document.activeElement.closest('.field').getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
  assert.equal(inView, true);
});

test('a German form speaks German', async () => {
  const page = await open('kontakt');
  await page.getByText('Mit * markierte Felder müssen ausgefüllt werden.').waitFor();
  await page.getByLabel('E-Mail').fill('ada');
  await sendUnchecked(page);

  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  assert.equal(await page.title(), 'Fehler: Kontakt');
  assert.deepEqual(await marked(page), {
    email: 'Bitte geben Sie eine E-Mail-Adresse wie name@example.org ein.',
    nachricht: 'Bitte füllen Sie dieses Feld aus.',
  });
  await page.getByLabel('E-Mail').fill('ada@example.org');
  await page.getByLabel('Nachricht').fill('Grüße');
  await page.getByRole('button', { name: 'Absenden' }).click();
  await page.getByText('Vielen Dank. Ihre Angaben sind angekommen.').waitFor();
});

test('a page that was asked for in German stays German until the thanks', async () => {
  const page = await open('contact?language=de');
  await sendUnchecked(page);

  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  await page.getByText('2 Angaben müssen noch einmal angesehen werden:').waitFor();
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByLabel('Message').fill('auf Deutsch');
  await send(page);
  await page.getByRole('status').waitFor();
  const [row] = await server.rowsWith('contact', 'message', 'auf Deutsch');
  assert.equal(row.context.language, 'de');
  await page.getByRole('link', { name: 'Noch einmal ausfüllen' }).click();
  await page.getByRole('button', { name: 'Absenden' }).waitFor();
});

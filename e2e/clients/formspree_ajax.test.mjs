// @formspree/ajax, unmodified, drives a plain HTML form on a page of another origin.
import { closePage, show, submit } from '../support/page.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { initForm } from '@formspree/ajax';
import { startServer } from '../support/server.mjs';
import { tooMany } from '../support/too_many.mjs';

const html = `
  <section>
    <div data-fs-success></div>
    <div data-fs-error></div>
    <form novalidate>
      <input type="email" name="email" data-fs-field>
      <span data-fs-error="email"></span>
      <textarea name="message" data-fs-field></textarea>
      <span data-fs-error="message"></span>
      <button type="submit">Send</button>
    </form>
  </section>`;
const htmlWithFile = html.replace(/<textarea.*textarea>/, '<input type="file" name="document">');

let server;
before(async () => (server = await startServer({ forms: ['contact', 'closed', 'application', 'busy'] })));
after(async () => {
  await closePage();
  await server?.stop();
});

/** Fills in and sends the form; resolves with what the client reports and the page it leaves. */
async function visit(formId, answers, { body = html, data } = {}) {
  const page = show(body);
  const form = page.querySelector('form');
  const outcome = await new Promise((resolve) => {
    initForm({
      formElement: form,
      formId,
      origin: server.url,
      data,
      onSuccess: (_, result) => resolve({ result }),
      onError: (_, error) => resolve({ error }),
      onFailure: (_, failure) => resolve({ failure }),
    });
    submit(form, answers);
  });
  const shown = (selector) => page.querySelector(`${selector}[data-fs-active]`)?.textContent;
  return { ...outcome, page, shown };
}

test('a filled-in form succeeds, says so, and is stored with the extra data', async () => {
  const message = 'from a page';
  const extra = { data: { name: 'Ada', age: async () => '36' } };
  const { result, shown } = await visit('contact', { email: 'ada@example.org', message }, extra);

  assert.equal(result?.kind, 'success');
  assert.equal(shown('[data-fs-success]'), 'Thank you!');
  const [row] = await server.rowsWith('contact', 'message', message);
  assert.deepEqual(row.answers, { email: 'ada@example.org', message, name: 'Ada', age: '36' });
});

test('a wrong e-mail is shown at its field and nothing is stored', async () => {
  const { error, page, shown } = await visit('contact', { email: 'ada', message: 'refused' });

  const [{ code, message }] = error.getFieldErrors('email');
  assert.equal(code, 'TYPE_EMAIL');
  assert.equal(shown('[data-fs-error="email"]'), message);
  assert.equal(page.querySelector('[name=email]').getAttribute('aria-invalid'), 'true');
  assert.equal(page.querySelector('[name=message]').hasAttribute('aria-invalid'), false);
  assert.equal((await server.rowsWith('contact', 'message', 'refused')).length, 0);
});

const refusals = [
  ['an unknown form', 'nosuchform', 'FORM_NOT_FOUND'],
  ['a closed form', 'closed', 'INACTIVE'],
];
for (const [what, formId, code] of refusals) {
  test(`${what} is shown as an error of the whole form`, async () => {
    const { error, shown } = await visit(formId, { email: 'ada@example.org', message: 'refused' });

    assert.deepEqual(error.getFormErrors().map((each) => each.code), [code]);
    assert.equal(shown('[data-fs-error=""]'), error.getFormErrors()[0].message);
    if (formId in server.forms) assert.deepEqual(await server.exportRows(formId, 'ndjson'), []);
  });
}

test('a chosen file is stored', async () => {
  const email = 'with.file@example.org';
  const file = new File(['a small document'], 'cv.txt', { type: 'text/plain' });
  const { result } = await visit('application', { email, document: [file] }, { body: htmlWithFile });

  assert.equal(result?.kind, 'success');
  const [{ files }] = await server.rowsWith('application', 'email', email);
  assert.deepEqual(files.map(({ field, name, size_bytes }) => ({ field, name, size_bytes })), [
    { field: 'document', name: 'cv.txt', size_bytes: 16 },
  ]);
});

test('a file input that was left empty is no file', async () => {
  const email = 'without.file@example.org';
  const { result } = await visit('application', { email }, { body: htmlWithFile });

  assert.equal(result?.kind, 'success');
  const [{ files, answers }] = await server.rowsWith('application', 'email', email);
  assert.deepEqual(files, []);
  assert.deepEqual(answers, { email });
});

test('one submission too many is shown above the form with how long to wait', async () => {
  const answers = { email: 'ada@example.org', message: 'once more' };
  const [first, second, third] = [await visit('busy', answers), await visit('busy', answers), await visit('busy', answers)];

  assert.deepEqual([first.result?.kind, second.result?.kind, third.result], ['success', 'success', undefined]);
  assert.match(third.shown('[data-fs-error]'), tooMany);
  assert.equal((await server.exportRows('busy', 'ndjson')).length, 2);
});

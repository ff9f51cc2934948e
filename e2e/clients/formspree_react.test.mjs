// @formspree/react, unmodified: its hook and its error component in a rendered page.
import { closePage, submit } from '../support/page.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { useForm, ValidationError } from '@formspree/react';
import { createElement as h } from 'react';
import { mount } from '../support/react.mjs';
import { startServer } from '../support/server.mjs';
import { tooMany } from '../support/too_many.mjs';
import { until } from '../support/until.mjs';

let server;
before(async () => (server = await startServer({ forms: ['contact', 'closed', 'application', 'busy'] })));
after(async () => {
  await closePage();
  await server?.stop();
});

let state;
function Form({ id, fields }) {
  const [current, handleSubmit] = useForm(id, { endpoint: server.url });
  state = current;
  if (current.succeeded) return h('p', { role: 'status' }, 'sent');
  return h(
    'form',
    { onSubmit: handleSubmit, noValidate: true },
    fields.map((name) => h('input', { key: name, name, type: name === 'document' ? 'file' : 'text' })),
    fields.map((field) => h(ValidationError, { key: field, id: `error-${field}`, field, errors: current.errors })),
    h(ValidationError, { id: 'error', errors: current.errors }),
  );
}

async function visit(id, answers) {
  submit(await mount(Form, { id, fields: Object.keys(answers) }), answers);
  await until('the answer', () => state.succeeded || state.errors);
}

const shown = (id) => until(`#${id}`, () => document.getElementById(id)?.textContent);

test('a filled-in form succeeds and is stored', async () => {
  const answers = { name: 'Ada', email: 'ada@example.org', message: 'from React' };
  await visit('contact', answers);

  assert.equal(state.succeeded, true);
  assert.equal(typeof state.result.next, 'string');
  await until('the thanks', () => document.querySelector('[role=status]'));
  const rows = await server.rowsWith('contact', 'message', 'from React');
  assert.deepEqual(rows.map((row) => row.answers), [answers]);
});

test('a wrong e-mail and an empty message are shown at their fields and nothing is stored', async () => {
  await visit('contact', { name: 'refused', email: 'ada', message: '' });

  assert.equal(state.succeeded, false);
  assert.equal(state.errors.getFieldErrors('email')[0].code, 'TYPE_EMAIL');
  assert.equal(state.errors.getFieldErrors('message')[0].code, 'REQUIRED_FIELD_EMPTY');
  assert.equal(await shown('error-email'), state.errors.getFieldErrors('email')[0].message);
  assert.equal(document.getElementById('error'), null);
  assert.equal((await server.rowsWith('contact', 'name', 'refused')).length, 0);
});

const refusals = [
  ['an unknown form', 'nosuchform', 'FORM_NOT_FOUND'],
  ['a closed form', 'closed', 'INACTIVE'],
];
for (const [what, id, code] of refusals) {
  test(`${what} is an error of the whole form`, async () => {
    await visit(id, { email: 'ada@example.org' });

    assert.deepEqual(state.errors.getFormErrors().map((each) => each.code), [code]);
    assert.equal(await shown('error'), state.errors.getFormErrors()[0].message);
    if (id in server.forms) assert.deepEqual(await server.exportRows(id, 'ndjson'), []);
  });
}

test('one submission too many is an error of the whole form that says how long to wait', async () => {
  for (const succeeds of [true, true, false]) {
    await visit('busy', { email: 'ada@example.org', message: 'once more' });
    assert.equal(state.succeeded, succeeds);
  }
  assert.match(await shown('error'), tooMany);
  assert.equal((await server.exportRows('busy', 'ndjson')).length, 2);
});

test('a chosen file is stored', async () => {
  const email = 'with.file@example.org';
  await visit('application', { email, document: [new File(['a small document'], 'cv.txt', { type: 'text/plain' })] });

  assert.equal(state.succeeded, true);
  const [{ files }] = await server.rowsWith('application', 'email', email);
  assert.deepEqual(files.map(({ field, name, size_bytes }) => ({ field, name, size_bytes })), [
    { field: 'document', name: 'cv.txt', size_bytes: 16 },
  ]);
});

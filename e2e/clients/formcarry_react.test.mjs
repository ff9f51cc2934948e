// @formcarry/react, unmodified, with nothing but its host sent to Formhold.
import { closePage, moveHost, submit } from '../support/page.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { useForm } from '@formcarry/react';
import { createElement as h } from 'react';
import { mount } from '../support/react.mjs';
import { startServer } from '../support/server.mjs';
import { tooMany } from '../support/too_many.mjs';
import { until } from '../support/until.mjs';

let server;
before(async () => {
  server = await startServer({ forms: ['contact', 'closed', 'application', 'busy'] });
  moveHost('https://formcarry.com', server.url);
});
after(async () => {
  await closePage();
  await server?.stop();
});

let state;
function Form({ id, fields, extraData }) {
  const form = useForm({ id, extraData, debug: false });
  state = form.state;
  if (state.submitted) return h('p', { role: 'status' }, state.response.message);
  return h(
    'form',
    { onSubmit: form.submit, noValidate: true },
    fields.map((name) => h('input', { key: name, name, type: name === 'document' ? 'file' : 'text' })),
    state.error && h('p', { role: 'alert' }, state.error.message),
  );
}

async function visit(id, answers, extraData) {
  submit(await mount(Form, { id, extraData, fields: Object.keys(answers) }), answers);
  await until('the answer', () => state.submitted || state.error);
}

const shown = (role) => until(`the ${role}`, () => document.querySelector(`[role=${role}]`)?.textContent);
const codeAt = (field) => state.error.errors.find((error) => error.field === field)?.code;

test('a filled-in form succeeds and is stored with the extra data', async () => {
  const answers = { name: 'Ada', email: 'ada@example.org', message: 'to /s/' };
  await visit('contact', answers, { age: 36 });

  assert.equal(state.submitted, true, JSON.stringify(state.error));
  assert.equal(state.response.code, 200);
  assert.equal(state.response.status, 'success');
  assert.equal(typeof state.response.title, 'string');
  assert.equal(await shown('status'), 'We have your message.');
  const rows = await server.rowsWith('contact', 'message', 'to /s/');
  assert.deepEqual(rows.map((row) => row.answers), [{ ...answers, age: '36' }]);
});

test('a wrong e-mail and an empty message are told apart and nothing is stored', async () => {
  await visit('contact', { name: 'refused', email: 'ada', message: '' });

  assert.equal(state.submitted, false);
  assert.notEqual(state.error.code, 200);
  assert.equal(codeAt('email'), 'TYPE_EMAIL');
  assert.equal(codeAt('message'), 'REQUIRED_FIELD_EMPTY');
  assert.equal(await shown('alert'), state.error.message);
  assert.equal((await server.rowsWith('contact', 'name', 'refused')).length, 0);
});

const refusals = [
  ['an unknown form', 'nosuchform', 'FORM_NOT_FOUND'],
  ['a closed form', 'closed', 'INACTIVE'],
];
for (const [what, id, code] of refusals) {
  test(`${what} is an error with ${code}`, async () => {
    await visit(id, { email: 'ada@example.org' });

    assert.deepEqual(state.error.errors?.map((error) => error.code), [code], JSON.stringify(state.error));
    assert.deepEqual(await server.exportRows('closed', 'ndjson'), []);
  });
}

test('one submission too many is told with how long to wait', async () => {
  for (const submitted of [true, true, false]) {
    await visit('busy', { email: 'ada@example.org', message: 'once more' });
    assert.equal(state.submitted, submitted);
  }
  assert.equal(state.error.code, 429);
  assert.match(await shown('alert'), tooMany);
  assert.equal((await server.exportRows('busy', 'ndjson')).length, 2);
});

test('a chosen file is stored', async () => {
  const email = 'with.file@example.org';
  await visit('application', { email, document: [new File(['a small document'], 'cv.txt', { type: 'text/plain' })] });

  assert.equal(state.submitted, true, JSON.stringify(state.error));
  const [{ files }] = await server.rowsWith('application', 'email', email);
  assert.deepEqual(files.map(({ field, name, size_bytes }) => ({ field, name, size_bytes })), [
    { field: 'document', name: 'cv.txt', size_bytes: 16 },
  ]);
});

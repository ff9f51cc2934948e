// @formspree/core, unmodified and without a page, posts JSON and form data to Formhold.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createClient } from '@formspree/core';
import { startServer } from '../support/server.mjs';
import { tooMany } from '../support/too_many.mjs';

let server;
let send;

before(async () => {
  server = await startServer({ forms: ['contact', 'closed', 'application', 'anything', 'busy'] });
  send = (form, data, client = createClient()) => client.submitForm(form, data, { endpoint: server.url });
});
after(() => server?.stop());

const formData = (entries) => entries.reduce((data, entry) => (data.append(...entry), data), new FormData());

test('an object succeeds as JSON and is stored', async () => {
  const message = 'as JSON, with ü and 🐟';
  const result = await send('contact', { name: 'Ada', email: 'ada@example.org', message });

  assert.equal(result.kind, 'success');
  assert.notEqual(result.next, '');
  const [row, ...more] = await server.rowsWith('contact', 'message', message);
  assert.deepEqual(row.answers, { name: 'Ada', email: 'ada@example.org', message });
  assert.equal(more.length, 0);
});

test('the key of a form names it as well as its slug, also below a project', async () => {
  const { key } = server.forms.contact;
  const message = 'by key, in a project';
  const result = await send(key, { email: 'ada@example.org', message }, createClient({ project: '1234567890' }));

  assert.equal(result.kind, 'success');
  assert.equal((await server.rowsWith('contact', 'message', message)).length, 1);
});

test('form data keeps repeated values in their order', async () => {
  const result = await send('anything', formData([['n', 'repeated'], ['pet', 'cat'], ['pet', 'ant'], ['pet', 'cat']]));

  assert.equal(result.kind, 'success');
  const [row] = await server.rowsWith('anything', 'n', 'repeated');
  assert.deepEqual(row.answers.pet, ['cat', 'ant', 'cat']);
});

test('a file arrives with its name, size and checksum', async () => {
  const email = 'with.file@example.org';
  const content = 'a small document\n';
  const file = new File([content], 'Lebenslauf ü.txt', { type: 'text/plain' });
  const result = await send('application', formData([['email', email], ['document', file]]));

  assert.equal(result.kind, 'success');
  const [row] = await server.rowsWith('application', 'email', email);
  const [{ field, name, size_bytes, sha256 }, ...more] = row.files;
  assert.deepEqual([field, name, size_bytes], ['document', file.name, 17]);
  assert.equal(sha256, createHash('sha256').update(content).digest('hex'));
  assert.equal(more.length, 0);
});

const good = { email: 'ada@example.org', message: 'refused' };
const refusals = [
  ['an e-mail that is none', { ...good, email: 'ada' }, 'email', 'TYPE_EMAIL'],
  ['a required field that is empty', { ...good, email: '' }, 'email', 'REQUIRED_FIELD_EMPTY'],
  ['a required field that is missing', { message: 'refused' }, 'email', 'REQUIRED_FIELD_MISSING'],
  ['a number that is none', { ...good, age: 'old' }, 'age', 'TYPE_NUMERIC'],
];

for (const [what, data, field, code] of refusals) {
  test(`${what} is refused with ${code} at its field`, async () => {
    const error = await send('contact', data);

    assert.equal(error.kind, 'error');
    assert.deepEqual(error.getFieldErrors(field).map((each) => each.code), [code]);
    assert.notEqual(error.getFieldErrors(field)[0].message, '');
    assert.deepEqual(error.getFormErrors(), []);
    assert.equal((await server.rowsWith('contact', 'message', 'refused')).length, 0);
  });
}

test('every wrong field is named at once', async () => {
  const error = await send('contact', { email: 'ada', age: 'old', message: 'refused' });

  assert.deepEqual(error.getAllFieldErrors().map(([field]) => field), ['email', 'age']);
});

test('a rule that the client has no code for still shows its message at the field', async () => {
  const error = await send('contact', { email: 'ada@example.org', message: 'hi' });

  const [{ code, message }] = error.getFieldErrors('message');
  assert.equal(code, 'UNSPECIFIED');
  assert.notEqual(message, '');
  assert.equal((await server.rowsWith('contact', 'message', 'hi')).length, 0);
});

test('one submission too many is refused with a sentence that says how long to wait', async () => {
  const data = { email: 'ada@example.org', message: 'once more' };
  const kinds = [(await send('busy', data)).kind, (await send('busy', data)).kind];
  const error = await send('busy', data);

  assert.deepEqual([...kinds, error.kind], ['success', 'success', 'error']);
  const [{ message }, ...more] = error.getFormErrors();
  assert.match(message, tooMany);
  assert.deepEqual([more, error.getAllFieldErrors()], [[], []]);
  assert.equal((await server.exportRows('busy', 'ndjson')).length, 2);
});

const email = ['email', 'refused@example.org'];
const file = (size) => ['document', new File(['x'.repeat(size)], 'x.txt', { type: 'text/plain' })];
const formRefusals = [
  ['an unknown form', 'nosuchform', { message: 'refused' }, 'FORM_NOT_FOUND'],
  ['a closed form', 'closed', { message: 'refused' }, 'INACTIVE'],
  ['a submission without anything', 'anything', {}, 'EMPTY'],
  ['a file that is too big', 'application', [email, file(1025)], 'FILES_TOO_BIG'],
  ['one file too many', 'application', [email, file(1), file(2)], 'TOO_MANY_FILES'],
  ['a file for a form without files', 'contact', [email, ['message', 'refused'], file(1)], 'NO_FILE_UPLOADS'],
];

for (const [what, form, data, code] of formRefusals) {
  test(`${what} is refused with ${code}`, async () => {
    const error = await send(form, Array.isArray(data) ? formData(data) : data);

    assert.equal(error.kind, 'error');
    assert.deepEqual(error.getFormErrors().map((each) => each.code), [code]);
    assert.notEqual(error.getFormErrors()[0].message, '');
    assert.deepEqual(error.getAllFieldErrors(), []);
    if (form in server.forms) assert.deepEqual(await refusedRows(form), []);
  });
}

const refusedRows = async (form) =>
  (await server.exportRows(form, 'ndjson')).filter((row) => /refused|^$/.test(Object.values(row.answers).join('')));

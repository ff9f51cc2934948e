// @web3forms/react, unmodified, with nothing but its host sent to Formhold.
import { closePage, moveHost, submit } from '../support/page.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import useWeb3Forms from '@web3forms/react';
import { createElement as h } from 'react';
import { mount } from '../support/react.mjs';
import { startServer } from '../support/server.mjs';
import { tooMany } from '../support/too_many.mjs';

let server;
before(async () => {
  server = await startServer({ forms: ['contact', 'closed', 'anything', 'busy'] });
  moveHost('https://api.web3forms.com', server.url);
});
after(async () => {
  await closePage();
  await server?.stop();
});

function Form({ accessKey, settings, answers, done }) {
  const { submit: send } = useWeb3Forms({
    access_key: accessKey,
    settings,
    onSuccess: (message, data) => done({ success: message, data }),
    onError: (message, data) => done({ error: message, data }),
  });
  const onSubmit = (event) => {
    event.preventDefault();
    send(answers).catch((failure) => done({ failure }));
  };
  return h('form', { onSubmit });
}

const visit = (accessKey, answers, settings) =>
  new Promise((done, reject) => {
    mount(Form, { accessKey, settings, answers, done }).then((form) => submit(form, {}), reject);
  });
const codeAt = (outcome, field) => outcome.data.errors.find((error) => error.field === field)?.code;

test('a submission succeeds, shows the form’s message, and is stored without the control fields', async () => {
  const answers = { name: 'Ada', email: 'ada@example.org', message: 'by access key' };
  const settings = { from_name: 'The site', subject: 'A new message' };
  const outcome = await visit(server.forms.contact.key, answers, settings);

  assert.equal(outcome.success, 'We have your message.', JSON.stringify(outcome));
  assert.equal(outcome.data.success, true);
  const rows = await server.rowsWith('contact', 'message', 'by access key');
  assert.deepEqual(rows.map((row) => [row.answers, row.undeclared ?? {}]), [[answers, {}]]);
});

test('booleans, numbers and lists of a JSON body are kept as text', async () => {
  const outcome = await visit('anything', { n: 'scalars', yes: true, no: false, half: 0.5, tags: ['a', 'b'] });

  assert.equal(outcome.data.success, true, JSON.stringify(outcome));
  const [row] = await server.rowsWith('anything', 'n', 'scalars');
  assert.deepEqual(row.answers, { n: 'scalars', yes: 'true', no: 'false', half: '0.5', tags: ['a', 'b'] });
});

test('a wrong e-mail and a missing message reach the error callback and nothing is stored', async () => {
  const outcome = await visit(server.forms.contact.key, { name: 'refused', email: 'ada' });

  assert.ok(outcome.error, JSON.stringify(outcome));
  assert.equal(outcome.data.success, false);
  assert.equal(codeAt(outcome, 'email'), 'TYPE_EMAIL');
  assert.equal(codeAt(outcome, 'message'), 'REQUIRED_FIELD_MISSING');
  assert.equal((await server.rowsWith('contact', 'name', 'refused')).length, 0);
});

test('one submission too many reaches the error callback with how long to wait', async () => {
  const { key } = server.forms.busy;
  const answers = { email: 'ada@example.org', message: 'once more' };
  const outcomes = [await visit(key, answers), await visit(key, answers), await visit(key, answers)];

  assert.deepEqual(outcomes.map(({ data }) => data.success), [true, true, false]);
  assert.match(outcomes[2].error, tooMany);
  assert.equal((await server.exportRows('busy', 'ndjson')).length, 2);
});

const unknown = '00000000-0000-4000-8000-000000000000';
const refusals = [
  ['an unknown access key', unknown, 'FORM_NOT_FOUND'],
  ['a closed form', 'closed', 'INACTIVE'],
];
for (const [what, form, code] of refusals) {
  test(`${what} reaches the error callback with ${code}`, async () => {
    const outcome = await visit(server.forms[form]?.key ?? form, { message: 'refused' });

    assert.ok(outcome.error, JSON.stringify(outcome));
    assert.deepEqual(outcome.data.errors.map((error) => error.code), [code]);
    assert.deepEqual(await server.exportRows('closed', 'ndjson'), []);
  });
}

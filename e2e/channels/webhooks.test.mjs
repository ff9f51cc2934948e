// Our signatures, checked by the published libraries of Standard Webhooks for JavaScript and Python.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { send, startPython } from '../support/channels.mjs';

let python;
let receiver;
let url;
const requests = [];
before(async () => {
  python = await startPython();
  receiver = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.end('thanks');
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${receiver.address().port}/hook`;
});
after(async () => {
  receiver?.close();
  await python?.stop();
});

async function receive(config = {}, more = {}) {
  requests.length = 0;
  const message = { answers: [['name', 'Ada ✓'], ['message', 'ä\n"\\ \u0000 end']] };
  const sent = await send({ channel: 'webhook', config: { url, ...config }, allow_networks: ['127.0.0.1/32'], message, ...more });
  assert.deepEqual([sent.reports[0].outcome, sent.reports[0].answer], ['delivered', 'thanks']);
  return { ...requests[0], config: sent.config };
}

/** True where both libraries take it; false where both refuse it. */
async function verify({ secret, body, headers }) {
  let javascript = true;
  try {
    new Webhook(secret).verify(body, headers);
  } catch {
    javascript = false;
  }
  const chosen = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('webhook-')));
  const answer = await python.verify({ secret, body, headers: chosen });
  assert.equal(javascript, answer === true, `they disagree: ${javascript} and ${answer}`);
  return javascript;
}

test('both libraries take what we sign', async () => {
  const { headers, body, config } = await receive();
  assert.equal(await verify({ secret: config.secret, body, headers }), true);
  assert.equal(JSON.parse(body).data.fields.message, 'ä\n"\\ \u0000 end');
});

test('a secret of the receiver\'s own is taken', async () => {
  const secret = `whsec_${Buffer.alloc(64, 7).toString('base64')}`;
  const { headers, body } = await receive({ secret });
  assert.equal(await verify({ secret, body, headers }), true);
});

test('both libraries refuse another secret, another body, another id and another time', async () => {
  const { headers, body, config } = await receive();
  const { secret } = config;
  const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
  assert.equal(await verify({ secret: other, body, headers }), false);
  assert.equal(await verify({ secret, body: body.replace('Ada', 'Eve'), headers }), false);
  assert.equal(await verify({ secret, body, headers: { ...headers, 'webhook-id': 'msg_other' } }), false);
  const timestamp = String(Number(headers['webhook-timestamp']) - 1);
  assert.equal(await verify({ secret, body, headers: { ...headers, 'webhook-timestamp': timestamp } }), false);
});

test('during a change both libraries take the old and the new secret', async () => {
  const { headers, body, config } = await receive({}, { rotate: true });
  assert.notEqual(config.secret, config.old_secret);
  for (const secret of [config.secret, config.old_secret]) {
    assert.equal(await verify({ secret, body, headers }), true);
  }
});

test('the id stays the same over tries', async () => {
  await receive({}, { times: 2 });
  assert.equal(requests.length, 2);
  assert.equal(requests[0].headers['webhook-id'], requests[1].headers['webhook-id']);
  assert.equal(requests[0].body, requests[1].body);
});

// An editor sets up a webhook, tries it out, sees what arrived and what failed, and sends it again, in a real browser;
// the receiver checks the signatures with the library of Standard Webhooks.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { signIn, startAccountServer } from '../support/account_server.mjs';
import { startBrowser } from '../support/chromium.mjs';
import { watch } from '../support/harm.mjs';
import { until } from '../support/until.mjs';

const axe = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
/** Where pictures of the pages go, for who wants to look at them. */
const looksAt = process.env.FORMHOLD_TEST_SCREENSHOTS;

/** A receiver that answers with `statuses`, then 200, and keeps what it got. */
async function startReceiver() {
  const arrived = [];
  const statuses = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    arrived.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    const status = statuses.shift() ?? 200;
    response.writeHead(status).end(status === 200 ? 'thank you' : '<b>no such table</b>');
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const stop = () => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  });
  return { url: `http://127.0.0.1:${server.address().port}/hook`, arrived, statuses, stop };
}

let receiver;
let server;
let browser;
let form;
before(async () => {
  receiver = await startReceiver();
  server = await startAccountServer({ settings: { FORMHOLD_OUTBOUND__ALLOW_NETWORKS: '127.0.0.0/8' } });
  form = await server.importForm({ name: 'Contact', slug: 'contact', fields: [{ name: 'name', type: 'text', label: 'Your name' }] });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await receiver?.stop();
});

/** Looks at the page in all sizes and colours: no wider than its screen, and nothing that axe has against it. */
async function look(page, name) {
  await page.evaluate(axe);
  for (const width of [360, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const widest = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(widest <= width, `${name} is ${widest} px wide on a screen of ${width} px`);
      const violations = await page.evaluate(async () => (await globalThis.axe.run()).violations);
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${name} at ${width} px in ${colorScheme}`);
      if (looksAt) await page.screenshot({ path: join(looksAt, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
}

async function submit(name) {
  const body = new URLSearchParams({ name });
  const reply = await fetch(`${server.url}/f/contact`, { method: 'POST', body, headers: { accept: 'application/json' } });
  assert.equal(reply.status, 200);
}

/** Loads the page again until it shows the text. */
const untilShown = (page, text) => until(`"${text}" on the page`, async () => {
  await page.reload();
  return (await page.getByText(text).count()) > 0;
});

test('a webhook is set up, tried out, told of a submission, and told again of one that failed', async () => {
  const page = await browser.open({ viewport: { width: 1280, height: 800 } });
  const harm = await watch(page);
  await signIn(page, server.url);
  await page.goto(`${server.url}/admin/forms/${form.id}/delivery`);
  await page.getByText('Nobody yet: submissions lie in the inbox only.').waitFor();
  await look(page, 'channels-none');
  await page.getByRole('link', { name: 'Add Webhook' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Our CRM');
  await page.getByLabel('Address', { exact: true }).fill('http://10.0.0.1/');
  await page.getByLabel(/^Signing secret/).fill('too short');
  await page.getByRole('button', { name: 'Add the channel' }).click();
  await page.getByRole('alert').getByText(/^Signing secret must be/).waitFor();
  assert.equal(await page.getByLabel('Address', { exact: true }).inputValue(), 'http://10.0.0.1/');
  await look(page, 'channel-wrong');
  await page.getByLabel('Address', { exact: true }).fill(receiver.url);
  await page.getByRole('button', { name: 'Add the channel' }).click();
  const secret = await page.getByRole('textbox', { name: 'Signing secret' }).inputValue();
  assert.match(secret, /^whsec_/);
  await look(page, 'channel-secret');
  await page.getByRole('link', { name: 'I have kept it' }).click();

  const webhook = new Webhook(secret);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByText('It arrived.').waitFor();
  assert.equal(webhook.verify(receiver.arrived[0].body, receiver.arrived[0].headers).type, 'channel.test');
  receiver.statuses.push(500);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByRole('alert').getByText('The receiver answered 500.').waitFor();
  await look(page, 'channel-tried');

  await submit('Ada');
  await until('the submission', () => receiver.arrived.length === 3);
  const told = webhook.verify(receiver.arrived[2].body, receiver.arrived[2].headers);
  assert.deepEqual(told.data.fields, { name: 'Ada' });
  await page.getByRole('link', { name: 'Deliveries' }).click();
  await untilShown(page, 'Arrived');

  receiver.statuses.push(500);
  await submit('Otto');
  await until('the next submission', () => receiver.arrived.length === 4);
  await untilShown(page, /^Next try/);
  await look(page, 'deliveries');
  await page.getByRole('table').getByRole('link').filter({ has: page.locator('time') }).first().click();
  await page.getByText('<b>no such table</b>').waitFor();
  await look(page, 'delivery');
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByText('It is sent again now.').waitFor();
  await untilShown(page, 'Succeeded');
  const [first, second] = receiver.arrived.slice(3);
  assert.equal(second.headers['webhook-id'], first.headers['webhook-id']);
  assert.equal(second.body, first.body);
  webhook.verify(second.body, second.headers);
  await page.goto(`${server.url}/admin/forms/${form.id}/delivery`);
  await page.getByText(/^Last arrived/).waitFor();
  await look(page, 'channels');

  await page.getByRole('button', { name: 'Switch off Our CRM' }).click();
  await page.getByText('The channel is off: nothing is sent by it.').waitFor();
  await page.getByRole('link', { name: 'Our CRM', exact: true }).click();
  await page.getByRole('link', { name: 'Delete…' }).click();
  await look(page, 'channel-delete');
  await page.getByRole('button', { name: 'Delete the channel' }).click();
  await page.getByText('The channel was deleted.').waitFor();
  assert.deepEqual(harm, []);
});

test('an administrator looks at jobs and runs a schedule', async () => {
  const page = await browser.open({ viewport: { width: 1280, height: 800 } });
  const harm = await watch(page);
  await signIn(page, server.url);
  await page.goto(`${server.url}/admin/jobs`);
  await page.getByRole('button', { name: 'Run now Trim the audit trail' }).click();
  await page.getByText('It has begun.').waitFor();
  await untilShown(page, /removed \d+ entries/);
  await look(page, 'jobs');
  await page.getByRole('table', { name: 'Jobs, newest first' }).getByRole('link').first().click();
  await page.getByText('Succeeded').waitFor();
  await look(page, 'job');
  assert.deepEqual(harm, []);
});

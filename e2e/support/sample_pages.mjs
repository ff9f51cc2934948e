// Serves the pages of people who sign in with sample data, under their real policy, from the example `pages` of
// crates/web; what they post to is answered by the test.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const types = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };
const picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="3" fill="teal"/></svg>';

/**
 * Resolves with `{ url, names, answers, stop }`. `names` are those of the pages, as `login.usual`, each at
 * `/NAME.html`. `answers` may be filled by a test: by path, a function from a request's `{ headers, body }` to what is
 * answered as JSON, or to `{ status, json }`.
 */
export async function serveSamples() {
  const folder = await mkdtemp(join(tmpdir(), 'formhold-pages-'));
  await run(process.env.FORMHOLD_PAGES_BIN ?? (await build()), [folder]);
  const policy = await readFile(join(folder, 'policy.txt'), 'utf8');
  const answers = {};
  const answer = async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const send = (status, type, body) =>
      response.writeHead(status, { 'content-type': type, 'content-security-policy': policy }).end(body);
    if (path in answers) {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const reply = await answers[path]({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      return send(reply.status ?? 200, 'application/json', JSON.stringify(reply.json ?? reply));
    }
    if (path.startsWith('/account/picture/')) return send(200, types['.svg'], picture);
    const body = await readFile(join(folder, path)).catch(() => null);
    return send(body === null ? 404 : 200, types[extname(path)] ?? 'text/plain', body ?? 'not found');
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(error.message));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const names = (await readdir(folder)).filter((name) => name.endsWith('.html')).map((name) => name.slice(0, -5)).sort();
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  };
  return { url: `http://127.0.0.1:${server.address().port}`, names, answers, stop };
}

async function build() {
  const args = ['build', '--quiet', '-p', 'formhold-web', '--example', 'pages', '--message-format=json'];
  const { stdout } = await run('cargo', args, { cwd: root, maxBuffer: 64 << 20 });
  const messages = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return messages.findLast((message) => message.executable).executable;
}

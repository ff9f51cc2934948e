// A small Formhold: the page script, real challenges, and a form that says what is thought of the answer.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'";
const asset = (name) => readFile(new URL(`../../crates/web/static/${name}`, import.meta.url));

/** A page with a form that posts to `action`; `script` are the attributes of the page script. */
export const page = ({ action = '/f/contact', script = 'src="/static/altcha.js"', fields = '' } = {}) => `<!doctype html>
<html lang="en"><title>Contact</title><script type="module" ${script}></script>
<form method="post" action="${action}">
<label>Message <input name="message" required></label>${fields}
<button name="how" value="send">Send</button>
</form></html>`;

/**
 * Resolves with `{ url, posts, asked, changes, stop }`. `posts` are the submissions as they came, each with its
 * `verdict`; `asked` the paths of challenges that were asked for. `changes` may be set by a test: `challenge` are
 * options of the next challenges, `wait` a promise that they wait for, `status` what they are answered with.
 */
export async function serveAltcha(ours, pages = {}) {
  const posts = [];
  const asked = [];
  const changes = {};
  const answer = async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const send = (status, type, body) => response
      .writeHead(status, { 'content-type': type, 'content-security-policy': policy, 'access-control-allow-origin': '*' })
      .end(body);
    if (pathname.startsWith('/static/')) return send(200, 'text/javascript', await asset(pathname.slice('/static/'.length)));
    if (pathname.endsWith('/challenge')) {
      asked.push(pathname);
      await changes.wait;
      if (changes.status) return send(changes.status, 'text/plain', 'no');
      return send(200, 'application/json', JSON.stringify(await ours.challenge(changes.challenge)));
    }
    if (request.method === 'POST') {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const fields = new URLSearchParams(Buffer.concat(chunks).toString());
      posts.push({ fields, verdict: await ours.verify(fields.get('altcha') ?? '') });
      return send(200, 'text/html', '<!doctype html><title>Thanks</title><h1>Thank you</h1>');
    }
    return send(pathname in pages ? 200 : 404, 'text/html; charset=utf-8', pages[pathname] ?? '');
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(error.message));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, posts, asked, changes, stop };
}

// Serves a folder of static files on loopback, as a web host would: an origin other than Formhold's.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.jpg': 'image/jpeg', '.woff2': 'font/woff2',
};

/** `pages` are texts by path, shown in place of files; resolves with `{ url, stop }`. */
export async function serveFolder(folder, pages = {}) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const body = pages[path] ?? (await readFile(join(folder, path)).catch(() => null));
    const headers = { 'content-type': types[extname(path)] ?? 'application/octet-stream' };
    response.writeHead(body === null ? 404 : 200, headers).end(body ?? 'not found');
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, stop };
}

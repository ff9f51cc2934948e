// Gives each server a database of its own: a SQLite file, or one on the test MySQL server.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Returns `{ url, drop }`; with FORMHOLD_TEST_MYSQL_URL set, the client `mariadb` makes and drops the database. */
export async function createDatabase(folder) {
  const template = process.env.FORMHOLD_TEST_MYSQL_URL;
  if (!template) return { url: `sqlite://${join(folder, 'formhold.db')}`, drop: async () => {} };

  const name = `formhold_e2e_${randomBytes(6).toString('hex')}`;
  const url = new URL(template);
  url.pathname = `/${name}`;
  await execute(url, `CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  return { url: url.href, drop: () => execute(url, `DROP DATABASE ${name}`) };
}

function execute(url, sql) {
  const socket = url.searchParams.get('socket');
  const where = socket ? [`--socket=${socket}`] : [`--host=${url.hostname}`, `--port=${url.port || 3306}`, '--protocol=tcp'];
  const user = `--user=${decodeURIComponent(url.username)}`;
  const env = { ...process.env, MYSQL_PWD: decodeURIComponent(url.password) };
  return run('mariadb', ['--no-defaults', ...where, user, '--execute', sql], { env });
}

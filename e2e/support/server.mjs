// Runs the real Formhold binary in a folder of its own and reads back what it stored.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { createDatabase } from './database.mjs';
import { until } from './until.mjs';

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const binary = process.env.FORMHOLD_BIN ?? here('../../target/debug/formhold');

/**
 * Starts a server with the forms of these names (files in `forms/`); `settings` are more environment variables. One with
 * a `movableClock` is told by `moveClock(seconds)` how far ahead its clock is.
 */
export async function startServer({ forms, settings = {}, movableClock = false }) {
  const folder = await mkdtemp(join(tmpdir(), 'formhold-e2e-'));
  const files = join(folder, 'files');
  const database = await createDatabase(folder);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...surroundings(),
    FORMHOLD_SERVER__LISTEN: `127.0.0.1:${port}`,
    FORMHOLD_SERVER__PUBLIC_URL: url,
    FORMHOLD_DATABASE__URL: database.url,
    FORMHOLD_FILES__URL: `file://${files}`,
    // All clients of a test have one address.
    FORMHOLD_LIMITS__SUBMISSIONS: 'off',
    ...settings,
  };
  const clock = join(folder, 'clock');
  const moveClock = async (seconds) => {
    // The clock is read all the time, and must never be found half written.
    await writeFile(`${clock}.new`, `+${seconds}`);
    await rename(`${clock}.new`, clock);
  };
  if (movableClock) {
    await moveClock(0);
    Object.assign(env, {
      // The loader puts the machine's own folder for $LIB.
      LD_PRELOAD: '/usr/$LIB/faketime/libfaketimeMT.so.1',
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    });
  }
  const formhold = async (...args) => (await run(binary, args, { cwd: folder, env })).stdout;
  const node = serve(folder, env);

  const stop = async () => {
    await node.stop();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  };

  const exportFile = async (form, format, ...options) => {
    const file = join(folder, `${form}.${format}`);
    await formhold('export', '--form', form, '--format', format, '-o', file, ...options);
    return file;
  };

  const exportRows = async (form, format, ...options) => {
    const text = await readFile(await exportFile(form, format, ...options), 'utf8');
    if (format === 'csv') return parse(text, { columns: true, bom: true });
    if (format === 'json') return JSON.parse(text);
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  };

  const importForm = async (definition) => {
    const file = join(folder, `${definition.slug}.json`);
    await writeFile(file, JSON.stringify(definition));
    return JSON.parse(await formhold('form', 'import', file, '--json'))[0];
  };

  const storedFile = async (id) => {
    const names = await readdir(files, { recursive: true });
    return readFile(join(files, names.find((name) => basename(name).startsWith(id))));
  };

  try {
    await until('/readyz', () => node.check() ?? isReady(`${url}/readyz`), { timeoutMs: 30_000 });
    const imported = {};
    for (const form of forms) {
      [imported[form]] = JSON.parse(await formhold('form', 'import', here(`../forms/${form}.toml`), '--json'));
    }
    const rows = { exportFile, exportRows, rowsWith: rowsWith(exportRows) };
    return { url, forms: imported, formhold, importForm, ...rows, storedFile, moveClock, stop };
  } catch (cause) {
    await stop();
    throw new Error(`the server did not start: ${cause.message}\n${node.log()}`, { cause });
  }
}

/** The stored rows of a form in which this answer has this value. */
const rowsWith = (exportRows) => async (form, field, value) =>
  (await exportRows(form, 'ndjson')).filter((row) => row.answers[field] === value);

function serve(folder, env) {
  const child = spawn(binary, ['serve'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  let failure;
  child.stdout.on('data', (chunk) => (log += chunk));
  child.stderr.on('data', (chunk) => (log += chunk));
  const gone = new Promise((resolve) => {
    child.once('error', (error) => resolve((failure = error)));
    child.once('exit', (code, signal) => resolve((failure = new Error(`formhold ended early (${signal ?? code})`))));
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  return {
    log: () => log,
    check: () => {
      if (failure) throw failure;
    },
    stop: async () => {
      child.kill('SIGTERM');
      const overdue = setTimeout(kill, 15_000);
      await gone;
      clearTimeout(overdue);
      process.removeListener('exit', kill);
    },
  };
}

// Not `fetch`: a page in this process puts its own, which obeys CORS, in its place.
function isReady(url) {
  return new Promise((resolve) => {
    http
      .get(url, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      })
      .once('error', () => resolve(false));
  });
}

/** This process' environment without settings of Formhold, which are the test's to give. */
function surroundings() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FORMHOLD_')));
}

/** A port that nobody listens on, for who must know it before the program starts. */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

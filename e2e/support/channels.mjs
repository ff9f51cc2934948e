// Runs the example `channels` of crates/channels: our side of mail and webhooks, without a server.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const here = (path) => fileURLToPath(new URL(`../channels/${path}`, import.meta.url));

let binary;

/** Sends a message; builds the example where FORMHOLD_CHANNELS_BIN names none. Resolves with `{ reports, config }`. */
export async function send(task) {
  binary ??= process.env.FORMHOLD_CHANNELS_BIN ?? (await build());
  return JSON.parse(await answer(binary, [], task));
}

async function build() {
  const args = ['build', '--quiet', '-p', 'formhold-channels', '--example', 'channels', '--message-format=json'];
  const { stdout } = await run('cargo', args, { cwd: root, maxBuffer: 64 << 20 });
  const messages = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return messages.findLast((message) => message.executable).executable;
}

async function answer(program, args, input) {
  const process = run(program, args);
  process.child.stdin.end(JSON.stringify(input));
  return (await process).stdout;
}

/** Python with what the tests need, in a throw-away venv. */
export async function startPython() {
  const folder = await mkdtemp(join(tmpdir(), 'formhold-channels-'));
  const python = join(folder, 'bin', 'python');
  await run('python3', ['-m', 'venv', folder]);
  const quiet = ['--quiet', '--disable-pip-version-check'];
  await run(python, ['-m', 'pip', 'install', ...quiet, '-r', here('requirements.txt')]);
  return {
    /** Checks a webhook: true, or why not. */
    verify: async (request) => JSON.parse(await answer(python, [here('verify.py')], request)),
    /** A mail server: `{ port, authority, mails, stop }`. */
    mailServer: (options) => startMailServer(python, options),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

async function startMailServer(python, { tls = 'none', login = null, host = 'localhost' } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'formhold-mail-'));
  const wanted = JSON.stringify({ tls, login, host, folder });
  const child = spawn(python, [here('smtp_server.py'), wanted], { stdio: ['pipe', 'pipe', 'ignore'] });
  const mails = [];
  const lines = createInterface({ input: child.stdout });
  const first = new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the mail server did not start')));
    lines.once('line', (line) => {
      resolve(JSON.parse(line));
      lines.on('line', (mail) => mails.push(JSON.parse(mail)));
    });
  });
  const stop = async () => {
    if (child.exitCode === null) {
      child.stdin.end();
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  return { ...(await first), mails, stop };
}

// Runs the example `identity` of crates/identity: what a server would do with it, order by order.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

const defaults = {
  password_memory_kib: 19456, password_passes: 2, password_lanes: 1, password_hashing_at_once: 0,
  oidc_timeout_ms: 10_000, oidc: {},
};

/**
 * Starts it with settings; builds it where FORMHOLD_IDENTITY_BIN names none. Resolves with `{ ask, stop }`: `ask` takes
 * an order's name and what belongs to it, and resolves with the answer.
 */
export async function startIdentity(settings, publicUrl = 'https://forms.example.org') {
  const binary = process.env.FORMHOLD_IDENTITY_BIN ?? (await build());
  const child = spawn(binary, [JSON.stringify({ ...defaults, ...settings }), publicUrl], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (order, parts = {}) => {
    child.stdin.write(`${JSON.stringify({ do: order, ...parts })}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`the example ended at ${order}`);
    return JSON.parse(value);
  };
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.stdin.end();
    await once(child, 'exit');
  };
  return { ask, stop };
}

async function build() {
  const args = ['build', '--quiet', '-p', 'formhold-identity', '--example', 'identity', '--message-format=json'];
  const { stdout } = await run('cargo', args, { cwd: root, maxBuffer: 64 << 20 });
  const messages = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return messages.findLast((message) => message.executable).executable;
}

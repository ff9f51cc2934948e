// Runs the example `altcha` of crates/captcha: our side of the proof of work, without a server.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the example where FORMHOLD_ALTCHA_BIN names none; resolves with what it can do. */
export async function ourAltcha() {
  const binary = process.env.FORMHOLD_ALTCHA_BIN ?? (await build());
  const ask = async (args, input = '') => {
    const running = run(binary, args);
    // What reads nothing may be gone before this is written.
    running.child.stdin.on('error', () => {}).end(input);
    return (await running).stdout.trim();
  };
  return {
    /** A challenge, parsed. */
    challenge: async ({ version = 2, cost = 20, lifetimeSeconds = 1200 } = {}) =>
      JSON.parse(await ask(['challenge', `${version}`, `${cost}`, `${lifetimeSeconds}`])),
    /** Solves a challenge and resolves with the answer as it is put into the form. */
    solve: (challenge) => ask(['solve'], JSON.stringify(challenge)),
    /** The verdict on such an answer: `{ passed, code, reason, replayKey }`. */
    verify: async (token, { leastCost = 0 } = {}) => JSON.parse(await ask(['verify', `${leastCost}`], token)),
    /** What signs our challenges: `{ version1, version2, solution }`. */
    secrets: async () => JSON.parse(await ask(['secrets'])),
  };
}

/** The answer as it is put into the form. */
export const tokenOf = (answer) => Buffer.from(JSON.stringify(answer)).toString('base64');

async function build() {
  const args = ['build', '--quiet', '-p', 'formhold-captcha', '--example', 'altcha', '--message-format=json'];
  const { stdout } = await run('cargo', args, { cwd: root, maxBuffer: 64 << 20 });
  const messages = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return messages.findLast((message) => message.executable).executable;
}

// Our proof of work against two Python libraries: the vendor's, and a solver that robots might use.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ourAltcha } from '../support/altcha.mjs';
import { startGuardedServer } from '../support/guarded_server.mjs';

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

let ours;
let server;
let folder;
before(async () => {
  ours = await ourAltcha();
  server = await startGuardedServer();
  folder = await mkdtemp(join(tmpdir(), 'formhold-altcha-'));
  await run('python3', ['-m', 'venv', folder]);
  await run(python(), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', here('requirements.txt')]);
});
after(async () => {
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const python = () => join(folder, 'bin', 'python');

async function ask(request) {
  const process = run(python(), [here('peer.py')]);
  process.child.stdin.end(JSON.stringify(request));
  return JSON.parse((await process).stdout);
}

for (const version of [1, 2]) {
  for (const action of ['solve', 'solve_with_solver']) {
    test(`we take what their ${action} makes of our challenge of version ${version}`, async () => {
      const cost = 10;
      const token = await ask({ action, challenge: await ours.challenge({ version, cost }) });
      const verdict = await ours.verify(token, { leastCost: cost });
      assert.equal(verdict.passed, true, JSON.stringify(verdict));
      assert.equal((await ours.verify(token, { leastCost: cost + 1 })).code, 'too_cheap');
    });

    test(`their ${action} opens a form of a real server once, with version ${version}`, async () => {
      const altcha = await ask({ action, challenge: await server.challenge(version) });
      const message = `${action}, version ${version}`;
      assert.deepEqual(await server.post(message, { altcha }), { status: 200, codes: [] });
      assert.deepEqual(await server.post(message, { altcha }), { status: 422, codes: ['CAPTCHA_EXPIRED'] });
      assert.deepEqual(await server.stored(message), ['inbox']);
    });
  }

  test(`they take our answer to our challenge of version ${version}, and not an altered one`, async () => {
    const token = await ours.solve(await ours.challenge({ version, cost: 10 }));
    const secrets = await ours.secrets();
    assert.equal(await ask({ action: 'verify', token, secrets, version }), true);
    const altered = Buffer.from(token, 'base64').toString().replace('"signature":"', '"signature":"0');
    const wrong = Buffer.from(altered).toString('base64');
    assert.equal(await ask({ action: 'verify', token: wrong, secrets, version }), false);
    assert.equal((await ours.verify(wrong)).code, 'altered');
  });
}

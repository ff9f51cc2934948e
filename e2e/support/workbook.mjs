// Reads workbooks with openpyxl, in a throw-away venv.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('read_workbook.py', import.meta.url));

/** Resolves with `{ read(file), stop }`; `read` gives the rows of each sheet by its name. */
export async function workbookReader() {
  const folder = await mkdtemp(join(tmpdir(), 'formhold-workbook-'));
  const python = join(folder, 'bin', 'python');
  await run('python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'openpyxl==3.1.5']);
  const read = async (file) => JSON.parse((await run(python, [script, file], { maxBuffer: 1 << 28 })).stdout);
  return { read, stop: () => rm(folder, { recursive: true, force: true }) };
}

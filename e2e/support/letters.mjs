// Mails about accounts, as they lie in their folder.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.mjs';

/** A new folder: `{ settings, linkIn, remove }`; `settings` make a server keep its mails there. */
export async function letterFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'formhold-letters-'));
  const read = async () => {
    const names = (await readdir(folder)).sort();
    return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  };
  return {
    settings: { FORMHOLD_MAIL__FOLDER: folder },
    /** Resolves with the link of the newest mail to this address with this subject, when there is one. */
    linkIn: (to, subject) => until(`the mail "${subject}"`, async () => {
      const head = `To: ${to}\nSubject: ${subject}\n`;
      const letter = (await read()).findLast((text) => text.startsWith(head) && text.endsWith('.\n'));
      return letter?.match(/https?:\/\/\S+/)[0];
    }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

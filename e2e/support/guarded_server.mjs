// A server with two forms that ask for the built-in proof of work, `guarded` and `other`, and scripts that post to them.
import { askUs, quickWork } from './protected_forms.mjs';
import { startServer } from './server.mjs';

/** What `startServer` resolves with, and `challenge`, `post` and `stored`. */
export async function startGuardedServer(options) {
  const server = await startServer({ forms: [], settings: quickWork, ...options });
  for (const slug of ['guarded', 'other']) await server.importForm(askUs(slug, { captcha: { when: 'always' } }));
  return {
    ...server,
    /** A challenge of the form, as its address hands it out. */
    challenge: async (version = 2, form = 'guarded') => {
      const query = version === 2 ? '' : `?version=${version}`;
      return (await fetch(`${server.url}/f/${form}/challenge${query}`)).json();
    },
    /** Posts a message and the answer to a captcha as a script does; resolves with `{ status, codes }`. */
    post: async (message, answer, form = 'guarded') => {
      const body = new URLSearchParams({ email: 'ada@example.org', message, ...answer });
      const reply = await fetch(`${server.url}/f/${form}`, { method: 'POST', body, headers: { accept: 'application/json' } });
      const { errors = [] } = await reply.json();
      return { status: reply.status, codes: errors.map(({ code }) => code) };
    },
    /** The folders that submissions with this message are in, of both forms. */
    stored: async (message) => {
      const rows = await Promise.all(['guarded', 'other'].map((form) => server.rowsWith(form, 'message', message)));
      return rows.flat().map((row) => row.state);
    },
  };
}

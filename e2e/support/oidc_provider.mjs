// A real provider of OpenID Connect on loopback, and a person who signs in there without a browser.
import { generateKeyPairSync } from 'node:crypto';
import { createServer, get } from 'node:http';
import Provider from 'oidc-provider';

/** Where the provider sends people back to. Nothing listens there; the tests read the address. */
export const redirectUrl = 'https://forms.example.org/sign-in/oidc/real';

const kinds = [
  ['rsa', { modulusLength: 2048 }, { alg: 'RS256' }],
  ['rsa', { modulusLength: 2048 }, { alg: 'PS256' }],
  ['ec', { namedCurve: 'P-256' }, { alg: 'ES256' }],
  ['ec', { namedCurve: 'P-384' }, { alg: 'ES384' }],
  ['ed25519', {}, { alg: 'EdDSA' }],
];

/** Algorithms that the provider has keys for. */
export const algorithms = kinds.map(([, , { alg }]) => alg);

const newKeys = () => {
  const keys = kinds.map(([kind, options, known]) => ({
    ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), ...known, use: 'sig',
  }));
  return { keys };
};

/**
 * Starts a provider. `accounts` are claims by account id, `clients` further clients by their metadata. On the `port` of
 * one that was stopped, it is the same provider with new keys. Resolves with `{ issuer, port, signIn, become, stop }`.
 */
export async function startProvider({ accounts, clients, port = 0, settings = {} }) {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: clients.map((client) => ({ redirect_uris: [redirectUrl], ...client })),
    jwks: newKeys(),
    cookies: { keys: ['a key for tests'] },
    enabledJWA: { idTokenSigningAlgValues: algorithms },
    claims: { email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId, ...accounts[accountId] }) }),
    ...settings,
  });
  let person;
  const handle = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return handle(request, response);
    interact(provider, person, request, response).catch((error) => response.writeHead(500).end(`${error.stack}`));
  });
  /** The person goes to the address; resolves with what they come back with. Without an account they decline. */
  const signIn = async (url, accountId) => {
    person = accountId;
    return walk(url);
  };
  /** Whoever comes from now on is this person; for a real browser. */
  const become = (accountId) => {
    person = accountId;
  };
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { issuer, port: server.address().port, signIn, become, stop };
}

/** Answers what the provider asks the person: who they are, and whether we may know it. */
async function interact(provider, accountId, request, response) {
  if (!accountId) {
    return provider.interactionFinished(request, response, { error: 'access_denied' });
  }
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const grantId = await grant.save();
  return provider.interactionFinished(request, response, { consent: { grantId } });
}

/** Follows redirects with cookies, as a browser does, until the person is sent back. */
async function walk(url) {
  const cookies = new Map();
  for (let step = 0; step < 10; step += 1) {
    if (url.startsWith(redirectUrl)) return Object.fromEntries(new URL(url).searchParams);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const { statusCode, headers } = await visit(url, cookie);
    for (const line of headers['set-cookie'] ?? []) {
      const [name, value] = line.split(';')[0].split(/=(.*)/s);
      cookies.set(name, value);
    }
    if (!headers.location) throw new Error(`${url} answered ${statusCode}`);
    url = new URL(headers.location, url).href;
  }
  throw new Error(`still under way at ${url}`);
}

/** With a connection of its own, which does not outlive the provider. */
function visit(url, cookie) {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, headers: { cookie } }, (answer) => resolve(answer.resume())).on('error', reject);
  });
}

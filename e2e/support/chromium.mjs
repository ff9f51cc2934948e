// Opens Debian's Chromium with a fresh profile that reaches nothing but this machine.
import { chromium } from 'playwright-core';

const options = {
  executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    // Not by routing: with a route set, Playwright answers CORS preflights itself.
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  ],
};

/**
 * Resolves with `{ open, reuse, close }`; `open()` gives a page of a new visitor, `reuse()` the same page again for the
 * same settings: much faster, for tests that begin by going somewhere and add no listeners.
 */
export async function startBrowser() {
  const browser = await chromium.launch(options);
  const open = async (settings) => {
    const context = await browser.newContext(settings);
    context.setDefaultTimeout(10_000);
    return context.newPage();
  };
  const known = new Map();
  const reuse = (settings) => {
    const key = JSON.stringify(settings);
    if (!known.has(key)) known.set(key, open(settings));
    return known.get(key);
  };
  return { open, reuse, close: () => browser.close() };
}

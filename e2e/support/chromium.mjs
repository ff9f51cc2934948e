// Opens Debian's Chromium with a fresh profile that reaches nothing but this machine.
import { chromium } from 'playwright-core';

const options = {
  executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    // Not by routing: with a route set, Playwright answers CORS preflights itself.
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  ],
};

/** Resolves with `{ open, close }`; `open()` gives a page of a new visitor. */
export async function startBrowser() {
  const browser = await chromium.launch(options);
  const open = async (settings) => {
    const context = await browser.newContext(settings);
    context.setDefaultTimeout(10_000);
    return context.newPage();
  };
  return { open, close: () => browser.close() };
}

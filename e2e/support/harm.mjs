// Notices whatever runs, or tries to run, in a page that must be calm.

/** Returns a list that grows with every dialog, script error, console error and violated policy of the page. */
export async function watch(page) {
  const harm = [];
  const note = (kind) => (what) => { harm.push(`${kind}: ${what}`); };
  await page.exposeFunction('noteViolation', note('violated policy'));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      window.noteViolation(`${event.violatedDirective} by ${event.blockedURI || event.sourceFile}`);
    });
  });
  page.on('dialog', (dialog) => {
    note('dialog')(dialog.message());
    return dialog.dismiss();
  });
  page.on('pageerror', note('script error'));
  page.on('console', (message) => {
    // Chromium says this of every page with such a status.
    if (message.type() === 'error' && !/the server responded with a status of 4\d\d/.test(message.text())) note('console')(message.text());
  });
  return harm;
}

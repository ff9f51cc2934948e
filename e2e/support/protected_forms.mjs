// Forms with a table `[protection]`, and what people do on their pages.

/** Settings under which a proof of work takes a moment, however many a test asks for. */
export const quickWork = {
  FORMHOLD_CAPTCHA__ALTCHA_COST: '20',
  FORMHOLD_CAPTCHA__ALTCHA_MAX_COST: '20',
  FORMHOLD_LIMITS__CHALLENGES: 'off',
};

/** A form with an e-mail address and a message; `changed` are further keys of its definition. */
export const askUs = (slug, protection, changed = {}) => ({
  name: 'Ask us',
  slug,
  language: 'en',
  fields: [
    { name: 'email', type: 'email', label: 'E-mail', required: true },
    { name: 'message', type: 'textarea', label: 'Message', required: true, min_length: 3 },
  ],
  protection,
  ...changed,
});

/** Links enough to look like spam, and too few to be refused. */
export const links = (subject) =>
  [1, 2, 3, 4, 5, 6].map((number) => `See https://${subject}-${number}.example/offer`).join(' ');

/** Takes a text full of links for spam, and asks only then. */
export const suspicious = (captcha = {}) => ({
  captcha: { when: 'suspicious', ...captcha },
  // Tests type faster than people.
  spam: { spam_from: 8, min_seconds_to_fill: 0 },
});

/** Types what the form `askUs` wants. */
export async function ask(page, message) {
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByLabel('Message').fill(message);
}

/** Presses the button and waits for the thanks. */
export async function sendAndBeThanked(page) {
  await page.locator('#send').click();
  await page.waitForURL(/\/thanks$/);
}

// What people do on the hosted page of the form `everything`, and what is stored of it then.

/** A valid answer to every field; `file` is chosen beside them. */
export const answers = {
  full_name: 'Ada Lovelace ü 🦋',
  email: 'ada@example.org',
  email_again: 'ada@example.org',
  phone: '+49 30 123456',
  website: 'https://example.org/?a=b&c=d',
  postcode: '10115',
  height: '1.68',
  guests: '2',
  arrival: '2026-07-15',
  wake_up: '07:30',
  departure: '2026-07-29T18:45',
  room: 'double',
  meals: 'other',
  diet: '"Apples" & <pears>',
  courses: ['painting', 'botany'],
  last_year: '4',
  recommend: '9',
  message: '\nFirst line\n\n  third line',
  source: 'hosted page',
  terms: 'on',
};

/** The same as it is stored: browsers submit line breaks as CR LF. */
export const stored = { ...answers, message: answers.message.replaceAll('\n', '\r\n') };

export const file = { name: 'Attest ä.txt', mimeType: 'text/plain', buffer: Buffer.from('Ada is well.\n') };

const typed = {
  full_name: 'Full name', email: 'E-mail', email_again: 'The same address again', phone: 'Telephone',
  website: 'Web address', postcode: 'Postcode', height: 'Height in metres', guests: 'Guests',
  arrival: 'Day of arrival', wake_up: 'Wake me at', departure: 'Departure', message: 'Anything else?',
};

/** Answers every field by its visible label; `changed` replaces typed answers. */
export async function fillIn(page, changed = {}) {
  const given = { ...answers, ...changed };
  for (const [name, label] of Object.entries(typed)) await page.getByLabel(label).fill(given[name]);
  await page.getByLabel('Room').selectOption({ label: 'Double room' });
  await page.getByLabel('Something else').check();
  await page.getByLabel('What do you eat?').fill(given.diet);
  await page.getByLabel('Painting').check();
  await page.getByLabel('Botany').check();
  await page.locator(`[name=last_year][value="${given.last_year}"]`).check();
  await page.locator(`[name=recommend][value="${given.recommend}"]`).check();
  await page.getByLabel('I have read the house rules').check();
}

/** Chooses a file for the field `certificate`. */
export const choose = (page, chosen) => page.getByLabel('Medical certificate').setInputFiles(chosen);

/** Presses the button and resolves with the reply to the POST once its page is there. */
export async function send(page) {
  const reply = page.waitForResponse((response) => response.request().method() === 'POST');
  await Promise.all([page.waitForNavigation(), page.locator('#send').click()]);
  return reply;
}

/** The same, but nothing is checked in the browser first. */
export async function sendUnchecked(page) {
  await page.locator('#form').evaluate((form) => { form.noValidate = true; });
  return send(page);
}

/** What a person answered so far, as the export shows it; files are left out. */
export const entered = (page) =>
  page.locator('#form').evaluate((form) => {
    const values = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string' && !['_gotcha', '_stamp'].includes(name)) values[name] = name in values ? [values[name], value].flat() : value;
    }
    return values;
  });

/** The name of the field that has the focus. */
export const focused = (page) => page.evaluate(() => document.activeElement.name);

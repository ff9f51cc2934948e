// Stand-ins for the scripts of captcha vendors, which cannot be reached from here. Each does to the page what the real
// one does: loads more from the vendor's hosts, puts its frame where the page has a place for it, and fills in the field.

const frame = { contentType: 'text/html', body: '<!doctype html><title>widget</title><p>I am human</p>' };

/** A widget in the element of class `name`, whose answer is put into `field` when a person presses its button. */
const checkbox = ({ name, field, more, frameUrl, fetchUrl = null, styleUrl = null }) => `(() => {
  const load = document.createElement('script');
  load.src = ${JSON.stringify(more)};
  load.onload = () => {
    const place = document.querySelector('.${name}');
    const frame = document.createElement('iframe');
    Object.assign(frame, { src: ${JSON.stringify(frameUrl)}, title: 'Widget', width: 303, height: 78 });
    frame.style.border = '0';
    const answer = document.createElement('textarea');
    answer.name = ${JSON.stringify(field)};
    answer.style.display = 'none';
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', textContent: 'I am human' });
    button.onclick = async () => {
      const styleUrl = ${JSON.stringify(styleUrl)};
      if (styleUrl) {
        await new Promise((resolve, reject) => {
          const sheet = document.createElement('link');
          document.head.append(Object.assign(sheet, { rel: 'stylesheet', href: styleUrl, onload: resolve, onerror: reject }));
        });
      }
      const fetchUrl = ${JSON.stringify(fetchUrl)};
      if (fetchUrl) await fetch(fetchUrl);
      answer.value = window.nextAnswer(place.dataset);
      button.textContent = 'Confirmed';
    };
    place.append(frame, answer, button);
  };
  document.head.append(load);
})();`;

const helper = { contentType: 'text/javascript', body: 'window.nextAnswer = ({ sitekey }) => `${sitekey}-${(window.count = (window.count ?? 0) + 1)}`;' };
const script = (body) => ({ contentType: 'text/javascript', body });
const anyOrigin = { status: 200, headers: { 'access-control-allow-origin': '*' }, contentType: 'application/json', body: '{}' };
const sheet = { contentType: 'text/css', body: '.ignored { color: red }' };

/** What each vendor's hosts answer with, by address. */
export const checkboxes = {
  hcaptcha: {
    field: 'h-captcha-response',
    replies: {
      'https://js.hcaptcha.com/1/api.js': script(checkbox({
        name: 'h-captcha', field: 'h-captcha-response', more: 'https://newassets.hcaptcha.com/more.js',
        frameUrl: 'https://newassets.hcaptcha.com/captcha/v1/frame.html', fetchUrl: 'https://api.hcaptcha.com/getcaptcha',
        styleUrl: 'https://newassets.hcaptcha.com/style.css',
      })),
      'https://newassets.hcaptcha.com/more.js': helper,
      'https://newassets.hcaptcha.com/captcha/v1/frame.html': frame,
      'https://newassets.hcaptcha.com/style.css': sheet,
      'https://api.hcaptcha.com/getcaptcha': anyOrigin,
    },
  },
  turnstile: {
    field: 'cf-turnstile-response',
    replies: {
      'https://challenges.cloudflare.com/turnstile/v0/api.js': script(checkbox({
        name: 'cf-turnstile', field: 'cf-turnstile-response', more: 'https://challenges.cloudflare.com/turnstile/v0/more.js',
        frameUrl: 'https://challenges.cloudflare.com/cdn-cgi/frame.html',
      })),
      'https://challenges.cloudflare.com/turnstile/v0/more.js': helper,
      'https://challenges.cloudflare.com/cdn-cgi/frame.html': frame,
    },
  },
  recaptcha_v2: {
    field: 'g-recaptcha-response',
    replies: {
      'https://www.google.com/recaptcha/api.js': script(checkbox({
        name: 'g-recaptcha', field: 'g-recaptcha-response', more: 'https://www.gstatic.com/recaptcha/releases/more.js',
        frameUrl: 'https://www.google.com/recaptcha/api2/anchor', fetchUrl: 'https://www.google.com/recaptcha/api2/reload',
      })),
      'https://www.gstatic.com/recaptcha/releases/more.js': helper,
      'https://www.google.com/recaptcha/api2/anchor': frame,
      'https://www.google.com/recaptcha/api2/reload': anyOrigin,
    },
  },
};

// As Google's: a stub first, the rest from another host; and a badge at the end of the page with a field that has the
// name of the answer, but is in no form.
const version3 = `(() => {
  const waiting = [];
  window.grecaptcha = { ready: (call) => waiting.push(call) };
  const load = document.createElement('script');
  load.src = 'https://www.gstatic.com/recaptcha/releases/more.js';
  load.onload = () => {
    const badge = document.createElement('div');
    const frame = Object.assign(document.createElement('iframe'), { src: 'https://www.google.com/recaptcha/api2/anchor', title: 'reCAPTCHA' });
    const field = Object.assign(document.createElement('textarea'), { name: 'g-recaptcha-response', id: 'g-recaptcha-response-100000' });
    badge.style.display = 'none';
    badge.append(frame, field);
    document.body.append(badge);
    window.grecaptcha.ready = (call) => call();
    window.grecaptcha.execute = async (sitekey, { action }) => {
      await fetch('https://www.google.com/recaptcha/api2/reload');
      return [sitekey, action, (window.count = (window.count ?? 0) + 1)].join('-');
    };
    waiting.forEach((call) => call());
  };
  document.head.append(load);
})();`;

/** The same for reCAPTCHA version 3, which shows nothing. */
export const invisible = {
  'https://www.google.com/recaptcha/api.js': script(version3),
  'https://www.gstatic.com/recaptcha/releases/more.js': script(''),
  'https://www.google.com/recaptcha/api2/anchor': frame,
  'https://www.google.com/recaptcha/api2/reload': anyOrigin,
};

/** Answers for the vendor's hosts; resolves with a list that grows with the addresses that the page loads from there. */
export async function standIn(page, replies) {
  const loaded = [];
  await page.route(/^https:/, (route) => {
    const address = route.request().url().replace(/\?.*/, '');
    loaded.push(address);
    return address in replies ? route.fulfill(replies[address]) : route.abort();
  });
  return loaded;
}

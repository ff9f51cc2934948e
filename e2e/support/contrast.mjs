// Measures the contrast of everything that can be read on a page, as WCAG 2 defines it.

/**
 * Resolves with `{ texts, lines }`: for each visible text, placeholder and typed value, and for each border of an
 * input, what it is and its contrast with what lies behind it.
 */
export const contrasts = (page) =>
  page.evaluate(() => {
    const parse = (color) => {
      const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
      return { red, green, blue, alpha };
    };
    const over = (top, below) => {
      const mix = (part) => top[part] * top.alpha + below[part] * (1 - top.alpha);
      return { red: mix('red'), green: mix('green'), blue: mix('blue'), alpha: 1 };
    };
    const light = ({ red, green, blue }) => {
      const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
      const [r, g, b] = [red, green, blue].map((part) => linear(part / 255));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (one, other) => {
      const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05);
    };
    const behind = (element) => {
      const layers = [];
      for (let at = element; at; at = at.parentElement) layers.unshift(parse(getComputedStyle(at).backgroundColor));
      return layers.reduce((below, top) => over(top, below), parse('rgb(255, 255, 255)'));
    };
    const measure = (element, what, color, background = behind(element)) =>
      ({ what: what.trim().slice(0, 40), ratio: ratio(over(parse(color), background), background) });

    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const seen = element.checkVisibility({ visibilityProperty: true }) && !element.closest('.visually-hidden, .trap, option');
      if (node.data.trim() && seen) texts.push(measure(element, node.data, getComputedStyle(element).color));
    }
    const lines = [];
    for (const input of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
      if (!input.checkVisibility() || input.matches('[type=radio], [type=checkbox], .trap *')) continue;
      texts.push(measure(input, `value of ${input.name}`, getComputedStyle(input).color));
      texts.push(measure(input, `placeholder of ${input.name}`, getComputedStyle(input, '::placeholder').color));
      lines.push(measure(input, `border of ${input.name}`, getComputedStyle(input).borderTopColor));
      if (input.type === 'file') {
        const button = getComputedStyle(input, '::file-selector-button');
        texts.push(measure(input, `button of ${input.name}`, button.color, over(parse(button.backgroundColor), behind(input))));
      }
    }
    return { texts, lines };
  });

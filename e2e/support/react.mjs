// Renders React components into the page of this process.
import { show } from './page.mjs';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { until } from './until.mjs';

/** Mounts the component and resolves with its form once it is there. */
export async function mount(component, props) {
  const place = show('<div></div>');
  createRoot(place).render(createElement(component, props));
  return until('the form to be rendered', () => place.querySelector('form'));
}

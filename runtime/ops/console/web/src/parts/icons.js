// Icons as paths of one weight, on a square of 16.
import { html } from '../lib/html.js';

const paths = {
  overview: 'M2 9h3l2-5 3 8 2-5 1 2h1', streams: 'M3 4h10M3 8h10M3 12h6', processes: 'M4 3v10M12 3v10M4 5.5h8M12 10.5H4', parked: 'M8 2l6 6-6 6-6-6z',
  models: 'M3 3h10v4H3zM3 9.5h10V13H3z', live: 'M3 7v2M6.3 4.5v7M9.7 6v4M13 3v10',
    find: 'M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.3 10.3 14 14',
  keys: 'M2 4.5h12v7H2zM4.5 7h.01M7 7h.01M9.5 7h.01M12 7h.01M5 9.3h6', theme: 'M8 2.2a5.8 5.8 0 1 0 5.8 7.3A4.6 4.6 0 0 1 8 2.2z',
  leave: 'M9.5 3H3.5v10h6M7 8h6.5M11 5.5 13.5 8 11 10.5',
    options: 'M2.5 5h6M12 5h1.5M2.5 11H4M7.5 11h6M10.2 5a1.7 1.7 0 1 0 0-.01M5.7 11a1.7 1.7 0 1 0 0-.01',
};
export const Icon = ({ name }) => html`<svg class="icon-svg" viewBox="0 0 16 16" aria-hidden="true"><path d=${paths[name]}
  fill="none" stroke="currentColor"
  stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" /></svg>`;
export const Mark = () => html`<svg viewBox="0 0 20 20" aria-hidden="true">
  <path d="M3 4.5h14M3 8.2h9M3 15.5h14M3 11.9h4.2" fill="none" stroke="currentColor"
  stroke-width="1.9" stroke-linecap="round" /><circle cx="11.6" cy="11.9" r="1.9" fill="currentColor" /></svg>`;

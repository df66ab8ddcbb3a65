// Keys of the whole console. None of them fires while somebody types.
import { signal } from '@preact/signals';
import { go } from './route.js';

export const helpOpen = signal(false);

export const keyList = [
  ['/', 'find a stream, position, command id or correlation'], ['g o', 'overview'], ['g s', 'streams'], ['g p', 'processes'], ['g x', 'parked'],
  ['g m', 'models'], ['g l', 'live'], ['[ ]', 'one version back, one on'], ['j k', 'next, previous row of a list'], ['Enter', 'open the row'],
  ['Space', 'pause the live tail'], ['t', 'light, dark'], ['?', 'these keys'], ['Esc', 'close, or leave the field'],
];
const screens = { o: '/', s: '/streams', p: '/processes', x: '/parked', m: '/models', l: '/live' };

/** Handlers of the present screen, by key. */
export const screenKeys = new Map();

const types = target => /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== 'range';

export function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  try {
    localStorage.setItem('annals-theme', root.dataset.theme);
  } catch { /* storage is off */ }
}

function step(by) {
  const rows = [...document.querySelectorAll('tbody th a[href], [data-rows] > li > a[href]')].filter(link => link.offsetParent);
  if (!rows.length) return;
  const now = rows.indexOf(document.activeElement);
  rows[now < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, now + by))].focus();
}

export function listen() {
  let g = 0;
  addEventListener('keydown', event => {
    const { key, target } = event;
    if (key === 'Escape' && types(target)) target.blur();
    if (types(target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const afterG = performance.now() - g < 1200;
    g = 0;
    if (afterG && screens[key]) go(screens[key]);
    else if (key === 'g') g = performance.now();
    else if (key === '/') (document.querySelector('#find-here') || document.querySelector('#find'))?.focus();
    else if (key === '?') helpOpen.value = true;
    else if (key === 't') toggleTheme();
    else if (key === 'j' || key === 'k') step(key === 'j' ? 1 : -1);
    else if (screenKeys.has(key) && !(key === ' ' && /^(BUTTON|A|SUMMARY)$/.test(target.tagName))) screenKeys.get(key)();
    else return;
    event.preventDefault();
  });
}

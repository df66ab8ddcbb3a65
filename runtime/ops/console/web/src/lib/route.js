// The address is the state of the page: a link sent to a colleague opens the same stream, version and filter.
import { signal } from '@preact/signals';
import { address } from './api.js';

const read = () => ({ path: location.pathname, query: Object.fromEntries(new URLSearchParams(location.search)) });
export const route = signal(read());

function arrive() {
  route.value = read();
  scrollTo(0, 0);
  requestAnimationFrame(() => document.querySelector('main')?.focus({ preventScroll: true }));
}

export function go(href) {
  history.pushState(null, '', href);
  arrive();
}

/** Changes the address in place: what is empty leaves it. */
export function setQuery(changes) {
  history.replaceState(null, '', address(location.pathname, { ...read().query, ...changes }));
  route.value = read();
}

export const to = {
  stream: (id, v) => address('/stream', { id, v }),
  instance: id => address('/instance', { id }),
  thing: (id, kind) => (kind === 'process' ? to.instance(id) : to.stream(id)),
};

export function listen() {
  addEventListener('popstate', () => { route.value = read(); });
  document.addEventListener('click', event => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.('a[href]');
    if (!link || link.target || link.origin !== location.origin || link.hasAttribute('download') || link.getAttribute('href').startsWith('#')) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

// The frame around every screen: where one is, the one box to find things, and whether the store is well.
import { useEffect } from 'preact/hooks';
import { signal } from '@preact/signals';
import { html } from '../lib/html.js';
import { address, get, session, signOut } from '../lib/api.js';
import { usePoll } from '../lib/ask.js';
import * as figures from '../lib/figures.js';
import { helpOpen, toggleTheme } from '../lib/keys.js';
import { go, route } from '../lib/route.js';
import { n, rate } from '../lib/text.js';
import { verdict } from '../lib/verdict.js';
import { Help, Toast } from './dialog.js';
import { Icon, Mark } from './icons.js';
import { State } from './small.js';

/** The newest overview: {data, error, silent, since, now()}; every screen may read it. */
const nothing = { data: null, error: null, silent: false, since: 0, now: () => {} };
export const overview = signal(nothing);

const screens = [['/', 'Overview', 'overview'], ['/streams', 'Streams', 'streams'], ['/processes', 'Processes', 'processes'],
  ['/parked', 'Parked', 'parked'],
  ['/models', 'Models', 'models'], ['/live', 'Live', 'live']];
const parents = { '/stream': '/streams', '/instance': '/processes' };

function Find() {
  function submit(event) {
    event.preventDefault();
    const text = event.currentTarget.elements.q.value.trim();
    event.currentTarget.elements.q.blur();
    event.currentTarget.reset();
    go(address('/streams', { q: text }));
  }
  return html`<form class="find" role="search" onSubmit=${submit}><${Icon} name="find" />
    <input id="find" name="q" type="search" autocomplete="off" spellcheck="false" placeholder="Find a stream, position or id"
      aria-label="Find a stream, position, command id or correlation" aria-keyshortcuts="/" /><kbd aria-hidden="true">/</kbd></form>`;
}

function Pulse() {
  const { data, silent } = overview.value;
  if (!data) return html`<a class="pulse" href="/"><${State} is="none">${silent ? 'No answer' : 'Reading'}<//></a>`;
  const said = verdict(data);
  const r = figures.eventRate();
  return html`<a class="pulse" href="/"><${State} is=${silent ? 'behind' : said.kind}>${silent ? 'No answer' : said.short}<//>
    <span>head ${n(data.head.position)}</span>${r === null ? null : html`<span>${rate(r)} /s</span>`}</a>`;
}

export function Frame({ children }) {
  const poll = usePoll(abort => get('/api/overview', {}, abort).then(data => { figures.note(data); return data; }));
  useEffect(() => { overview.value = poll; }, [poll.data, poll.error, poll.missed]);
  useEffect(() => {
    const abort = new AbortController();
    get('/api/past', {}, abort.signal).then(({ samples }) => figures.begin(samples), () => {});  // without it the charts begin now
    return () => abort.abort();
  }, []);
  useEffect(() => () => {  // the next session may be of another store
    figures.forget();
    overview.value = nothing;
  }, []);
  const { store, actions, version, mode } = session.value;
  const here = parents[route.value.path] || route.value.path;
  const parked = overview.value.data?.parked.count;
  useEffect(() => { document.querySelector('.side [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }); },
    [here, Boolean(parked)]);
  return html`<a class="skip" href="#main" onClick=${event => { event.preventDefault(); document.querySelector('main').focus(); }}>Skip to content</a>
    <header class="side"><a class="brand" href="/"><${Mark} />annals</a>
      <div class="store"><b>${store.name}</b> <span><code>${store.id.slice(0, 8)}
        </code> · ${actions ? 'actions on' : mode === 'beside' ? 'beside, read only' : 'read only'}</span></div>
      <nav aria-label="Screens"><ul>${screens.map(([path, word, icon]) =>
        html`<li key=${path}><a href=${path} aria-current=${path === here ? 'page' : undefined}>
        <${Icon} name=${icon} />${word}${path === '/parked' && parked ? html`<span class="n">${n(parked)}<span class="sr"> events</span></span>`
          : null}</a></li>`)}</ul></nav>
      <div class="foot"><a class="quiet" href="/options" aria-current=${here === '/options' ? 'page' : undefined} title="Options and build">
        ${version}</a>
        <button class="icon keysbtn" type="button" aria-label="Keyboard shortcuts" onClick=${() => { helpOpen.value = true; }}><${Icon}
          name="keys" /></button>
        <button class="icon" type="button" aria-label="Light or dark" onClick=${toggleTheme}><${Icon} name="theme" /></button>
        <a class="icon optionsbtn" href="/options" aria-label="Options and build"><${Icon} name="options" /></a>
        <button class="icon" type="button" aria-label="Sign out" onClick=${signOut}><${Icon} name="leave" /></button></div></header>
    <section class="top" aria-label="Find, and the state of the store"><${Find} /><${Pulse} /></section>
    <main id="main" tabindex="-1">${children}</main><${Toast} /><${Help} />`;
}

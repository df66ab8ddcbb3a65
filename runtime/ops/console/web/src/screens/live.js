import { useEffect, useRef, useState } from 'preact/hooks';
import { address, get } from '../lib/api.js';
import { useAnswer, useRested } from '../lib/ask.js';
import { html } from '../lib/html.js';
import { screenKeys } from '../lib/keys.js';
import { setQuery, to } from '../lib/route.js';
import { clock, n, plural, rate, summary } from '../lib/text.js';
import * as figures from '../lib/figures.js';
import { overview } from '../parts/frame.js';
import { Chips, Head, State } from '../parts/small.js';

const KEEP = 400;

/** An EventSource does not tell why it failed: the session has ended, or all places are taken. */
async function whyNot() {
  try {
    await get('/api/session');
    const abort = new AbortController();
    const { status } = await fetch('/api/tail', { signal: abort.signal, cache: 'no-store' });
    abort.abort();
    return status;
  } catch {
    return 0;
  }
}

/** Follows the log from where the last connection ended. While paused, rows are held back, as many as the page keeps. */
function useTail(prefix, type) {
  const [state, set] = useState({ rows: [], held: [], heldCount: 0, head: null, status: 'connecting', skipped: 0 });
  const paused = useRef(false);
  const [isPaused, setPaused] = useState(false);
  useEffect(() => {
    let source = null;
    let timer = 0;
    let after = '';
    let over = false;
    let tries = 0;
    set(old => ({ ...old, rows: [], held: [], heldCount: 0, skipped: 0, status: 'connecting' }));
    const take = rows => set(old => (paused.current ? { ...old, status: 'live', held: [...old.held, ...rows].slice(-KEEP),
      heldCount: old.heldCount + rows.length }
      : { ...old, status: 'live', rows: [...old.rows, ...rows].slice(-KEEP) }));
    function connect() {
      if (over) return;
      source = new EventSource(address('/api/tail', { prefix, type, after }));
      const note = event => { if (event.lastEventId) after = event.lastEventId; };
      source.addEventListener('open', () => { tries = 0; });
      source.addEventListener('records', event => { note(event); take(JSON.parse(event.data)); });
      source.addEventListener('skipped', event => { note(event); const { count, from } = JSON.parse(event.data);
        take([{ position: from, skipped: count }]); });
      source.addEventListener('beat', event => { note(event); const { head } = JSON.parse(event.data);
        set(old => (old.head === head && old.status === 'live' ? old : { ...old, head, status: 'live' })); });
      source.addEventListener('end', event => { note(event); source.close(); connect(); });
      source.addEventListener('error', async () => {
        source.close();
        if (over) return;
        clearTimeout(timer);
        timer = setTimeout(connect, Math.min(8000, 1000 * 2 ** tries++));
        set(old => ({ ...old, status: 'lost' }));
        const status = await whyNot();
        if (!over && status === 503) set(old => (old.status === 'lost' ? { ...old, status: 'full' } : old));
      });
    }
    connect();
    return () => { over = true; clearTimeout(timer); source?.close(); };
  }, [prefix, type]);
  function toggle(to = !paused.current) {
    paused.current = to;
    setPaused(to);
    if (!to) set(old => ({ ...old, rows: [...old.rows, ...old.held].slice(-KEEP), held: [], heldCount: 0 }));
  }
  return { ...state, paused: isPaused, toggle };
}

const Row = ({ r }) => (r.skipped ? html`<li class="idle"><span class="num quiet">${n(r.position)}</span><span class="soft">
  ${plural(r.skipped, 'event')} passed over: more came than a page can show</span></li>`
  : html`<li><span class="num quiet">${n(r.position)}</span><a href=${to.stream(r.stream, r.version)}><code>${r.stream}</code></a><span class="ty">
    ${r.type}</span><span class="sum">${summary(r)}</span><span class="num quiet wide">${clock(r.time)}</span></li>`);

/** What happens now? */
export function Live({ query }) {
  const [text, setText] = useState(query.q || '');
  const rested = useRested(text.trim(), 250);
  useEffect(() => { if ((query.q || '') !== rested) setQuery({ q: rested }); }, [rested]);
  const categories = useAnswer(abort => get('/api/categories', {}, abort), 'categories');
  const names = categories.data?.categories.map(c => c.name) || [];
  const isType = categories.data?.types.includes(rested);
  const category = query.category || '';
  const prefix = rested && !isType ? rested : category ? `${category}-` : '';
  const tail = useTail(prefix, isType ? rested : '');
  const rows = category && rested && !isType ? tail.rows.filter(r => r.skipped || r.stream.startsWith(`${category}-`)) : tail.rows;
  const list = useRef(null);
  const atEnd = useRef(true);
  useEffect(() => { if (list.current && atEnd.current && !tail.paused) list.current.scrollTop = list.current.scrollHeight; },
    [tail.rows, tail.paused]);
  useEffect(() => {
    screenKeys.set(' ', () => tail.toggle());
    return () => screenKeys.delete(' ');
  });
  const scrolled = event => {
    const box = event.currentTarget;
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  };
  const goOn = () => { atEnd.current = true; tail.toggle(false); };
  const head = Math.max(tail.head ?? 0, overview.value.data?.head.position ?? 0);
  const r = figures.eventRate();
  const [is, word] = tail.paused ? ['none', 'Paused'] : tail.status === 'live' ? ['ok', 'Live']
    : tail.status === 'lost' ? ['behind', 'No connection, trying again']
    : tail.status === 'full' ? ['behind', 'All tails are taken, trying again'] : ['none', 'Connecting'];
  return html`<${Head} title="What happens now?" note="the log as it grows; scroll up to pause" />
    <section class="panel"><div class="livebar"><button class=${`btn${tail.paused ? ' main' : ''}`}
      type="button" aria-keyshortcuts="Space" onClick=${() => (tail.paused ? goOn() : tail.toggle(true))}>${tail.paused ? 'Go on' : 'Pause'}</button>
      <${State} is=${is}>${word}<//><span class="quiet nowrap small">${tail.paused ? `${plural(tail.heldCount, 'event')} since the pause`
        : `head ${n(head)}${r === null ? '' : `, ${rate(r)} /s`}`}</span><span class="sr" role="status">${word}</span>
      <span class="field"><input id="find-here" type="search" placeholder="Stream prefix or event type"
        aria-label="Filter by stream prefix or event type" autocomplete="off" spellcheck="false" value=${text}
        onInput=${event => setText(event.target.value)} /></span>
      <${Chips} label="Category" value=${category} onPick=${key => setQuery({ category: key })} options=${[['', 'All'],
        ...names.map(name => [name, name])]} /></div>
    <ol class="tail" ref=${list} tabindex="0" aria-label="Events, the newest last" onScroll=${scrolled}
      onWheel=${event => { if (event.deltaY < 0 && !tail.paused) tail.toggle(true); }}>
      ${rows.length ? rows.map(one => html`<${Row} key=${one.position} r=${one} />`)
        : html`<li class="none-yet">${tail.status === 'live' ? 'Nothing of this kind has come yet' : ''}</li>`}</ol></section>`;
}

import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../lib/api.js';
import { useAnswer, useRested } from '../lib/ask.js';
import { html } from '../lib/html.js';
import { setQuery, to } from '../lib/route.js';
import { clock, day, n, plural, summary } from '../lib/text.js';
import { Icon } from '../parts/icons.js';
import { Bones, Chips, Choice, Empty, Failed, Head, More, Panel, StreamLink } from '../parts/small.js';
import { Table } from '../parts/table.js';

const DAY = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?Z?$/;
/** A moment as the server takes it: UTC, to the microsecond. Empty if it is none. */
function momentOf(text) {
  const t = text.trim().replace(' ', 'T').replace(/Z$/, '');
  if (!DAY.test(t)) return '';
  const [date, time = '00:00:00'] = t.split('T');
  const [whole, part = ''] = time.split('.');
  return `${date}T${whole.length === 5 ? `${whole}:00` : whole}.${part.padEnd(6, '0')}Z`;
}

function Name({ row, prefix }) {
  const id = row.stream;
  return html`<a href=${to.thing(id, row.kind)}><code>${prefix && id !== prefix && id.startsWith(prefix)
    ? html`<mark>${prefix}</mark>${id.slice(prefix.length)}` : id}</code></a>`;
}

export const RecordTable = ({ records, caption = 'Records' }) => html`<${Table} caption=${caption} rows=${records} keyOf=${r => r.position} cols=${[
  { name: 'Position', num: true, get: r => n(r.position) },
  { name: 'Stream', head: true, bare: true, get: r => html`<${StreamLink} id=${r.stream} v=${r.version} />` },
  { name: 'Version', num: true, get: r => n(r.version) },
  { name: 'Event', get: r => r.type },
  { name: 'What', clip: true, get: r => html`<span class="quiet">${summary(r)}</span>` },
  { name: 'Time', num: true, wide: true, get: r => html`<span title=${day(r.time)}>${clock(r.time, 6)}</span>` }]} />`;

/** The list of streams in pages of 200. */
function List({ params, prefix, total, onAll, onSettled }) {
  const key = JSON.stringify(params);
  const [pages, set] = useState({ key: '', rows: [], next: null, busy: true, error: null });
  async function load(after, abort) {
    set(old => ({ ...old, busy: true, error: null }));
    try {
      const data = await get('/api/streams', { ...params, after }, abort);
      set(old => ({ key, rows: after ? [...old.rows, ...data.streams] : data.streams, next: data.next, complete: data.complete, busy: false,
        error: null }));
    } catch (error) {
      if (error.name !== 'AbortError') set(old => ({ ...old, key, busy: false, error }));
    }
  }
  useEffect(() => {
    const abort = new AbortController();
    load('', abort.signal);
    return () => abort.abort();
  }, [key]);
  useEffect(() => { if (pages.key === key && !pages.busy) onSettled(prefix); }, [pages.key, pages.busy, key]);
  if (pages.error) return html`<${Failed} error=${pages.error} what="No list" again=${() => load('')} />`;
  if (!pages.key) return html`<${Bones} rows=${8} what="Reading streams" />`;
  if (!pages.rows.length && !pages.next && pages.key === key)
    return html`<${Panel}><${Empty} title=${onAll ? 'Nothing has this name' : 'No stream yet'}>${onAll
      ? html`A prefix is compared from the first letter, and case counts. <button class="btn small plain" type="button" onClick=${onAll}>
        Show all streams</button>`
      : 'The first command begins the first stream.'}<//><//>`;
  return html`<${Panel} class=${pages.key === key ? '' : 'dim'}>
    <${Table} caption="Streams" rows=${pages.rows} keyOf=${r => r.stream} cols=${[
      { name: 'Stream', head: true, bare: true, get: r => html`<${Name} row=${r} prefix=${prefix} />` },
      { name: 'Versions', num: true, get: r => n(r.versions) },
      { name: 'Last event', get: r => r.last.type },
      { name: 'Position', num: true, get: r => n(r.last.position) },
      { name: 'Time', num: true, wide: true, get: r => html`<span title=${day(r.last.time)}>${clock(r.last.time, 6)}</span>` }]} />
    <${More} onMore=${pages.next && (() => load(pages.next))} busy=${pages.busy} word=${pages.complete ? 'More' : 'Look further'}>
      ${n(pages.rows.length)}${total && pages.next ? ` of ${n(total)}` : ''} shown${pages.complete || !pages.next ? ''
        : '; not all were looked at yet'}<//><//>`;
}

/** What happened to …? */
export function Streams({ query }) {
  const [text, setText] = useState(query.q || '');
  const box = useRef(null);
  const q = useRested(text.trim(), 120);
  useEffect(() => { if ((query.q || '') !== text.trim()) setText(query.q || ''); }, [query.q]);
  useEffect(() => { if ((query.q || '') !== q) setQuery({ q }); }, [q]);
  useEffect(() => { if (!matchMedia('(max-width: 56rem)').matches) box.current.focus({ preventScroll: true }); }, []);
  const categories = useAnswer(abort => get('/api/categories', {}, abort), 'categories');
  const found = useAnswer(q ? abort => get('/api/find', { q }, abort) : null, q);
  const at = q && found.key === q ? found.data : null;
  const isRecords = at && ['position', 'command_id'].includes(at.understood);
  const { category = '', type = '', since = '', until = '', order = 'name' } = query;
  const prefix = isRecords ? '' : q;
  const c = categories.data;
  const all = c && plural(c.streams, 'stream');
  // Enter opens the first row of what was typed, also if its answer is still to come; never one of an older answer.
  const settled = useRef('');
  const enters = useRef(false);
  function onSettled(of) {
    settled.current = of;
    if (!enters.current || of !== box.current.value.trim()) return;
    enters.current = false;
    document.querySelector('tbody th a')?.click();
  }
  useEffect(() => { if (isRecords) onSettled(q); }, [isRecords, q]);
  function keys(event) {
    enters.current = event.key === 'Enter';
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      document.querySelector('tbody th a')?.focus();
    } else if (event.key === 'Enter') onSettled(settled.current);
  }
  const clear = () => { setText(''); setQuery({ q: '', category: '', type: '', since: '', until: '' }); box.current.focus(); };
  const isFiltered = q || category || type || since || until;
  return html`<${Head} title="What happened to …?" note="One box: a stream or its beginning, a position, a command id, a correlation" />
    <div class="bigfind"><${Icon} name="find" /><input id="find-here" ref=${box} type="search" autocomplete="off" spellcheck="false" value=${text}
      placeholder="order-5000   ·   1508   ·   fulfilment-500021#12"
      aria-label="Stream prefix, position, command id or correlation" aria-describedby="understood" onInput=${event => setText(event.target.value)}
        onKeyDown=${keys} /></div>
    <p class="understood" id="understood" role="status">${q ? (at ? at.text : found.error && found.key === q ? found.error.message : '')
      : all ? `${all} in ${plural(c.categories.length, 'category', 'categories')}` : ''}</p>
    ${!isRecords && html`<div class="filters field">
      ${c && html`<${Chips} label="Category" value=${category} onPick=${key => setQuery({ category: key })} options=${[['', 'All'],
        ...c.categories.map(one => [one.name, one.name, one.streams])]} />`}
      <span class="grow pair"><input type="text" list="types" size="18" spellcheck="false" placeholder="Last event"
        aria-label="Type of the last event" value=${type} onChange=${event => setQuery({ type: event.target.value.trim() })} />
        <datalist id="types">${c?.types.map(one => html`<option key=${one} value=${one}></option>`)}</datalist>
        ${[['since', since, 'Changed since, UTC'], ['until', until, 'Changed until, UTC']].map(([name, value, label]) =>
          html`<input key=${name} class="wide" type="text" size="17" spellcheck="false" placeholder=${name === 'since' ? 'since 2026-01-31'
          : 'until 2026-01-31 17:00'}
          aria-label=${label} value=${value} onChange=${event => {
            const moment = momentOf(event.target.value);
            event.target.setAttribute('aria-invalid', String(Boolean(event.target.value.trim()) && !moment));
            if (moment || !event.target.value.trim()) setQuery({ [name]: moment });
          }} />`)}</span>
      <${Choice} label="Order" value=${order} onPick=${key => setQuery({ order: key === 'name' ? '' : key })} options=${[['name', 'by name'],
        ['recent', 'last changed']]} /></div>`}
    ${found.error && found.key === q && html`<${Failed} error=${found.error} what="Not found" again=${found.again} />`}
    ${isRecords ? (at.records.length ? html`<${Panel}><${RecordTable} records=${at.records} />${at.searched && !at.searched.complete && html`
          <${More}>The log was searched from ${n(at.searched.from)} to ${n(at.searched.to)}; older records were not.<//>`}<//>`
        : html`<${Panel}><${Empty} title="No record">${at.text}<//><//>`)
      : html`<${List} params=${{ prefix, category, type, since, until, order: order === 'name' ? '' : order }} prefix=${prefix}
        total=${!isFiltered && c ? c.streams : null} onAll=${isFiltered ? clear : null} onSettled=${onSettled} />
        ${at && at.records.length > 0 && html`<${Panel} title="Records of other streams with this correlation" note=${at.searched
          && !at.searched.complete ? `searched from ${n(at.searched.from)}` : ''}><${RecordTable} records=${at.records} /><//>`}`}`;
}

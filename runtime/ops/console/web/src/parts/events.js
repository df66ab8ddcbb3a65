// The events of a stream, a window of them at a time: old to new, with the chosen one opened.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../lib/api.js';
import { useAnswer } from '../lib/ask.js';
import { html } from '../lib/html.js';
import { to } from '../lib/route.js';
import { clock, micros, moment, n, span, summary } from '../lib/text.js';
import { Bones, Failed, Panel } from './small.js';

const PAGE = 200;
const AROUND = 60;  // versions before the chosen one, when a window is read around it

const Place = ({ place }) => html`<a href=${to.stream(place.stream, place.version)}><code>
  ${place.stream}</code><span class="quiet">version ${n(place.version)}, ${place.type}</span></a>`;

function Causes({ position, record }) {
  const { data, error } = useAnswer(abort => get('/api/causes', { position }, abort), position);
  const outside = record.command_id ? html`<span class="soft">a command from outside, <code>${record.command_id}</code></span>`
    : html`<span class="soft">a command from outside</span>`;
  if (error) return html`<div class="why"><div class="links"><h3>Causes</h3><span class="soft">not shown: ${error.message}</span></div></div>`;
  const note = data?.searched && !data.searched.complete ? html`<span class="quiet">searched up to ${n(data.searched.to)}</span>` : null;
  return html`<div class="why"><div class="links"><h3>Caused by</h3>${!data ? html`<span class="quiet">…</span>`
    : data.causes.length ? html`<${Place} place=${data.causes[0]} />${data.causes.length > 1 && html`
      <details><summary>${n(data.causes.length - 1)} further back</summary>
        ${data.causes.slice(1).map(c => html`<${Place} key=${c.position} place=${c} />`)}</details>`}` : outside}</div>
    <div class="links"><h3>Led to</h3>${!data ? html`<span class="quiet">…</span>`
      : data.effects.length ? data.effects.slice(0, 4).map(e => html`<${Place} key=${e.position} place=${e} />`)
      : html`<span class="soft">nothing</span>`}
      ${data?.effects.length > 4 && html`<details><summary>${n(data.effects.length - 4)}${data.effects_more ? ' and more' : ' more'}</summary>
        ${data.effects.slice(4).map(e => html`<${Place} key=${e.position} place=${e} />`)}</details>`}${note}</div></div>`;
}

const isBare = value => value === null || typeof value !== 'object';
function Payload({ record }) {
  if (record.payload_error) return html`<span class="soft">cannot be read: ${record.payload_error.reason}</span>`;
  if (record.payload_omitted) return html`<span class="soft">too large for a page</span>`;
  if (isBare(record.payload)) return html`<code>${String(record.payload)}</code>`;
  const entries = Object.entries(record.payload);
  return entries.length
    ? html`<dl class="kv">${entries.map(([name, value]) => html`<dt>${name}</dt><dd><code>
    ${isBare(value) ? String(value) : JSON.stringify(value)}</code></dd>`)}</dl>` : html`<span class="soft">empty</span>`;
}

export function Envelope({ record: r }) {
  const pairs = [['Position', n(r.position)], ['Time', moment(r.time)], ['Schema', r.schema],
    ['Of one command', r.count > 1 ? `${r.index + 1} of ${r.count}` : 'the only event'],
    ['Command id', r.command_id && html`<code>${r.command_id}</code>`],
      ['Correlation', r.correlation && html`<a href=${`/streams?q=${encodeURIComponent(r.correlation)}`}><code>${r.correlation}</code></a>`],
    ['Causation', r.causation && html`<code>${r.causation}</code>`], ['Principal', r.principal && html`<code>${r.principal}</code>`],
      ['Seen up to', r.seen ? n(r.seen) : ''], ['Stored', `${n(r.stored_bytes)} bytes`]];
  return html`<div class="envelope"><${Causes} position=${r.position} record=${r} /><div class="why"><div class="links"><h3>Payload</h3><${Payload}
    record=${r} /></div>
    <div class="links"><h3>Envelope</h3><dl class="kv">${pairs.filter(([, value]) => value).map(([name, value]) =>
      html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div></div></div>`;
}

/** Brings the chosen row into the list's own view; the page does not move. */
function show(box) {
  const row = box?.querySelector('li.on');
  if (!row) return;
  const top = row.offsetTop - box.scrollTop;
  const height = Math.min(row.offsetHeight, box.clientHeight);
  if (top < 0 || top + height > box.clientHeight) box.scrollTop = row.offsetTop - Math.min(box.clientHeight / 4, box.clientHeight - height);
}

/** Reads the window that has the chosen version; "earlier" and "more" extend it. Never the whole. */
export function Events({ id, versions, at, record, onPick }) {
  const [window, set] = useState({ rows: [], busy: true, error: null });
  const list = useRef(null);
  const rows = window.rows;
  const [low, high] = [rows[0]?.version ?? 0, rows.at(-1)?.version ?? 0];
  const wanted = Math.max(1, at);
  const isIn = rows.length > 0 && wanted >= low && wanted <= high;
  useEffect(() => {
    if (isIn) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const from = Math.max(1, Math.min(wanted - AROUND, versions - PAGE + 1));
        set({ rows: (await get('/api/stream', { id, from, limit: PAGE }, abort.signal)).records, busy: false, error: null });
      } catch (error) {
        if (error.name !== 'AbortError') set(old => ({ ...old, busy: false, error }));
      }
    }, rows.length ? 100 : 0);
    return () => { clearTimeout(timer); abort.abort(); };
  }, [isIn, wanted, versions]);
  async function extend(back) {
    set(old => ({ ...old, busy: true }));
    try {
      const more = (await get('/api/stream', back ? { id, from: low - 1, order: 'backward', limit: PAGE }
        : { id, from: high + 1, limit: PAGE })).records;
      set(old => ({ rows: back ? [...more, ...old.rows] : [...old.rows, ...more], busy: false, error: null }));
    } catch (error) {
      set(old => ({ ...old, busy: false, error }));
    }
  }
  useEffect(() => show(list.current), [at, isIn, record?.position]);
  if (window.error && !rows.length) return html`<${Failed} error=${window.error} what="No events" />`;
  if (!rows.length) return html`<${Bones} rows=${8} what="Reading events" />`;
  const gap = (row, i) => (i === 0 ? clock(row.time) : row.time === rows[i - 1].time ? 'same time'
    : `+${span((micros(row.time) - micros(rows[i - 1].time)) / 1e6)}`);
  return html`<${Panel} title="Events" note="old to new; marked: the one that made this state" class=${isIn ? 'events-panel' : 'events-panel dim'}>
    <div class="window" ref=${list} tabindex="0" role="group" aria-label="Events of the stream">
      ${low > 1 && html`<div class="more"><button class="btn small" type="button" disabled=${window.busy}
        onClick=${() => extend(true)}>Earlier</button><span>from version ${n(low)} on</span></div>`}
      <ol class="events" data-rows="">${rows.map((row, i) => html`<li key=${row.version} class=${row.version === at ? 'on' : ''}>
        <a class=${`row${row.version > at ? ' later' : ''}`} href=${to.stream(id,
          row.version)} aria-current=${row.version === at ? 'true' : undefined} onClick=${event => { event.preventDefault(); onPick(row.version); }}>
          <span class="num quiet">${n(row.version)}</span><span class="type">${row.type}</span><span class="sum">
            ${summary(row)}</span><span class="num quiet">${gap(row, i)}</span></a>
        ${row.version === at && html`<${Envelope} record=${record?.version === at && record.position === row.position ? record : row} />`}</li>`)}
          </ol>
      ${high < versions && html`<div class="more"><button class="btn small" type="button" disabled=${window.busy}
        onClick=${() => extend(false)}>More</button><span>up to version ${n(high)} of ${n(versions)}</span></div>`}</div><//>`;
}

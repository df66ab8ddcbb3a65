import { useState } from 'preact/hooks';
import { get, post, session } from '../lib/api.js';
import { usePoll } from '../lib/ask.js';
import { html } from '../lib/html.js';
import { to } from '../lib/route.js';
import { clock, day, kinds, n, plural, said, summary } from '../lib/text.js';
import { Confirm } from '../parts/dialog.js';
import { overview } from '../parts/frame.js';
import { Bones, Empty, Failed, Head, More, Note, Panel, State, StreamLink } from '../parts/small.js';
import { Table } from '../parts/table.js';

const SETTLED = 1500;  // ms, after which the store shows what was decided
const policies = { park_event: 'parks the event, goes on', park_stream: 'parks the stream from here on', stop: 'stops' };
const means = g => ({ projection: g.on_failure === 'park_stream' ? `${g.name} lacks these events and what follows them in their streams.`
  : `${g.name} lacks these events; everything else in it is right.`,
  process: 'These instances stand still until the first of each is handled; what lies behind it waits, in order. Other instances go on.',
  subscription: 'Its members have not handled these events.' }[g.kind]);

/** One error, however many events. A retry of many goes on in pieces, and tells how far it came. */
async function retryAll(g) {
  let done = 0;
  const failed = [];
  for (;;) {
    const answer = await post('/api/actions/retry_group', { of: g.of, group: g.id });
    done += answer.done;
    failed.push(...answer.failed);
    if (!answer.left || (!answer.done && !answer.failed.length) || failed.length >= 20) break;
  }
  const rest = failed.length ? ` ${plural(failed.length, 'event')} failed again and stay${failed.length === 1 ? 's'
    : ''} parked: ${said(failed[0].error)}` : '';
  return `${plural(done, 'event')} of ${g.name} ${done === 1 ? 'was' : 'were'} handled.${rest}`;
}

function Ask({ what: { kind, g, e }, onClose, onDone }) {
  if (kind === 'group') return html`<${Confirm} title=${`Retry ${plural(g.count, 'event')} of ${g.name}?`} word=${`Retry ${plural(g.count, 'event')}`}
    onClose=${onClose} onDone=${onDone} act=${() => retryAll(g)}>
    <p>They are handled one after the other, in the order of their positions. One that fails again is parked again; the rest goes on.</p><p>
      A retry helps only when the cause is gone: <code>${g.error}</code></p><//>`;
  if (kind === 'one') return html`<${Confirm} title=${`Retry position ${n(e.position)} of ${g.name}?`} word="Retry" onClose=${onClose}
    onDone=${onDone}
      act=${async () => { await post('/api/actions/retry', { of: g.of, position: e.position });
        return `Position ${n(e.position)} of ${g.name} was handled.`; }}>
    <p>It is handled once more, and then what waited for it. If it fails again it is parked again, with the new error.</p><p>
      A retry helps only when the cause is gone: <code>${e.error}</code></p><//>`;
  return html`<${Confirm} title=${`Skip position ${n(e.position)} of ${g.name}?`} word="Skip for good" danger typed onClose=${onClose}
    onDone=${onDone}
      act=${async store => { await post('/api/actions/skip', { of: g.of, position: e.position, store });
        return `Position ${n(e.position)} of ${g.name} was skipped. A record of it is in the log.`; }}>
    <p><b>${g.name} will never handle this event</b>, nor will a rebuild. The event itself stays in the log. There is no way back.</p>
    <div class="panel"><dl class="kv"><dt>Event</dt><dd><code>${e.record ? `${e.record.type}, ${e.record.stream}` : e.stream}
      </code></dd><dt>Error</dt><dd><code>${e.error}</code></dd>
      <dt>Store</dt><dd><b>${session.value.store.name}</b> <code>${session.value.store.id.slice(0, 8)}</code></dd><dt>By</dt><dd>
        ${session.value.principal}; written to the log first</dd></dl></div><//>`;
}

function Group({ g, acts, ask }) {
  const [more, set] = useState({ rows: [], next: g.next, busy: false, error: null });
  const next = more.rows.length ? more.next : g.next;
  const shown = new Set(g.events.map(e => e.position));
  const events = [...g.events, ...more.rows.filter(e => !shown.has(e.position))];
  async function load() {
    set(old => ({ ...old, busy: true }));
    try {
      const data = await get('/api/parked', { group: g.id, after: next });
      set(old => ({ rows: [...old.rows, ...data.events], next: data.next, busy: false, error: null }));
    } catch (error) {
      set(old => ({ ...old, busy: false, error }));
    }
  }
  const canRetry = acts && g.retry;
  return html`<section class="panel group" data-rows="" aria-label=${`${g.name}: ${g.error}`}><header><${State} is="parked">${n(g.count)}<//><h2>
    ${g.error}</h2>
      ${canRetry && html`<div class="acts"><button class="btn small" type="button" onClick=${() => ask({ kind: 'group', g })}>
        ${g.count > 1 ? `Retry all ${n(g.count)}…` : 'Retry…'}</button></div>`}
      <div class="meta"><span>${kinds[g.kind]} <code>${g.name}</code></span><span>
        ${day(g.oldest)} ${clock(g.oldest, 0)}${g.newest === g.oldest ? ''
        : ` to ${day(g.newest) === day(g.oldest) ? '' : `${day(g.newest)} `}${clock(g.newest, 0)}`}</span>
        ${g.on_failure && html`<span>${g.kind === 'process' ? 'the instance stands still' : policies[g.on_failure]}</span>`}<span class="soft">
          ${means(g)}${acts && !g.retry ? ' Only the subscribing program can retry.' : ''}</span></div></header>
    <${Table} caption=${`Parked events of ${g.name}`} rows=${events} keyOf=${e => e.position} cols=${[
      { name: 'Position', num: true, get: e => n(e.position) },
      { name: 'Stream', head: true, bare: true, get: e => (g.kind === 'process' ? html`<a href=${to.instance(e.stream)}><code>${e.stream}</code></a>`
        : html`<${StreamLink} id=${e.stream} v=${e.record?.version} />`) },
      { name: 'Event', get: e => (e.record ? html`<a class="ink" href=${to.stream(e.record.stream, e.record.version)}>${e.record.type}</a>` : '') },
      { name: 'What', clip: true, get: e => html`<span class="quiet">${e.record ? summary(e.record) : ''}</span>` },
      { name: 'Attempts', num: true, get: e => (e.attempts ? n(e.attempts)
        : html`<span class="quiet" title=${e.waits_for ? `waits for position ${n(e.waits_for)}` : undefined}>waits behind</span>`) },
      { name: 'Last try', num: true, get: e => html`<span title=${day(e.time)}>${clock(e.time, 0)}</span>` },
      ...(acts ? [{ name: 'Acts', blank: true, bare: true,
        get: e => html`<span class="acts">${canRetry && e.attempts > 0 ? html`
        <button class="btn small plain" type="button" aria-label=${`Retry position ${n(e.position)}`}
        onClick=${() => ask({ kind: 'one', g, e })}>Retry…</button>` : null}
        <button class="btn small plain" type="button" aria-label=${`Skip position ${n(e.position)}`}
          onClick=${() => ask({ kind: 'skip', g, e })}>Skip…</button></span>` }] : [])]} />
    ${more.error && html`<${Failed} error=${more.error} again=${load} />`}
    ${next ? html`<${More} onMore=${load} busy=${more.busy}>${n(events.length)} of ${n(g.count)} shown<//>` : null}
    ${g.waiting ? html`<${More}>${plural(g.waiting, 'event')} ${g.waiting === 1 ? 'was' : 'were'} never tried: ${g.waiting === 1 ? 'it waits'
      : 'they wait'} behind the first of ${g.waiting === 1 ? 'its' : 'their'} stream, to keep the order.<//>` : null}</section>`;
}

/** What could not be handled? */
export function Parked() {
  const { data, error, now } = usePoll(abort => get('/api/parked', {}, abort), 4);
  const [what, ask] = useState(null);
  const { actions, why_no_actions: why } = session.value;
  const title = 'What could not be handled?';
  if (!data) return html`<${Head} title=${title} />${error ? html`<${Failed} error=${error} again=${now} />`
    : html`<${Bones} rows=${6} what="Reading parked events" />`}`;
  function done() {
    const look = () => { now(); overview.value.now(); };
    look();
    setTimeout(look, SETTLED);
  }
  return html`<${Head} title=${title} note=${data.count ? `${plural(data.count, 'event')}, ${plural(data.groups.length,
    'error')}, set aside so that the rest goes on. None is lost: each stays in the log.` : ''} />
    ${!actions && data.count > 0 && html`<${Note} is="none" word="Read only">
      ${why || 'Actions are off.'} With the program stopped: <code>annals parked retry</code>, <code>annals parked skip</code>.<//>`}
    ${data.limit_reached && html`<${Note} is="stopped" word="Limit">A follower has as many parked events as it may have, and has stopped.<//>`}
    ${data.groups.length ? html`<div class="stack">${data.groups.map(g => html`<${Group} key=${g.id} g=${g} acts=${actions} ask=${ask} />`)}</div>`
      : html`<${Panel}><${Empty} title="Nothing is parked">Every event was handled by all that follow the log.<//><//>`}
    ${what && html`<${Ask} what=${what} onClose=${() => ask(null)} onDone=${done} />`}`;
}

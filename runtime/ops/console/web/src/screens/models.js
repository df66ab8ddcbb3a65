import { useEffect, useState } from 'preact/hooks';
import { get, post, session } from '../lib/api.js';
import { useAnswer, usePoll } from '../lib/ask.js';
import { differences } from '../lib/diff.js';
import { html } from '../lib/html.js';
import { setQuery } from '../lib/route.js';
import { bytes, moment, n, plural, span } from '../lib/text.js';
import { Confirm } from '../parts/dialog.js';
import { byNeed, FollowerState, movement } from '../parts/followers.js';
import { overview } from '../parts/frame.js';
import { Bones, Empty, Failed, Head, Note, Panel, State, Zero } from '../parts/small.js';
import { Table } from '../parts/table.js';
import { Tree } from '../parts/tree.js';

const now = { added: 'only now', removed: 'only then', changed: 'differs now' };

/** A read model after any position of the log, against the present one. */
function AsItWas({ names, head, query }) {
  const name = names.includes(query.model) ? query.model : names[0];
  const [top, setTop] = useState(head);  // stays, so that the slider does not move by itself
  const clamp = p => Math.max(0, Math.min(top, Math.round(p) || 0));
  const [at, set] = useState(query.at ? clamp(Number(query.at)) : top);
  const then = useAnswer(abort => get('/api/model', { name, position: at }, abort), `${name} ${at}`, 250);
  const present = useAnswer(abort => get('/api/model', { name, position: top }, abort), `${name} ${top}`);
  useEffect(() => { setQuery({ model: name === names[0] ? '' : name, at: at === top ? '' : at }); }, [name, at, top]);
  const isHead = at === top;
  const data = then.data?.name === name ? then.data : null;
  const both = data?.model && present.data?.model && present.data.name === name && !isHead;
  const share = top ? at / top : 1;
  return html`<section class="panel slider" aria-label="A read model as it was"><div class="line1"><h2>As it was</h2>
      <label class="field"><span class="sr">Read model</span><select value=${name} onChange=${event => setQuery({ model: event.target.value })}>
        ${names.map(one => html`<option key=${one} value=${one}>${one}</option>`)}</select></label>
      <output>As of position ${n(at)}</output><span class="when">${data && !then.waits && data.time ? moment(data.time) : ' '}</span>
      <span class="grow asof field"><span class="quiet small">${isHead ? 'the head' : 'then → now'}</span>
        ${head > top && html`<button class="btn small" type="button" onClick=${() => { setTop(head); if (isHead) set(head); }}>up to ${n(head)}
          </button>`}
        <button class="btn small" type="button" disabled=${isHead} onClick=${() => set(top)}>Head</button></span></div>
    <input type="range" min="0" max=${top} value=${at} step="1" aria-label="Position of the log" aria-valuetext=${`position ${n(at)}`}
      style=${{ '--at': `${share * 100}%` }} onInput=${event => set(clamp(Number(event.target.value)))} />
    ${then.error && !then.waits ? html`<${Failed} error=${then.error} what=${then.error.code === 'timed_out' ? 'Too far' : 'Not shown'}
      again=${then.again} />` : null}
    ${!data && !then.error ? html`<${Bones} rows=${4} what="Building the model" />` : null}
    ${data && html`<div class=${then.waits ? 'dim' : ''}>${data.left_out > 0
      && html`<p class="small soft">${plural(data.left_out, 'event')} up to here could not be applied and ${data.left_out === 1 ? 'is'
      : 'are'} left out.</p>`}
      ${data.model_omitted ? html`<${Note} is="none" word="Too large">${data.bytes === null
        ? 'The model is' : `The model has ${bytes(data.bytes)} as text,`} more than a page should hold.<//>`
        : html`<${Tree} value=${both ? present.data.model : data.model} changes=${both ? differences(data.model, present.data.model) : []}
          words=${now} />`}</div>`}</section>`;
}

function Rebuild({ f, head, onClose, onDone }) {
  return html`<${Confirm} title=${`Rebuild ${f.name}?`} word="Rebuild" onClose=${onClose} onDone=${onDone}
      act=${async () => { await post('/api/actions/rebuild', { name: f.name });
        return `${f.name} is rebuilding; the present model answers until then.`; }}>
    <p>It reads the log from the beginning, ${plural(head, 'record')}. The present model answers until the new one has caught up; until then both are
      in memory. Parked events are tried again.</p><//>`;
}

const Lag = f => html`<${Zero} value=${f.lag_events} />`;
const Parked = f => (f.parked ? html`<a href="/parked">${n(f.parked)}</a>` : html`<${Zero} value=${0} />`);
const state = { name: 'State', bare: true, get: f => html`<${FollowerState} follower=${f} />` };
const name = { name: 'Name', head: true, bare: true, get: f => html`<code>${f.name}</code>` };

const progress = f => (f.rebuild ? html`<span class="rebuilding"><progress value=${f.rebuild.position} max=${f.rebuild.target || 1}
  aria-label=${`Rebuild of ${f.name}`}></progress><span title="the present model answers until then">${movement(f)}</span></span>`
  : html`<span class="soft">${movement(f)}${f.stopped ? html`, <code>${f.stopped.reason}</code>` : ''}</span>`);

/** How far is each follower, and what does it hold? */
export function Models({ query }) {
  const { data, error, silent, now: ask } = usePoll(abort => get('/api/models', {}, abort), 2);
  const [rebuild, setRebuild] = useState(null);
  const { actions, why_no_actions: why } = session.value;
  const title = 'How far is each follower, and what does it hold?';
  if (!data) return html`<${Head} title=${title} />${error ? html`<${Failed} error=${error} again=${ask} />`
    : html`<${Bones} rows=${8} what="Reading followers" />`}`;
  const of = kind => data.followers.filter(f => f.kind === kind).sort(byNeed);
  const [models, processes, subscriptions] = ['projection', 'process', 'subscription'].map(of);
  const viewable = models.filter(f => f.model_at).map(f => f.name).sort();
  const exact = data.followers.every(f => f.exact);
  const cell = value => (value === null ? html`<span class="quiet">–</span>` : html`<${Zero} value=${value} />`);
  return html`<${Head} title=${title} note=${`head ${n(data.head.position)}; ${plural(models.length, 'read model')}, ${plural(processes.length,
    'process manager')}, ${plural(subscriptions.length, 'subscription')}`} />
    ${silent && html`<${Note} is="behind" word="No answer">The figures below are from ${moment(data.now)}.<//>`}
    ${!exact && html`<${Note} is="none" word="Checkpoints">Seen from beside the program: a follower is at its checkpoint or past it.<//>`}
    <div class=${`stack${silent ? ' stale' : ''}`}>
    <${Panel} title="Read models" note=${`derived from the log; any of them can be rebuilt${actions ? ''
      : `. No rebuild from here: ${why || 'actions are off'}`}`}>${models.length
      ? html`<${Table} caption="Read models" rows=${models} keyOf=${f => f.name} cols=${[state, name,
      { name: 'Position', num: true, get: f => n(f.position) }, { name: 'Lag', num: true, get: Lag },
        { name: 'Lag, time', num: true, get: f => (f.lag_events ? span(f.lag_seconds) : html`<${Zero} value=${0} />`) },
      { name: 'Progress', clip: true, bare: true, get: progress },
      { name: 'Image', get: f => html`<span class="soft">${f.image ? `${n(f.image.position)}, ${bytes(f.image.bytes)}` : 'none yet'}</span>` },
      { name: 'Batch, p99', num: true, mid: true, get: f => (f.batch_p99_seconds === null ? '–' : span(f.batch_p99_seconds)) },
      { name: 'Parked', num: true, get: Parked },
      ...(actions ? [{ name: 'Acts', blank: true, bare: true, get: f =>
        html`<span class="acts"><button class="btn small plain" type="button" disabled=${Boolean(f.rebuild)} aria-label=${`Rebuild ${f.name}`}
        onClick=${() => setRebuild(f)}>Rebuild…</button></span>` }] : [])]} />`
      : html`<${Empty} title="No read model">A projection of the program appears here.<//>`}<//>
    ${viewable.length > 0 && html`<${AsItWas} names=${viewable} head=${data.head.position} query=${query} />`}
    <${Panel} title="Process managers">${processes.length ? html`<${Table} caption="Process managers" rows=${processes} keyOf=${f => f.name}
      cols=${[state,
      { name: 'Name', head: true, bare: true,
        get: f => html`<a href=${`/processes?category=${encodeURIComponent(f.name)}`}><code>${f.name}</code></a>` },
      { name: 'Position', num: true, get: f => n(f.position) }, { name: 'Lag', num: true, get: Lag },
      { name: 'Instances', num: true, get: f => cell(f.instances) }, { name: 'Commands open', num: true, get: f => cell(f.open_commands) },
      { name: 'Timers to come', num: true, get: f => cell(f.timers) }, { name: 'Held', num: true,
        get: f => (f.held ? html`<${State} is="stuck">${n(f.held)}<//>` : cell(f.held)) }, { name: 'Parked', num: true, get: Parked }]} />`
      : html`<${Empty} title="No process manager">A process manager of the program appears here.<//>`}<//>
    <${Panel} title="Subscriptions" note="readers that acknowledge what they have handled">
      ${subscriptions.length ? html`<${Table} caption="Subscriptions" rows=${subscriptions} keyOf=${f => f.name} cols=${[state, name,
      { name: 'Acknowledged', num: true, get: f => n(f.position) }, { name: 'Lag', num: true, get: Lag },
        { name: 'Lag, time', num: true, get: f => (f.lag_events ? span(f.lag_seconds) : html`<${Zero} value=${0} />`) },
      { name: 'In flight', num: true,
        get: f => html`${cell(f.in_flight)}${f.in_flight_max ? html`<span class="quiet"> of ${n(f.in_flight_max)}</span>` : ''}` },
      { name: 'Members', num: true, get: f => cell(f.members) },
      { name: 'Trend', clip: true, bare: true,
        get: f => html`<span class="soft">${f.members === 0 && f.lag_events ? `it waits at ${n(f.position)} until a member joins` : movement(f)}
        </span>` },
      { name: 'Parked', num: true, get: Parked }]} />` : html`<${Empty} title="No subscription">The first member that subscribes creates one.<//>`}
        <//></div>
    ${rebuild && html`<${Rebuild} f=${rebuild} head=${data.head.position} onClose=${() => setRebuild(null)} onDone=${() => { ask();
      overview.value.now(); }} />`}`;
}

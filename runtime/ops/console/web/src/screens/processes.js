import { useEffect, useState } from 'preact/hooks';
import { get } from '../lib/api.js';
import { usePoll } from '../lib/ask.js';
import { html } from '../lib/html.js';
import { setQuery, to } from '../lib/route.js';
import { clock, day, n, plural } from '../lib/text.js';
import { Bones, Chips, Empty, Failed, Head, More, Note, Panel, State } from '../parts/small.js';
import { Table } from '../parts/table.js';

export const words = { stuck: 'stuck', parked: 'blocked', open: 'command open', timer: 'waits for a timer', idle: 'at rest' };
export const looks = { stuck: 'stuck', parked: 'parked', open: 'open', timer: 'timer', idle: 'ended' };
const upper = word => word[0].toUpperCase() + word.slice(1);

function Stands({ one }) {
  if (one.state === 'parked') return html`<span>could not handle ${one.error ? html`an event: ${one.error}`
    : 'an event'}, <a href="/parked">parked</a></span>`;
  if (one.state === 'stuck') return html`<span>${one.command ? html`cannot <b>${one.command.command}</b> in <code>${one.command.to}</code>`
    : one.error || 'a command failed'}</span>`;
  if (one.state === 'open' && one.command) return html`<span>asks <code>${one.command.to}</code> to ${one.command.command}</span>`;
  if (one.state === 'timer') return html`<span>waits for ${one.timer}</span>`;
  return html`<span>last: ${one.last.type}</span>`;
}

/** One category's instances, the worst first, in pages. */
function Instances({ category, state }) {
  const key = `${category} ${state}`;
  const [list, set] = useState({ key: '', rows: [], next: null, total: 0, busy: true, error: null });
  async function load(after, abort) {
    try {
      const data = await get('/api/instances', { category, state: state === 'all' ? '' : state, after }, abort);
      set(old => ({ key, rows: after ? [...old.rows, ...data.instances] : data.instances, next: data.next, total: data.total, complete: data.complete,
        busy: false, error: null }));
    } catch (error) {
      if (error.name !== 'AbortError') set(old => ({ ...old, key, busy: false, error }));
    }
  }
  useEffect(() => {
    const abort = new AbortController();
    load('', abort.signal);
    return () => abort.abort();
  }, [key]);
  if (list.error) return html`<${Failed} error=${list.error} what="No list" again=${() => load('')} />`;
  if (!list.key) return html`<${Bones} rows=${8} what="Reading instances" />`;
  if (!list.rows.length) return html`<${Panel}><${Empty} title=${state === 'all' ? `No instance of ${category} yet`
    : `No instance of ${category} is ${words[state] === 'command open' ? 'waiting for an answer' : words[state] || state}`}>${state === 'all'
    ? 'The first event that it observes begins one.' : ['stuck', 'parked'].includes(state) ? 'This is as it should be.' : ''}<//><//>`;
  return html`<${Panel} class=${list.key === key ? '' : 'dim'}><${Table} caption=${`Instances of ${category}`} rows=${list.rows}
    keyOf=${r => r.stream} cols=${[
      { name: 'State', bare: true, get: r => html`<${State} is=${looks[r.state]}>${words[r.state]}<//>` },
      { name: 'Instance', head: true, bare: true, get: r => html`<a href=${to.instance(r.stream)}><code>${r.stream}</code></a>` },
      { name: 'Where it stands', clip: true, bare: true, get: r => html`<${Stands} one=${r} />` },
      { name: 'Rejected', num: true, get: r => (r.refused ? html`<${State} is="refused">${n(r.refused)}<//>` : '') },
      { name: 'Open', num: true, get: r => (r.open_commands ? n(r.open_commands) : '') },
      { name: 'Timer due', num: true, get: r => (r.due ? html`<span title=${day(r.due)}>${clock(r.due, 0)}</span>` : '') },
      { name: 'Began', num: true, wide: true, get: r => html`<span title=${day(r.began)}>${clock(r.began)}</span>` },
      { name: 'Last step', num: true, get: r => html`<span title=${day(r.last.time)}>${clock(r.last.time)}</span>` }]} />
    <${More} onMore=${list.next && (() => { set(old => ({ ...old, busy: true })); load(list.next); })} busy=${list.busy}>
      ${n(list.rows.length)} of ${n(list.total)} shown; stuck first, then those with rejected commands${list.complete ? ''
      : '; only the first 20,000 were looked at'}<//><//>`;
}

/** Where does each process stand? */
export function Processes({ query }) {
  const { data, error, now } = usePoll(abort => get('/api/processes', {}, abort), 5);
  const title = 'Where does each process stand?';
  if (!data) return html`<${Head} title=${title} />${error ? html`<${Failed} error=${error} again=${now} />`
    : html`<${Bones} rows=${8} what="Reading processes" />`}`;
  if (!data.managers.length) return html`<${Head} title=${title} /><${Panel}><${Empty}
    title="No process manager">A process manager carries work across several aggregates. This program has none, or none that is known here.<//><//>`;
  const worst = m => m.counts.stuck * 1e9 + m.counts.parked * 1e6 + m.counts.open;
  const first = [...data.managers].sort((a, b) => worst(b) - worst(a) || b.instances - a.instances)[0];
  const manager = data.managers.find(m => m.category === query.category) || first;
  const state = query.state || 'all';
  const { counts } = manager;
  const total = Object.values(counts).reduce((sum, k) => sum + k, 0);
  const stuck = data.managers.filter(m => m.counts.stuck);
  return html`<${Head} title=${title} note=${html`<code>${manager.category}</code>, ${plural(manager.instances, 'instance')}`}>
      ${data.managers.length > 1 && html`<label class="field grow"><span class="sr">Process manager</span><select value=${manager.category}
        onChange=${event => setQuery({ category: event.target.value, state: '' })}>
        ${data.managers.map(m => html`<option key=${m.category} value=${m.category}>${m.category}, ${n(m.instances)}</option>`)}</select></label>`}
          <//>
    ${stuck.length > 0 && state !== 'stuck' && html`<${Note} is="stuck" word="Stuck"
      extra=${html`<a class="btn small" href=${`/processes?category=${encodeURIComponent(stuck[0].category)}&state=stuck`}>
      See ${stuck[0].counts.stuck === 1 ? 'it' : 'them'}</a>`}>
      <b>${plural(stuck.reduce((sum, m) => sum + m.counts.stuck, 0), 'instance')}
        </b> of ${stuck.map(m => m.category).join(', ')}: a command failed or could not be handed to its target. The others go on.<//>`}
    <div class="filters"><${Chips} label="State" value=${state} onPick=${key => setQuery({ state: key === 'all' ? '' : key })}
      options=${[['all', 'All', total],
      ...Object.keys(words).filter(key => counts[key] !== null).map(key => [key, upper(words[key]), counts[key] ?? 0, looks[key]])]} /></div>
    <${Instances} key=${manager.category} category=${manager.category} state=${state} />`;
}

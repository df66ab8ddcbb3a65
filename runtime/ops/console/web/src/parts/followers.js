// The followers of the log in one table, the worst first.
import { html } from '../lib/html.js';
import { trend } from '../lib/figures.js';
import { isNearHead } from '../lib/verdict.js';
import { about, kinds, n, rate, span } from '../lib/text.js';
import { Empty, Panel, State, Zero } from './small.js';
import { Table } from './table.js';

const rank = { stopped: 0, behind: 1, rebuilding: 2, head: 3 };
const isWaiting = f => f.kind === 'subscription' && f.members === 0 && f.lag_events > 0;
const kindOrder = { projection: 0, process: 1, subscription: 2 };
const rankOf = f => (isNearHead(f) ? rank.head : rank[f.state]);
/** The worst first. Those that keep up stay where they are, whatever their lag is at this moment. */
export const byNeed = (a, b) => rankOf(a) - rankOf(b) || Number(isWaiting(b)) - Number(isWaiting(a))
  || (rankOf(a) === rank.behind ? b.lag_events - a.lag_events : 0) || b.parked - a.parked || kindOrder[a.kind] - kindOrder[b.kind]
  || (a.name < b.name ? -1 : 1);

export function FollowerState({ follower: f }) {
  if (f.state === 'stopped') return html`<${State} is="stopped">stopped<//>`;
  if (f.state === 'rebuilding') return html`<${State} is="rebuild">rebuilding<//>`;
  if (isWaiting(f)) return html`<${State} is="behind">no member<//>`;
  if (!isNearHead(f)) return html`<${State} is="behind">behind<//>`;
  return html`<${State} is="ok">${f.state === 'head' ? 'at the head' : f.exact ? 'keeps up' : 'near the head'}<//>`;
}

/** What moves, in words. */
export function movement(f) {
  if (f.state === 'stopped') return f.stopped?.place ? `at ${n(f.stopped.place)}` : 'stands still';
  const moves = trend(f);
  if (f.rebuild) {
    const part = f.rebuild.target ? Math.floor((f.rebuild.position / f.rebuild.target) * 100) : 0;
    const left = moves?.speed > 0 ? `, ${about((f.rebuild.target - f.rebuild.position) / moves.speed)} to go` : '';
    return `${part} %${left}`;
  }
  if (!f.lag_events || isNearHead(f)) return '';
  if (f.kind === 'subscription' && f.members === 0) return '';
  if (!moves) return '';
  if (moves.lag < 0) return `catches up, ${about(f.lag_events / -moves.lag)}`;
  return moves.speed > 0 ? `${rate(moves.speed)} /s` : 'stands still';
}

export function Followers({ followers, title = 'Followers' }) {
  const rows = [...followers].sort(byNeed);
  if (!rows.length) return html`<${Panel} title=${title}><${Empty} title="Nothing follows the log">
    Read models, process managers and subscriptions appear here once there are any.<//><//>`;
  return html`<${Panel} title=${title} note=${`${n(rows.length)}, the worst first${rows.some(f => !f.exact) ? '; positions are checkpoints' : ''}`}>
    <${Table} caption="Followers of the log" rows=${rows} keyOf=${f => f.kind + f.name} cols=${[
      { name: 'State', bare: true, get: f => html`<${FollowerState} follower=${f} />` },
      { name: 'Name', head: true, bare: true, get: f => html`<a href="/models"><code>${f.name}</code></a>` },
      { name: 'Kind', bare: true, get: f => html`<span class="soft">${kinds[f.kind]}</span>` },
      { name: 'Position', num: true, get: f => n(f.position) },
      { name: 'Lag, events', num: true, get: f => html`<${Zero} value=${f.lag_events} />` },
      { name: 'Lag, time', num: true, get: f => (f.lag_events ? span(f.lag_seconds) : html`<${Zero} value=${0} />`) },
      { name: 'Parked', num: true, get: f => (f.parked ? html`<a href="/parked">${n(f.parked)}</a>` : html`<${Zero} value=${0} />`) },
      { name: 'Trend', bare: true, mid: true, get: f => html`<span class="soft">${movement(f)}</span>` }]} /><//>`;
}

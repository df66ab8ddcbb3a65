// An instance step by step, in two lanes: what it decided, and what it heard from others and asked of them.
import { useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { brief, clock, n, plural, secondsBetween, span } from '../lib/text.js';
import { State, StreamLink } from './small.js';

const FOLD_FROM = 3;  // accepted commands of one kind
const isBad = c => c.result === 'refused' || c.result === 'failed';
const look = { accepted: ['ok', 'accepted'], refused: ['refused', 'rejected'], failed: ['failed', 'failed'], open: ['open', 'open'] };

function Command({ item: c }) {
  const [is, word] = look[c.result];
  const more = isBad(c) ? [c.code, c.detail].filter(Boolean).join(': ')
    : c.event ? `${c.event.type}, version ${n(c.event.version)}` : c.result === 'open' ? 'no answer yet' : 'accepted without an event';
  return html`<li class=${`flow${isBad(c) ? ' bad' : ''}`}><span class="dir"><span aria-hidden="true">→</span><span class="sr">sent </span></span>
    <span class="who"><b>${c.command}</b> <${StreamLink} id=${c.to} v=${c.event?.version} /></span>
    <span class="res"><${State} is=${is}>${word}<//><span class="ms">${c.seconds === null ? '' : span(c.seconds)}</span></span><small>
      ${more}</small></li>`;
}

function Folded({ items }) {
  const [open, set] = useState(false);
  if (open) return items.map(c => html`<${Command} key=${c.version} item=${c} />`);
  const slowest = Math.max(...items.map(c => c.seconds ?? 0));
  return html`<li class="flow"><span class="dir"><span aria-hidden="true">→</span><span class="sr">sent </span></span><span class="who"><b>
    ${items[0].command}</b> <button class="btn small" type="button" onClick=${() => set(true)}>to ${plural(items.length, 'stream')}</button></span>
    <span class="res"><${State} is="ok">all accepted<//><span class="ms">${slowest ? span(slowest) : ''}</span></span></li>`;
}

function groupsOf(commands) {
  const groups = [];
  for (const c of commands) {
    const same = c.result === 'accepted' && groups.find(g => g.name === c.command && g.all[0].result === 'accepted');
    if (same) same.all.push(c);
    else groups.push({ name: c.command, all: [c] });
  }
  return groups;
}

const Heard = ({ children, bad, extra }) => html`<li class=${`flow${bad ? ' bad' : ''}`}><span class="dir"><span aria-hidden="true">←</span>
  <span class="sr">observed </span></span><span class="who soft">${children}</span>${extra}</li>`;

function Turn({ turn: t, began, index }) {
  const of = kind => t.items.filter(i => i.kind === kind);
  const [events, commands, timers, cancels] = ['event', 'command', 'timer', 'cancel'].map(of);
  const bad = commands.some(isBad) || t.answer?.accepted === false;
  const slim = !commands.length && !timers.length && !cancels.length && !t.answer && !t.fired;
  const since = secondsBetween(began, t.time);
  return html`<li class=${`turn${slim ? ' slim' : ''}${bad ? ` bad ${commands.some(c => c.result === 'failed') ? 'failed' : 'refused'}` : ''}`}>
    <div class="lanes">
    <div class="at"><time datetime=${t.time}>${clock(t.time, 6)}</time><small>
      ${index === 0 ? `position ${n(t.position)}` : since === 0 ? 'same time' : `+${span(since)}`}</small></div>
    <div class="l2">${events.map(e => html`<p key=${e.version} class="ev"><b>${e.type}</b>
      ${brief(e.payload) && html` <small>${brief(e.payload)}</small>`}</p>`)}
      ${!events.length && !timers.length && !cancels.length && html`<span class="quiet">
        ${commands.length ? 'decided to send' : t.answer ? 'took note of the answer' : 'nothing to do'}</span>`}
      ${cancels.map(x => html`<p key=${x.version} class="tm"><${State} is="none">${x.timer} cancelled<//></p>`)}
      ${timers.map(x => html`<p key=${x.version} class="tm"><${State} is="timer">
        ${x.timer} set, due ${clock(x.due)}<//><span class="quiet"> · ${x.end === 'pending' ? 'still to come'
        : `${x.end}${x.end_time ? ` after ${span(secondsBetween(t.time, x.end_time))}` : ''}`}</span></p>`)}</div>
    <div class="l3"><ul>
      ${t.observed && html`<${Heard}>${t.observed.type} <${StreamLink} id=${t.observed.stream} v=${t.observed.version} /><//>`}
      ${t.answer && html`<${Heard} bad=${!t.answer.accepted} extra=${html`<span class="res"><${State} is=${t.answer.accepted ? 'ok' : 'refused'}>
        ${t.answer.accepted ? 'accepted' : 'rejected'}<//><span class="ms"></span></span><small>
        ${[t.answer.code, t.answer.detail].filter(Boolean).join(': ')}</small>`}>answer to ${t.answer.command} <${StreamLink} id=${t.answer.to} /><//>
        `}
      ${t.fired && html`<li class="flow"><span class="dir"></span><span class="who"><${State} is="timer">
        ${t.fired.timer} fired<//></span><span class="res"><span class="ms">${span(t.fired.late_seconds)} late</span></span></li>`}
      ${groupsOf(commands).map(g => (g.all.length >= FOLD_FROM ? html`<${Folded} key=${g.all[0].version} items=${g.all} />`
        : g.all.map(c => html`<${Command} key=${c.version} item=${c} />`)))}</ul></div></div></li>`;
}

export function Steps({ turns, began, onlyBad }) {
  const timers = turns.flatMap(t => t.items.filter(i => i.kind === 'timer').map(i => ({ ...i, at: t.time })));
  const rows = [];
  turns.forEach((t, index) => {
    const bad = t.items.some(i => i.kind === 'command' && isBad(i)) || t.answer?.accepted === false;
    if (onlyBad && !bad) return;
    const before = turns[index - 1];
    const idle = before && !onlyBad ? secondsBetween(before.time, t.time) : 0;
    if (idle > 1) {
      const waited = timers.find(x => x.at <= before.time && (!x.end_time || x.end_time >= t.time));
      rows.push(html`<li key=${`idle ${t.version}`} class="idle"><b>${span(idle)} idle</b>
        ${waited ? html`<${State} is="timer">waited for ${waited.timer}, due ${clock(waited.due)}<//>` : html`<span>no timer was set</span>`}</li>`);
    }
    rows.push(html`<${Turn} key=${t.version} turn=${t} began=${began} index=${index} />`);
  });
  return html`<div class="lanes labels" aria-hidden="true"><span>Time</span><span>Instance: what it decided</span><span>
    Others: what it heard and what it asked for</span></div><ol class="turns">${rows}</ol>`;
}

import { useState } from 'preact/hooks';
import { session, post } from '../lib/api.js';
import * as figures from '../lib/figures.js';
import { html } from '../lib/html.js';
import { about, bytes, bytesIn, clock, kinds, n, plural, rate, secondsBetween, span } from '../lib/text.js';
import { isNearHead, meaning, verdict } from '../lib/verdict.js';
import { Chart } from '../parts/chart.js';
import { Confirm } from '../parts/dialog.js';
import { Followers } from '../parts/followers.js';
import { overview } from '../parts/frame.js';
import { Bones, Empty, Panel, State, Failed } from '../parts/small.js';

const Verdict = ({ is, word, title, text, when }) => html`<section class=${`verdict ${is}`}><${State} is=${is}><span class="sr">${word}</span><//>
  <h1>${title}</h1><p>${text}</p><span class="when">${when}</span></section>`;

function Broken({ one, head }) {
  const [asks, ask] = useState(false);
  const { means, why, todo } = meaning(one);
  const f = one.follower;
  const canRebuild = session.value.actions && f?.kind === 'projection';
  return html`<section class="panel trouble" aria-label=${one.title}><header><${State} is="stopped">Stopped<//><h2>
    ${f ? html`${kinds[f.kind]} <code>${f.name}</code> stands at ${n(f.position)}` : 'The log'}</h2>
      ${f && html`<p class="grow">${plural(head - f.position, 'event')} behind</p>`}</header>
    <div class="body"><div><h3>What it means</h3><p>${means}</p></div><div><h3>Why</h3><pre>${why}</pre></div>
      <div><h3>What to do</h3><p>${todo}</p><div class="acts">
        ${canRebuild && html`<button class="btn small main" type="button" onClick=${() => ask(true)}>Rebuild…</button>`}
        ${one.error?.place ? html`<a class="btn small" href=${`/streams?q=${one.error.place}`}>See the event</a>` : null}
        ${f && html`<a class="btn small plain" href="/models">All followers</a>`}</div></div></div>
    ${asks && html`<${Confirm} title=${`Rebuild ${f.name}?`} word="Rebuild" onClose=${() => ask(false)}
      act=${async () => { await post('/api/actions/rebuild', { name: f.name }); return `${f.name} is rebuilding.`; }}>
      <p>It reads the log from the beginning, ${plural(head, 'record')}. If the same event fails again, it stays stopped.</p><//>`}</section>`;
}

const Things = ({ things }) => html`<ul class="attn">${things.slice(0, 6).map(t =>
  html`<li key=${t.title}><a href=${t.href}><${State} is=${t.kind}>${t.title}<//><small>${t.text}</small></a></li>`)}</ul>`;

const Figure = ({ name, value, unit, is, children }) => html`<div><dt>${name}</dt><dd>
  ${is ? html`<${State} is=${is}>${value}<//>` : value}${unit && html`<small> ${unit}</small>`}</dd><dd>${children}</dd></div>`;

function Figures({ o }) {
  const p99 = figures.latency(0.99);
  const p50 = figures.latency(0.5);
  const worst = o.followers.reduce((max, f) => (f.state !== 'rebuilding' && f.lag_events > (max?.lag_events ?? 0) ? f : max), null);
  const stopped = o.followers.filter(f => f.state === 'stopped').length;
  const isBehind = worst && (!isNearHead(worst) || worst.members === 0);
  const split = value => span(value).split(' ');
  const grows = figures.growth();
  const free = o.store.disk_free_bytes;
  const [freeValue, freeUnit] = bytesIn(free);
  const lasts = grows > 0 && free !== null ? `full in ${about((free / grows) * 86_400)}`
    : o.store.disk_bytes ? `of ${bytes(o.store.disk_bytes)}` : free === null ? 'not known' : '';
  const unseen = o.mode === 'beside' ? 'not seen from beside' : 'not measured';
  const events = figures.eventRate();
  return html`<dl class="figs">
    <${Figure} name="Events" value=${rate(events)} unit="/s">head ${n(o.head.position)}<//>
    <${Figure} name="Commands" value=${rate(figures.commandRate())} unit=${o.counters.commands ? '/s' : ''}>
      ${o.in_flight === null ? unseen : `${n(o.in_flight)} in flight${o.in_flight_limit ? ` of ${n(o.in_flight_limit)}` : ''}`}<//>
    <${Figure} name="Latency" value=${p50 === null ? '–' : split(p50)[0]} unit=${p50 === null ? '' : split(p50)[1]}>
      ${p99 === null ? (o.latency ? 'no command of late' : unseen) : `p99 ${span(p99)}`}<//>
    <${Figure} name="Parked" value=${n(o.parked.count)} is=${o.parked.count ? 'parked' : ''}>
      ${o.parked.count ? html`<a href="/parked">${o.parked.oldest ? `oldest ${about(secondsBetween(o.parked.oldest, o.now))}`
      : plural(o.parked.errors, 'error')}</a>` : 'nothing waits'}<//>
    <${Figure} name="Behind" value=${n(worst?.lag_events ?? 0)} unit="events" is=${stopped ? 'stopped' : isBehind ? 'behind' : ''}>
      ${stopped ? `${stopped} stopped` : isBehind ? worst.name : worst ? 'all keep up' : 'all at the head'}<//>
    <${Figure} name="Disk free" value=${freeValue} unit=${freeUnit}>${lasts}<//>
    <${Figure} name="Checkpoint" value=${o.store.checkpoint?.time ? about(secondsBetween(o.store.checkpoint.time, o.now))
      : o.store.checkpoint ? n(o.store.checkpoint.position) : '–'}>${
      o.store.checkpoint ? (o.store.checkpoint.time ? `at ${n(o.store.checkpoint.position)}` : 'position') : 'none yet'}<//></dl>`;
}

const unseenAnswers = o => (o.mode === 'beside' ? 'Commands are answered inside the program and are not seen from beside it.'
  : 'This program does not measure its answers.');
const looks = { accepted: 'ok', rejected: 'none', conflict: 'behind' };
function Outcomes({ o }) {
  const all = figures.outcomes();
  const sum = all?.reduce((total, [, k]) => total + k, 0) ?? 0;
  const share = k => (k / sum < 0.0001 ? '< 0.01 %' : `${((k / sum) * 100).toFixed(k / sum > 0.1 ? 1 : 2)} %`);
  const some = all?.filter(([, k]) => k).sort((a, b) => b[1] - a[1]);
  const none = all?.filter(([, k]) => !k).map(([name]) => name);
  const window = figures.windowSeconds();
  return html`<${Panel} title="Commands by outcome" extra=${html`<p class="grow">${window ? `the last ${about(Math.round(window))}` : ''}</p>`}>
    <div class="body">
    ${!o.counters.commands ? html`<p class="soft small">${unseenAnswers(o)}</p>`
      : !sum ? html`<p class="soft small">${all ? 'No command was answered in this time.' : 'With the second answer, in a moment.'}</p>`
      : html`<ul class="bars">${some.map(([name, k]) => html`<li key=${name}><span>
        ${name}</span><svg class=${looks[name] || 'stopped'} aria-hidden="true" viewBox="0 0 100 6" preserveAspectRatio="none">
          <rect width="100" height="6" rx="1" /><rect class="v" width=${Math.max(1.2, (k / sum) * 100)} height="6" /></svg><span class="num">
            ${n(k)}</span><span class="num quiet">${share(k)}</span></li>`)}</ul>
        ${none.length > 0 && html`<p class="quiet"><small>None: ${none.join(', ')}</small></p>`}`}</div><//>`;
}

const Fact = ({ name, value, children, part }) => html`<li><span>${name}</span><b>${value}</b>
  ${part === undefined ? null : html`<progress value=${part} max="1" aria-label=${name}></progress>`}<small>${children}</small></li>`;

function StoreFacts({ o }) {
  const s = o.store;
  const used = s.disk_bytes ? 1 - s.disk_free_bytes / s.disk_bytes : undefined;
  const grows = figures.growth();
  return html`<${Panel} title="Store" class="facts"><ul>
    <${Fact} name="Log" value=${bytes(s.log_bytes)}>${plural(s.records,
      'record')}${s.streams === null ? '' : ` in ${plural(s.streams, 'stream')}`}${s.map_bytes ? `; map ${bytes(s.map_bytes)}` : ''}<//>
    ${s.disk_free_bytes !== null && html`<${Fact} name="Disk" value=${`${bytes(s.disk_free_bytes)} free`} part=${used}>
      ${[s.disk_bytes && `of ${bytes(s.disk_bytes)}`, grows > 0 && `${bytes(grows)} a day at the present rate`].filter(Boolean).join('; ')}<//>`}
    <${Fact} name="Durable and readable" value=${n(o.readable)}>${o.durable === o.readable ? 'no gap between the two'
      : `durable up to ${n(o.durable)}`}<//>
    <${Fact} name="Stream index" value=${n(s.indexed)}>${s.indexed_behind ? `${plural(s.indexed_behind, 'event')} not yet in it`
      : 'has the whole log'}; ${bytes(s.derived_bytes)} of derived state<//>
    ${s.oldest_reader_seconds !== null && html`<${Fact} name="Oldest reader" value=${span(s.oldest_reader_seconds)}>
      ${n(s.readers)} of ${plural(s.readers_limit, 'reader')}<//>`}
    ${s.checkpoint && html`<${Fact} name="Checkpoint" value=${s.checkpoint.time ? `${about(secondsBetween(s.checkpoint.time, o.now))} ago`
      : n(s.checkpoint.position)}>at ${n(s.checkpoint.position)}; a start would read on ${plural(Math.max(0, o.head.position - s.checkpoint.position),
      'event')}<//>`}
    ${s.archive && html`<${Fact} name="Archive" value=${`up to ${n(s.archive.position)}`}>
      ${s.archive.failures ? plural(s.archive.failures, 'failure') : 'no failure'}<//>`}</ul><//>`;
}

/** Is it well? */
export function Overview() {
  const { data: o, error, silent, since, now } = overview.value;
  if (!o) {
    if (error) return html`<h1 class="sr">Is it well?</h1><${Failed} error=${error} what="No figures" again=${now} />`;
    return html`<h1 class="sr">Overview</h1><${Bones} rows=${8} what="Reading figures" />`;
  }
  const v = verdict(o);
  const ago = Math.round((Date.now() - since) / 1000);
  const top = silent ? html`<${Verdict} is="behind" word="unknown" title=${`No answer from the program for ${span(ago)}.`}
    when=${`last answer ${clock(o.now, 0)}`}
      text=${`The figures below are from ${clock(o.now,
        0)} UTC and may be wrong. This page asks again every 2 s; if the program was stopped on purpose, start it and the page goes on by itself.`} />
        `
    : html`<${Verdict} is=${v.kind} word=${v.word} title=${v.title} text=${v.text} when=${`as of ${clock(o.now, 0)} UTC`} />`;
  if (!o.head.position) return html`${top}<${Panel}><${Empty} title="No event yet">
    Figures and charts begin with the first command. To see how it looks with data, fill another store: <code>annals demo --store shop</code><//><//>
    ${o.followers.length > 0 && html`<${Followers} followers=${o.followers} />`}`;
  const events = figures.series('events');
  const latencies = o.latency ? figures.series('latency') : [];
  const soon = 'The line begins with the next answer; ten minutes are kept.';
  const body = html`<${Figures} o=${o} /><div class="grid three">
      <${Chart} title="Events" unit="/s" names=${['events']} series=${events} show=${rate} empty=${soon} />
      <${Chart} title="Latency" unit="ms" names=${['p50', 'p99']} series=${latencies.map(p =>
        ({ at: p.at, values: p.values.map(v => (v === null ? null : v * 1000)) }))} show=${rate}
        empty=${o.latency ? soon : unseenAnswers(o)} />
      <${Outcomes} o=${o} /></div>
    <div class="grid side-right"><${Followers} followers=${o.followers} /><${StoreFacts} o=${o} /></div>`;
  return html`${top}${!silent && v.broken.map(one => html`<${Broken} key=${one.title} one=${one} head=${o.head.position} />`)}
    ${!silent && v.things.length > 0 && html`<${Things} things=${v.things} />`}<div class=${silent ? 'stale' : ''}>${body}</div>`;
}

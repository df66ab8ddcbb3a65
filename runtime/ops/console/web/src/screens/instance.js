import { useEffect, useState } from 'preact/hooks';
import { get } from '../lib/api.js';
import { useAnswer } from '../lib/ask.js';
import { html } from '../lib/html.js';
import { to } from '../lib/route.js';
import { clock, moment, n, plural, secondsBetween, span } from '../lib/text.js';
import { Bones, Empty, Failed, Head, More, Note, Panel, State } from '../parts/small.js';
import { Steps } from '../parts/steps.js';
import { Strip } from '../parts/strip.js';
import { looks, words } from './processes.js';

function Stopped({ one }) {
  const { error } = one;
  const parked = one.state === 'parked';
  return html`<section class="panel trouble" aria-label="What is wrong"><header><${State} is=${looks[one.state]}>
    ${parked ? 'Blocked' : 'Stuck'}<//><h2>${error.command ? html`<code>${error.command}</code> → <code>${error.to}</code>`
    : 'It could not handle an event'}${
      error.attempts ? ` failed ${plural(error.attempts, 'time')}` : ''}</h2></header>
    <div class="body"><div><h3>What it means</h3><p>
      ${parked ? 'It stands still until this event is retried or skipped; what comes after it waits, in order. Other instances go on.'
        : 'The command is not lost: it is kept, with its id. What depends on its answer waits. Other instances go on.'}</p></div>
      <div><h3>Why</h3><pre>${error.text}</pre></div>
      <div><h3>What to do</h3><p>${parked ? 'Mend the cause, then retry it under Parked.'
        : 'Mend the cause, then start the program again: the same command is sent with the same id, so it takes effect at most once.'}</p>
        <div class="acts">${parked && html`<a class="btn small main" href="/parked">Parked</a>`}${error.position
          ? html`<a class="btn small" href=${`/streams?q=${error.position}`}>See the event</a>` : null}</div></div></div></section>`;
}

/** One instance as a timeline. */
export function Instance({ query }) {
  const { id } = query;
  const [onlyBad, setOnly] = useState(false);
  const first = useAnswer(id ? abort => get('/api/instance', { id }, abort) : null, id);
  const [rest, setRest] = useState({ turns: [], next: undefined, busy: false, error: null });
  useEffect(() => setRest({ turns: [], next: undefined, busy: false, error: null }), [id]);
  if (!id) return html`<${Head} title="Which instance?" note=${html`<a href="/processes">All processes</a>`} />`;
  const category = id.split('-')[0];
  const crumb = html`<a href="/processes">Processes</a> / <a href=${`/processes?category=${encodeURIComponent(category)}`}>${category}</a>`;
  const title = html`<code>${id}</code>`;
  if (first.error && !first.data) return html`<${Head} title=${title} crumb=${crumb} />
    ${first.error.status === 404 ? html`<${Panel}><${Empty} title="No such instance">
    Nothing was written under this name, or it is not a process. <a href=${to.stream(id)}>As a stream</a><//><//>`
      : html`<${Failed} error=${first.error} again=${first.again} />`}`;
  if (!first.data) return html`<${Head} title=${title} crumb=${crumb} /><${Bones} rows=${8} what="Reading the instance" />`;
  const one = first.data;
  const next = rest.next === undefined ? one.next : rest.next;
  const turns = [...one.turns, ...rest.turns];
  const since = time => secondsBetween(one.began, time);
  const commands = turns.flatMap(t => t.items.filter(i => i.kind === 'command').map(i =>
    ({ ...i, at: since(t.time), until: i.answered ? since(i.answered) : i.result === 'open' ? null : since(t.time) })));
  const timers = turns.flatMap(t => t.items.filter(i => i.kind === 'timer').map(i =>
    ({ ...i, at: since(t.time), until: i.end === 'pending' ? null : since(i.end_time ?? t.time) })));
  const bad = commands.filter(c => c.result === 'refused' || c.result === 'failed');
  const open = commands.filter(c => c.result === 'open');
  const due = timers.filter(t => t.end === 'pending');
  async function more() {
    setRest(old => ({ ...old, busy: true }));
    try {
      const data = await get('/api/instance', { id, from: next });
      setRest(old => ({ turns: [...old.turns, ...data.turns], next: data.next, busy: false, error: null }));
    } catch (error) {
      setRest(old => ({ ...old, busy: false, error }));
    }
  }
  const show = () => {
    const row = document.querySelector('.flow.bad');
    row?.scrollIntoView({ block: 'center' });
    row?.querySelector('a')?.focus({ preventScroll: true });
  };
  return html`<${Head} title=${title} crumb=${crumb} note=${html`<${State} is=${looks[one.state]}>${words[one.state]}<//>`}>
      <p>${span(secondsBetween(one.began, one.last.time))}, ${plural(one.versions, 'version')}, began ${moment(one.began).replace(/\d{3} UTC/,
        ' UTC')}</p><a class="btn small grow" href=${to.stream(id)}>As a stream</a><//>
    ${one.error ? html`<${Stopped} one=${one} />`
      : bad.length ? html`<${Note} is="refused" word=${`${bad.length} rejected`}
        extra=${html`<button class="btn small plain" type="button" onClick=${show}>Show</button>`}>
        ${bad.slice(0, 3).map((c, i) => html`${i ? ' ' : ''}<b>${c.command}</b> by <code>
        ${c.to}</code>: ${[c.code, c.detail].filter(Boolean).join(', ')}.`)}${bad.length > 3 ? ' …' : ''}<//>`
      : due.length ? html`<${Note} is="timer" word="Waits">for <b>${due[0].timer}
        </b>, due ${clock(due[0].due)}. Whatever comes first, an event that it observes or the timer, wakes it.<//>`
      : open.length ? html`<${Note} is="open" word=${`${open.length} open`}>
        Sent and not yet answered: ${open.slice(0, 5).map((c, i) => html`${i ? ', ' : ''}<b>${c.command}</b> → <code>${c.to}</code>`)}${open.length >
        5 ? ' …' : ''}.<//>` : null}
    ${turns.length > 0 && html`<${Strip} steps=${turns.map(t => ({ at: since(t.time) }))} commands=${commands} timers=${timers} />`}
    <${Panel} title="Step by step" note="old to new; → sent, ← observed or answered" extra=${bad.length > 0
      && html`<button class="btn small grow" type="button" aria-pressed=${String(onlyBad)}
      onClick=${() => setOnly(!onlyBad)}>Only what failed</button>`}>
      <${Steps} turns=${turns} began=${one.began} onlyBad=${onlyBad} />
      ${rest.error && html`<${Failed} error=${rest.error} again=${more} />`}
      ${next && html`<${More} onMore=${more} busy=${rest.busy}>up to version ${n(next - 1)} of ${n(one.versions)}<//>`}<//>`;
}

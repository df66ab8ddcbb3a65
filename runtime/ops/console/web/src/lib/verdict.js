// The one line on top: is it well? What wants attention is listed by need, the worst first.
import { n, plural, span, said, about, secondsBetween, kinds } from './text.js';
import { trend } from './figures.js';

const numbers = ['No', 'One thing', 'Two things', 'Three things', 'Four things', 'Five things', 'Six things'];
const owner = f => `${kinds[f.kind]} ${f.name}`;

const KEEPS_UP = 1;             // seconds
const CHECKPOINT_EVERY = 1000;  // records
/** At the head, or as near as one can be while others write; a checkpoint that is written every so many records says no more than that. */
export const isNearHead = f => f.state === 'head' || (f.state === 'behind' && f.members !== 0
  && ((f.lag_seconds !== null && f.lag_seconds < KEEPS_UP) || (!f.exact && f.lag_events <= CHECKPOINT_EVERY)));

/** A follower that is behind and does not come closer, once there are two answers to compare. */
function fallsBehind(f) {
  if (f.state !== 'behind' || isNearHead(f) || (f.lag_seconds ?? 0) < 10) return false;
  const moves = trend(f);
  return moves !== null && moves.lag >= 0;
}

/** {kind: ok | behind | stopped, word, title, text, short, things: [{kind, title, text, href}], broken: [...]} */
export function verdict(o) {
  const stopped = o.followers.filter(f => f.state === 'stopped');
  const broken = [];
  if (o.health?.journal_stopped)
    broken.push({ what: 'log', title: 'The log has stopped', error: o.health.journal_stopped });
  for (const f of stopped) broken.push({ what: 'follower', follower: f, title: `${owner(f)} has stopped`, error: f.stopped });
  const things = [];
  if (o.health?.storage_full)
    things.push({ kind: 'stopped', title: 'The disk is full', text: 'Commands are refused until there is space; then it goes on by itself',
      href: '/options' });
  if (o.processes.stuck)
    things.push({ kind: 'stuck', title: `${plural(o.processes.stuck, 'process instance')} ${o.processes.stuck === 1 ? 'is' : 'are'} stuck`,
      text: 'A command of it could not be handed over or failed; other instances go on', href: '/processes?state=stuck' });
  if (o.parked.count) {
    const age = o.parked.oldest ? `, the oldest for ${about(secondsBetween(o.parked.oldest, o.now))}` : '';
    things.push({ kind: 'parked', title: `${plural(o.parked.count, 'event')} ${o.parked.count === 1 ? 'is' : 'are'} parked`,
      text: `${plural(o.parked.errors, 'error')}${age}; each waits for a decision`, href: '/parked' });
  }
  for (const f of o.followers) {
    if (f.kind === 'subscription' && f.members === 0 && f.lag_events > 0)
      things.push({ kind: 'behind', title: `${f.name} has no member`, text: `${plural(f.lag_events, 'event')} behind, and nobody takes them`,
        href: '/models' });
    else if (fallsBehind(f))
      things.push({ kind: 'behind', title: `${f.name} falls behind`, text: `${plural(f.lag_events, 'event')}, ${span(f.lag_seconds)}`,
        href: '/models' });
    if (f.held && !o.processes.stuck)
      things.push({ kind: 'stuck', title: `${plural(f.held, 'command')} of ${f.name} ${f.held === 1 ? 'is' : 'are'} held`,
        text: 'The target is not hosted here, or cannot be loaded; sent at a later start', href: '/processes?state=stuck' });
  }
  if (broken.length) {
    const first = broken[0].what === 'log' ? 'the log has stopped' : broken[0].title;
    const rest = broken.length > 1 ? `, and ${broken.length - 1} more` : '';
    return { kind: 'stopped', word: 'not healthy', short: 'Not healthy', title: `Not healthy: ${first}${rest}`,
      text: broken[0].what === 'log' ? 'Nothing is written until the store is opened again. Everything acknowledged is there.'
        : 'Commands are taken and nothing is lost. Everything else goes on.', things, broken };
  }
  if (things.length) {
    const many = numbers[things.length] || `${things.length} things`;
    return { kind: 'behind', word: 'attention', short: `${things.length} need${things.length === 1 ? 's' : ''} attention`,
      title: `Running. ${many} need${things.length === 1 ? 's' : ''} attention.`, text: calm(o), things, broken };
  }
  if (!o.head.position) return { kind: 'ok', word: 'healthy', short: 'Healthy', title: 'Healthy, and nothing has happened yet.',
    text: 'The store is open. Its log has no record.', things, broken };
  return { kind: 'ok', word: 'healthy', short: 'Healthy', title: o.mode === 'beside' ? 'Healthy, as far as the store shows.' : 'Healthy.',
    text: calm(o), things, broken };
}

function calm(o) {
  const parts = [];
  const rebuilding = o.followers.filter(f => f.state === 'rebuilding');
  const atHead = o.followers.filter(isNearHead);
  if (o.followers.length)
    parts.push(atHead.length === o.followers.length ? 'every follower keeps up'
      : `${n(atHead.length)} of ${n(o.followers.length)} followers keep up`);
  if (rebuilding.length) parts.push(`${rebuilding.map(f => f.name).join(', ')} ${rebuilding.length === 1 ? 'is' : 'are'} rebuilding`);
  if (!o.parked.count) parts.push('nothing is parked');
  if (o.mode === 'beside') parts.push('figures come from the store; what runs in the program is not seen from here');
  const text = parts.join(', ');
  return text ? `${text[0].toUpperCase()}${text.slice(1)}.` : '';
}

/** What it means, why, what to do: for one that has stopped. */
export function meaning(one, actions) {
  if (one.what === 'log') return { means: 'No command is taken. Queries answer from what was read before.', why: said(one.error),
    todo: 'Look at the disk and at the log lines of the program, then start it again.' };
  const f = one.follower;
  const what = { projection: `Queries of ${f.name} answer with this error. Commands, other read models and processes go on. No event is lost.`,
    process: `No instance of ${f.name} observes new events. What it has to do is kept, in order.`,
    subscription: `${f.name} hands out no events. What its members hold, they may finish.` }[f.kind];
  const todo = { projection:
    'Start a version that can handle this event: it goes on from there. A rebuild with the present code helps if the cause was elsewhere.',
    process: 'Start a version that can handle this event: it goes on from there.',
    subscription: 'The subscribing program can retry or skip the event.' }[f.kind];
  return { means: what, why: said(one.error), todo, actions };
}

// The parts of the pages that compute: `node --test library_tests.mjs`.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';

const library = '../../../runtime/ops/console/web/src/lib/';
const { differences } = await import(`${library}diff.js`);
const figures = await import(`${library}figures.js`);
const text = await import(`${library}text.js`);

const follower = changes => ({ kind: 'projection', name: 'revenue', state: 'head', position: 0, lag_events: 0, lag_seconds: 0, stopped: null,
  parked: 0, rebuild: null, exact: true,
  members: null, held: null, ...changes });

function overview(second, changes = {}) {
  const { position = second * 10, followers = [follower({ position })], commands = { accepted: second * 3, rejected: second },
    counts = [0, second * 90, second * 10, 0] } = changes;
  return { now: text.timeOf(second * 1e6), mode: 'inside', head: { position }, durable: position, readable: position,
    health: { storage_full: false, journal_stopped: null },
    counters: { events: position, commands }, latency: { bounds: [0.001, 0.002, 0.004], counts, sum: 0 }, followers,
      parked: { count: 0, errors: 0, oldest: null },
    processes: { stuck: 0, open: 0, timers: 0 }, store: { log_bytes: second * 1000 }, ...changes };
}

test('durations, sizes, times', () => {
  assert.deepEqual([0, 2e-6, 0.0021, 0.25, 7.4, 450, 7260, 200_000].map(text.span),
    ['0 s', '2 µs', '2.1 ms', '250 ms', '7.4 s', '7 min 30 s', '2 h 1 min', '2 days 8 h']);
  assert.deepEqual([null, 0, 999, 38.2e9, 2e6].map(text.bytes), ['–', '0 B', '999 B', '38.2 GB', '2 MB']);
  assert.deepEqual([null, 0, 0.05, 11.84, 37_000.4].map(text.rate), ['–', '0', '0.05', '11.8', '37,000']);
  const time = '2026-11-28T17:12:09.720364Z';
  assert.equal(text.timeOf(text.micros(time)), time);
  assert.equal(text.clock(time, 6), '17:12:09.720364');
  assert.equal(text.secondsBetween(time, '2026-11-28T17:12:10.720365Z'), 1.000001);
});

test('a payload in one line', () => {
  assert.equal(text.brief({ sku: 'S', lines: [1, 2], none: {}, owner: { name: 'A' } }), 'sku S · lines 2 entries · owner name A');
  assert.equal(text.brief({ to: 'order-1', command: 'confirm', body: {} }), 'confirm → order-1');
  assert.equal(text.brief({ sent: 3, accepted: false, code: 'late', detail: 'too late' }), 'of version 3: rejected, late, too late');
  assert.equal(text.brief({ text: 'x'.repeat(500) }).length, 160);
  assert.equal(text.brief(null), '');
});

test('differences of two values', () => {
  assert.deepEqual(differences({ a: 1, b: { c: [1, 2] }, d: 0 }, { a: 1, b: { c: [1, 3] }, e: null }), [
    { path: ['b', 'c', 1], what: 'changed', before: 2, after: 3 }, { path: ['d'], what: 'removed', before: 0, after: null },
      { path: ['e'], what: 'added', before: null, after: null }]);
  assert.deepEqual(differences([1, 2, 3], [1]), [{ path: [], what: 'changed', before: [1, 2, 3], after: [1] }]);
  assert.deepEqual(differences({ x: 1 }, { x: 1 }), []);
});

test('figures from before the page was opened', () => {
  figures.forget();
  figures.note(overview(100));
  figures.note(overview(102));
  const past = [40, 60, 80, 101].map(second => ({ ...overview(second, { position: second * 30 }), followers: undefined }));
  figures.begin(past);
  assert.equal(figures.count(), 5, 'what the page has itself is not taken twice');
  assert.equal(figures.windowSeconds(), 62);
  assert.deepEqual(figures.outcomes(), [['accepted', 186], ['rejected', 62]]);
  assert.equal(figures.series('events').length, 4);
  assert.deepEqual(figures.trend(overview(102).followers[0]), { speed: 10, lag: 0 }, 'of samples that have followers');
  figures.forget();
  figures.begin(past);
  assert.equal(figures.trend(follower({})), null);
});

test('rates and quantiles of the last answers', () => {
  figures.forget();
  for (let second = 1; second <= 700; second += 2) figures.note(overview(second));
  assert.equal(figures.eventRate(), 10);
  assert.equal(figures.commandRate(), 4);
  assert.ok(figures.windowSeconds() <= 600, 'ten minutes are kept');
  assert.ok(figures.latency(0.5) > 0.001 && figures.latency(0.5) < 0.002);
  assert.ok(figures.latency(0.99) > 0.002 && figures.latency(0.99) <= 0.004);
  assert.deepEqual(figures.outcomes(), [['accepted', 1800], ['rejected', 600]]);
  figures.note(overview(702, { position: 5, followers: [], commands: { accepted: 1, rejected: 0 } }));  // started again: counters are lower
  assert.equal(figures.eventRate(), null);
});

test('the verdict names the worst first', async () => {
  const { verdict } = await import(`${library}verdict.js`);
  figures.forget();
  const well = verdict(overview(10));
  assert.equal(well.title, 'Healthy.');
  assert.equal(verdict(overview(10, { mode: 'beside' })).title, 'Healthy, as far as the store shows.');
  assert.equal(verdict(overview(0, { position: 0 })).title, 'Healthy, and nothing has happened yet.');
  const parked = verdict(overview(10, { parked: { count: 2, errors: 1, oldest: text.timeOf(0) } }));
  assert.equal(parked.title, 'Running. One thing needs attention.');
  assert.equal(parked.things[0].title, '2 events are parked');
  const lonely = follower({ kind: 'subscription', name: 'audit', members: 0, lag_events: 5, state: 'behind' });
  assert.equal(verdict(overview(10, { followers: [lonely] })).things[0].title, 'audit has no member');
  const holds = [follower({ kind: 'process', position: 100, held: 2 })];
  const titles = stuck => verdict(overview(10, { followers: holds, processes: { stuck, open: 0, timers: 0 } })).things.map(t => t.title);
  assert.deepEqual(titles(1), ['1 process instance is stuck'], 'the same trouble is told once');
  assert.deepEqual(titles(0), ['2 commands of revenue are held'], 'the instances are not counted yet');
  const stopped = follower({ state: 'stopped', stopped: { code: 'projection_failed', reason: 'apply threw', detail: '', place: 7 } });
  const bad = verdict(overview(10, { followers: [stopped], parked: { count: 1, errors: 1, oldest: null } }));
  assert.equal(bad.title, 'Not healthy: read model revenue has stopped');
  assert.equal(bad.things.length, 1);
});

test('who falls behind is told from who catches up', async () => {
  const { verdict } = await import(`${library}verdict.js`);
  for (const [grows, things] of [[5, 1], [-5, 0]]) {
    figures.forget();
    let last;
    for (let second = 1; second <= 21; second += 2) {
      last = overview(second, { followers: [follower({ state: 'behind', position: second, lag_events: 1000 + grows * second, lag_seconds: 60 })] });
      figures.note(last);
    }
    assert.equal(verdict(last).things.length, things);
  }
});

test('a follower that is a moment behind keeps up, and does not change its place', async () => {
  const { isNearHead } = await import(`${library}verdict.js`);
  const behind = changes => isNearHead(follower({ state: 'behind', lag_events: 500, lag_seconds: 0.2, ...changes }));
  assert.ok(behind({}));
  assert.ok(!behind({ lag_seconds: 2 }));
  assert.ok(!behind({ lag_seconds: null }));
  assert.ok(!behind({ members: 0 }), 'nobody takes its events');
  assert.ok(behind({ lag_seconds: 60, exact: false }), 'a checkpoint');
  assert.ok(!behind({ lag_seconds: 60, exact: false, lag_events: 5000 }));
  assert.ok(!isNearHead(follower({ state: 'stopped' })));
});

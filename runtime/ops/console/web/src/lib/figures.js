// Ten minutes of answers, those before the page was opened included: rates, shares and quantiles of any window of them.
const KEEP_SECONDS = 600;
const samples = [];

const difference = (a, b) => (a === null || b === null || a === undefined || b === undefined || b < a ? null : b - a);

const sampleOf = (at, overview) => {
  const { commands, events } = overview.counters;
  return { at, events, head: overview.head.position, commands, sent: commands && Object.values(commands).reduce((sum, k) => sum + k, 0),
    latency: overview.latency, lags: Object.fromEntries((overview.followers ?? []).map(f => [`${f.kind} ${f.name}`, f])), store: overview.store };
};

/** Samples from before this page was opened, the oldest first. */
export function begin(past) {
  const until = samples[0]?.at ?? Infinity;
  samples.unshift(...past.map(one => sampleOf(Date.parse(one.now) / 1000, one)).filter(one => one.at < until));
}

export function note(overview) {
  const at = Date.parse(overview.now) / 1000;
  const last = samples.at(-1);
  if (last && at <= last.at) {
    if (at < last.at) samples.length = 0;  // another program, or a clock that was set
    else return;
  }
  samples.push(sampleOf(at, overview));
  while (samples[0].at < at - KEEP_SECONDS) samples.shift();
}
export const forget = () => { samples.length = 0; };
export const count = () => samples.length;

/** The newest sample that is at least `seconds` before this one, or the oldest there is. */
function before(index, seconds) {
  let k = index;
  while (k > 0 && samples[index].at - samples[k].at < seconds) --k;
  return k === index ? null : samples[k];
}

function rateOf(index, pick, seconds = 5) {
  const old = before(index, seconds);
  if (!old) return null;
  const more = difference(pick(old), pick(samples[index]));
  return more === null ? null : more / (samples[index].at - old.at);
}

function quantileOf(index, part, seconds = 20) {
  const old = before(index, seconds);
  const now = samples[index].latency;
  if (!old?.latency || !now) return null;
  const counts = now.counts.map((k, i) => difference(old.latency.counts[i] ?? 0, k));
  if (counts.includes(null)) return null;
  const all = counts.reduce((sum, k) => sum + k, 0);
  if (!all) return null;
  let sum = 0;
  for (let i = 0; i < counts.length; ++i) {
    sum += counts[i];
    if (sum < part * all) continue;
    const low = i ? now.bounds[i - 1] : 0;
    const high = now.bounds[i] ?? now.bounds.at(-1);
    return low + (high - low) * (counts[i] ? (part * all - (sum - counts[i])) / counts[i] : 1);
  }
  return null;
}

const last = () => samples.length - 1;
export const eventRate = () => (samples.length > 1 ? rateOf(last(), s => s.events) : null);
export const commandRate = () => (samples.length > 1 ? rateOf(last(), s => s.sent) : null);
export const latency = part => (samples.length > 1 ? quantileOf(last(), part, 60) : null);
/** Outcomes of the commands of the last ten minutes, or null. */
export function outcomes() {
  const [from, until] = [samples[0]?.commands, samples.at(-1)?.commands];
  if (!from || !until || samples.length < 2) return null;
  return Object.entries(until).map(([name, k]) => [name, difference(from[name] ?? 0, k) ?? k]);
}
export const windowSeconds = () => (samples.length > 1 ? samples.at(-1).at - samples[0].at : 0);

/** Series for the charts: [{at, values: [...]}], as many values as `picks`. */
export function series(kind) {
  return samples.map((s, i) => ({ at: s.at, values: kind === 'events' ? [rateOf(i, x => x.events)] : [quantileOf(i, 0.5), quantileOf(i, 0.99)] }))
    .slice(1);
}

/** How a follower moves: its events/s, and by how much its lag changes each second. */
export function trend(follower, key = `${follower.kind} ${follower.name}`) {
  if (samples.length < 2) return null;
  const now = samples.at(-1);
  const known = samples.findIndex(s => s.lags[key]);
  const old = known < 0 ? null : samples[Math.max(known, samples.indexOf(before(last(), 6)))];
  const [a, b] = [old?.lags[key], now.lags[key]];
  if (!a || !b || old === now) return null;
  const seconds = now.at - old.at;
  const place = f => (f.rebuild ? f.rebuild.position : f.position);
  return { speed: Math.max(0, (place(b) - place(a)) / seconds), lag: (b.lag_events - a.lag_events) / seconds };
}

/** Bytes a day that the log grows by at the present rate. */
export function growth() {
  const r = samples.length > 1 && windowSeconds() > 60 ? rateOf(last(), s => s.store.log_bytes, 120) : null;
  return r === null ? null : r * 86_400;
}

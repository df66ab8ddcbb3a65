// An instance at one look: steps keep their order, idle time is compressed and labelled, a bar is a command from sent to answered.
import { html } from '../lib/html.js';
import { clock, plural, span } from '../lib/text.js';
import { State } from './small.js';

const WIDTH = 1100;
const LABELS = 172;
const LANE = 20;
const IDLE_FROM = 1;  // seconds
const LANES_MAX = 24;

/** Puts commands to one target that overlap below each other. */
function tracksOf(commands, lanes) {
  const track = new Map();
  const tracks = lanes.map(() => 1);
  const ends = lanes.map(() => []);
  for (const c of [...commands].sort((a, b) => a.at - b.at)) {
    const lane = lanes.indexOf(c.to);
    if (lane < 0) continue;
    let k = ends[lane].findIndex(end => end <= c.at);
    if (k < 0) k = ends[lane].length;
    ends[lane][k] = c.until ?? Infinity;
    track.set(c, k);
    tracks[lane] = Math.max(tracks[lane], k + 1);
  }
  return { track, tracks };
}

/** steps, commands, timers with `at` (and `until`) in seconds since the beginning. */
export function Strip({ steps, commands, timers }) {
  const all = [...new Set(commands.map(c => c.to))];
  const lanes = all.slice(0, LANES_MAX);
  const marks = [...new Set([...steps.map(s => s.at), ...commands.map(c => c.until), ...timers.map(t => t.until)].filter(m =>
    m !== null && m !== undefined))].sort((a, b) => a - b);
  const weights = marks.map((m, i) => (i ? Math.min(3.4, Math.max(0.35, Math.log10(1 + (m - marks[i - 1]) * 12_000))) : 0));
  const whole = weights.reduce((sum, w) => sum + w, 0) || 1;
  const places = new Map();
  let sum = 0;
  marks.forEach((m, i) => { sum += weights[i]; places.set(m, LABELS + 12 + (sum / whole) * (WIDTH - LABELS - 130)); });
  const x = m => (m === null || m === undefined ? WIDTH - 40 : places.get(m) ?? WIDTH - 40);
  const gaps = marks.flatMap((m, i) => (i && m - marks[i - 1] > IDLE_FROM ? [[marks[i - 1], m]] : []));
  const top = gaps.length || timers.some(t => t.end === 'pending') ? 30 : 6;
  const { track, tracks } = tracksOf(commands, lanes);
  const offset = lane => tracks.slice(0, lane).reduce((a, b) => a + b, 0) + 1;
  const height = top + offset(lanes.length) * LANE + 4;
  const results = new Set(commands.map(c => c.result));
  return html`<section class="panel stripwrap"><header><h2>At a glance</h2><p>
    steps in order, idle time compressed; a bar is a command from sent to answered</p>
      <span class="legend">${[['accepted', 'ok'], ['refused', 'refused', 'rejected'], ['failed', 'failed'], ['open', 'open']].map(([key, is, word]) =>
        results.has(key) && html`<${State} key=${key} is=${is}>${word || key}<//>`)}
        ${timers.length > 0 && html`<${State} is="timer">timer set<//>`}</span></header>
    <div class="strip" tabindex="0" role="img" aria-label=${`${plural(steps.length, 'step')}, ${plural(commands.length,
      'command')} to ${plural(all.length, 'target')}; the list below says the same`}>
      <svg viewBox=${`0 0 ${WIDTH} ${height}`} aria-hidden="true">
        ${gaps.map(([a, b]) => html`<rect key=${a} class="gap" x=${x(a) + 4} y="18" width=${Math.max(0,
          x(b) - x(a) - 8)} height=${height - 18} /><text x=${(x(a) + x(b)) / 2} y="12" text-anchor="middle">${span(b - a)} idle</text>`)}
        ${['instance', ...lanes].map((name, i) => {
          const y = top + (i ? offset(i - 1) : 0) * LANE + 6;
          return html`<text class="lane" x="0" y=${y + 4}>${name.length > 24 ? `${name.slice(0, 23)}…` : name}</text>
            ${Array.from({ length: i ? tracks[i - 1] : 1 }, (_, k) => html`
              <line key=${k} class="rail" x1=${LABELS} x2=${WIDTH} y1=${y + k * LANE} y2=${y + k * LANE} />`)}`;
        })}
        ${timers.map((t, i) => html`<rect key=${i} class="wait" x=${x(t.at)} y=${top - 4} width=${Math.max(2,
          (t.until === null ? WIDTH - 4 : x(t.until)) - x(t.at))} height="20" rx="3" />
          ${t.end === 'pending' && html`<text x=${WIDTH - 8} y="12" text-anchor="end">due ${clock(t.due, 0)}</text>`}`)}
        ${commands.filter(c => track.has(c)).map((c, i) => html`<rect key=${i} class=${`bar ${c.result}`} x=${x(c.at)}
          y=${top + (offset(lanes.indexOf(c.to)) + track.get(c)) * LANE + 1}
          width=${Math.max(5, x(c.until) - x(c.at))} height="10" rx="2"><title>${c.command}: ${c.result}</title></rect>`)}
        ${steps.map((s, i) => html`<rect key=${i} class="step" x=${x(s.at) - 3.5} y=${top + 2.5} width="7" height="7" rx="1" />`)}
      </svg></div>${all.length > lanes.length && html`<p class="more">${plural(all.length - lanes.length, 'more target')} in the list below</p>`}
        </section>`;
}

// Lines over the last ten minutes as SVG. All charts of a page share one hairline, moved by the pointer or, with the focus, by the arrow keys.
import { signal } from '@preact/signals';
import { html } from '../lib/html.js';
import { useWidth } from './width.js';

const SPANS = [60, 120, 300, 600];  // seconds that the axis may show
const LEFT = 44;
const HEIGHT = 176;
/** The moment, in seconds, that all charts show; null: now. */
const shared = signal(null);

function above(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find(k => value <= k * power) * power;
}
const clock = at => new Date(at * 1000).toISOString().slice(11, 19);

function lineOf(points, k, x, y) {
  let text = '';
  let pen = 'M';
  for (const point of points) {
    const value = point.values[k];
    if (value === null) {
      pen = 'M';
      continue;
    }
    text += `${pen}${x(point.at).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = 'L';
  }
  return text;
}

/** series: [{at: seconds, values}], names: one for each value; show(value) without the unit */
export function Chart({ title, unit, names, series, show, empty }) {
  const [at, width] = useWidth();
  const until = series.at(-1)?.at ?? Date.now() / 1000;
  const seconds = SPANS.find(s => series.length && until - series[0].at <= s) || (series.length ? SPANS.at(-1) : SPANS[0]);
  const from = until - seconds;
  const top = above(Math.max(0, ...series.flatMap(p => p.values.filter(v => v !== null))) * 1.05);
  const [right, bottom, upper] = [width - 2, HEIGHT - 20, 8];
  const x = time => LEFT + ((time - from) / seconds) * (right - LEFT);
  const y = value => bottom - (value / top) * (bottom - upper);
  const over = shared.value !== null && series.length > 0;
  const nearest = () => series.reduce((best, p) => (Math.abs(p.at - shared.value) < Math.abs(best.at - shared.value) ? p : best));
  const point = over ? nearest() : series.at(-1);
  const index = point ? series.indexOf(point) : 0;
  const words = point ? names.map((name, k) => `${name} ${point.values[k] === null ? 'no value' : `${show(point.values[k])} ${unit}`}`).join(', ')
    : 'no value yet';

  function move(event) {
    const box = event.currentTarget.getBoundingClientRect();
    shared.value = from + Math.max(0, Math.min(1, (event.clientX - box.left - LEFT) / (right - LEFT))) * seconds;
  }
  function key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: 15, PageDown: -15, Home: -series.length, End: series.length }[event.key];
    if (!by || !series.length) return;
    event.preventDefault();
    shared.value = series[Math.max(0, Math.min(series.length - 1, index + by))].at;
  }
  const marks = (width < 420 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]).map(part => from + part * seconds);
  return html`<section class="panel"><header><h2>${title}</h2><span class="read">
    ${names.map((name, k) => html`<span key=${name} class=${names.length > 1 ? `k k${k}` : ''}>${names.length > 1 ? `${name} ` : ''}<b>${
      point && point.values[k] !== null ? show(point.values[k]) : '–'}</b> ${unit}</span>`)}</span></header>
    <div class="chart" ref=${at}><svg viewBox=${`0 0 ${width} ${HEIGHT}`} role="slider" tabindex="0" aria-label=${`${title}, over time`}
      aria-valuemin="0"
      aria-valuemax=${Math.max(0, series.length - 1)} aria-valuenow=${index} aria-valuetext=${point ? `${clock(point.at)}: ${words}` : words}
      onPointerMove=${move} onPointerLeave=${() => { shared.value = null; }} onBlur=${() => { shared.value = null; }} onKeyDown=${key}>
      ${[0, top / 2, top].map(v => html`<line key=${v} class="rule" x1=${LEFT} x2=${right} y1=${y(v)} y2=${y(v)} />`)}
      ${marks.map((m, i) => html`<text key=${i} x=${x(m)} y=${HEIGHT - 4} text-anchor=${i === 0 ? 'start'
        : i === marks.length - 1 ? 'end' : 'middle'}>${seconds < 300 ? clock(m) : clock(m).slice(0, 5)}</text>`)}
      ${names.map((name, k) => {
        const line = lineOf(series, k, x, y);
        return html`${names.length === 1 && series.length > 1 && html`<path class="area"
          d=${`${line}L${x(until)} ${bottom}L${x(series.find(p => p.values[0] !== null)?.at ?? until)} ${bottom}Z`} />`}
          <path class=${`line k${k}`} d=${line} />`;
      })}
      ${[top / 2, top].map(v => html`<text key=${v} x="0" y=${y(v) + 4}>${show(v).replace(/\.0$/, '')}${v === top ? ` ${unit}` : ''}</text>`)}
      ${over && html`<line class="hair" x1=${x(point.at)} x2=${x(point.at)} y1=${upper} y2=${bottom} />
        <text class="at" x=${x(point.at) + (x(point.at) > width / 2 ? -6 : 6)} y=${upper + 4} text-anchor=${x(point.at) > width / 2 ? 'end'
          : 'start'}>${clock(point.at)}</text>`}
      ${point && names.map((name, k) => (point.values[k] === null ? null
        : html`<circle key=${name} class=${`dot k${k}`} r="3" cx=${x(point.at)} cy=${y(point.values[k])} />`))}
    </svg>${!series.length && html`<p class="none-yet">${empty}</p>`}</div></section>`;
}

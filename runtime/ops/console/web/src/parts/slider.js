// A slider over versions or time, with a tick for each version: tall where the state changed.
import { html } from '../lib/html.js';
import { micros } from '../lib/text.js';
import { useWidth } from './width.js';

const LETTER = 6.4;      // px of a letter, about
const NAMED_FROM = 100;  // px between two ticks, from which there is room for names

function Names({ ticks, x, at, byTime, width }) {
  if (!byTime) {
    if (ticks.length < 2 || (width - 16) / (ticks.length - 1) < NAMED_FROM) return null;
    const room = Math.floor((width - 16) / (ticks.length - 1) / LETTER) - 1;
    const cut = text => (text.length > room ? `${text.slice(0, room - 1)}…` : text);
    return ticks.map((t, i) => html`<text key=${t.version} class=${t.version === at ? 'on' : ''} x=${x(t)} y="12" text-anchor=${i === 0 ? 'start'
      : i === ticks.length - 1 ? 'end' : 'middle'}>${cut(t.type)}</text>`);
  }
  let free = 0;
  return ticks.map((t, i) => {
    if (i && ticks[i - 1].time === t.time) return null;
    const many = ticks.filter(other => other.time === t.time).length;
    const word = many > 1 ? `${many} events` : t.type.length > 30 ? `${t.type.slice(0, 29)}…` : t.type;
    const wide = word.length * LETTER;
    const left = x(t) > width / 2 ? x(t) - wide : x(t);
    if (left < free) return null;
    free = left + wide + 8;
    return html`<text key=${t.version} x=${x(t)} y="12" text-anchor=${x(t) > width / 2 ? 'end' : 'start'}>${word}</text>`;
  });
}

/** ticks: of /api/ticks; at: the version; byTime; onVersion(v), onTime(micros) while it is moved. */
export function VersionSlider({ ticks, versions, at, byTime, onVersion, onTime, say }) {
  const [ref, width] = useWidth();
  const [first, last] = [micros(ticks[0].time), micros(ticks.at(-1).time)];
  const shareOf = (version, time) => (byTime ? (micros(time) - first) / (last - first || 1) : versions > 1 ? (version - 1) / (versions - 1) : 1);
  const near = ticks.findLast(t => t.version <= at) || ticks[0];
  const share = Math.max(0, Math.min(1, shareOf(at, near.time)));
  const x = t => 8 + shareOf(t.version, t.time) * (width - 16);
  const every = Math.max(1, Math.ceil(ticks.length / (width / 3)));  // no closer than 3 px
  const input = event => (byTime ? onTime(first + (Number(event.target.value) / 1000) * (last - first)) : onVersion(Number(event.target.value)));
  return html`<div ref=${ref}><svg class="ticks" aria-hidden="true" viewBox=${`0 0 ${width} 40`}>
      ${ticks.filter((t, i) => i % every === 0 || i === ticks.length - 1 || t === near).map(t =>
        html`<line key=${t.version} x1=${x(t)} x2=${x(t)} y1=${t.changed === false ? 30 : 21} y2="36" class=${t.version === at ? 'on'
        : t.version < at ? 'past' : ''} />`)}
      <${Names} ticks=${ticks} x=${x} at=${at} byTime=${byTime} width=${width} /></svg>
    <input type="range" aria-label=${byTime ? 'Time' : 'Version'} min=${byTime ? 0 : 1} max=${byTime ? 1000 : versions} step="1"
      value=${byTime ? Math.round(share * 1000) : at} aria-valuetext=${say} style=${{ '--at': `${share * 100}%` }} onInput=${input} /></div>`;
}

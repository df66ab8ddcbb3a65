import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../lib/api.js';
import { useAnswer, usePoll } from '../lib/ask.js';
import { html } from '../lib/html.js';
import { screenKeys } from '../lib/keys.js';
import { setQuery, to } from '../lib/route.js';
import { clock, day, micros, moment, n, plural, timeOf } from '../lib/text.js';
import { Events } from '../parts/events.js';
import { VersionSlider } from '../parts/slider.js';
import { Bones, Choice, Empty, Failed, Head, Note, Panel } from '../parts/small.js';
import { Tree } from '../parts/tree.js';

const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d{1,6})?Z?$/;

function StatePanel({ answer }) {
  const { data, error, waits, again } = answer;
  if (error && !waits) return html`<${Failed} error=${error} what="No state" again=${again} />`;
  if (!data) return html`<${Bones} rows=${5} what="Reading the state" />`;
  const k = data.changes?.length;
  const note = data.version === 0 ? 'nothing had happened' : data.changes === null ? ''
    : k ? `${plural(k, 'value')} changed by ${data.type}` : `${data.type} changed nothing here`;
  const title = data.version ? `State after version ${n(data.version)}` : 'State before the first event';
  return html`<${Panel} title=${title} note=${note} class=${`state${waits ? ' dim' : ''}`}>
    ${data.state_error ? html`<div class="body"><${Note} is="none" word="Not shown">
      ${data.state_error.code === 'not_hosted' || data.state_error.code === 'bad_type'
        ? html`This console does not know the type behind <code>${data.stream}</code>, so it can show its events and not its state. ` : ''}<code>
          ${[data.state_error.reason, data.state_error.detail].filter(Boolean).join(': ')}</code><//></div>`
      : data.state_omitted ? html`<div class="body"><${Note} is="none" word="Too large">The state is too large for a page. <code>
        annals state ${data.stream} --version ${data.version}</code> prints it.<//></div>`
      : html`<${Tree} value=${data.state} changes=${data.version ? data.changes : []} />`}<//>`;
}

/** How was it? One stream after any of its versions, or at any moment. */
export function Stream({ query }) {
  const { id } = query;
  const known = useAnswer(id ? abort => get('/api/ticks', { id, max: 400 }, abort) : null, id);
  if (!id) return html`<${Head} title="Which stream?" note=${html`<a href="/streams">Find one</a>`} />`;
  const category = id.split('-')[0];
  const crumb = html`<a href="/streams">Streams</a> / <a href=${`/streams?category=${encodeURIComponent(category)}`}>${category}</a>`;
  if (known.error?.status === 404) return html`<${Head} title=${html`<code>${id}</code>`} crumb=${crumb} /><${Panel}><${Empty} title="No such stream">
    Nothing was written under this name. <a href=${`/streams?q=${encodeURIComponent(id.slice(0, Math.max(1, id.length - 2)))}`}>
      Look for names like it</a><//><//>`;
  if (known.error && !known.data) return html`<${Head} title=${html`<code>${id}</code>`} crumb=${crumb} /><${Failed} error=${known.error}
    again=${known.again} />`;
  if (!known.data) return html`<${Head} title=${html`<code>${id}</code>`} crumb=${crumb} /><${Bones} rows=${6} what="Reading the stream" />`;
  return html`<${Known} key=${id} id=${id} crumb=${crumb} known=${known.data} query=${query} more=${known.again} />`;
}

function Known({ id, crumb, known, query, more }) {
  const { ticks, versions, sampled } = known;
  const clamp = v => Math.max(1, Math.min(versions, Math.round(v) || 1));
  const [byTime, setByTime] = useState(false);
  const [when, setWhen] = useState(query.t ? { time: query.t } : { version: query.v ? clamp(Number(query.v)) : versions });
  const answer = useAnswer(abort => get('/api/state', { id, ...when }, abort), JSON.stringify(when), 60);
  const data = answer.data;
  // While it waits, the place is the one that was asked for; a moment asked for is a version once the answer is there.
  const version = when.version ?? (data && !answer.waits ? data.version : clampByTime());
  function clampByTime() {
    return ticks.findLast(t => t.time <= when.time)?.version ?? 0;
  }
  const field = useRef(null);
  const set = v => {
    const next = clamp(v);
    setWhen({ version: next });
    setQuery({ v: next === versions ? '' : next, t: '' });
  };
  const setTime = time => {
    setWhen({ time });
    setQuery({ t: time, v: '' });
  };
  // Links to this stream, and the browser's way back, change the address alone.
  useEffect(() => {
    const version = query.v ? clamp(Number(query.v)) : versions;
    if (query.t ? query.t !== when.time : version !== when.version) setWhen(query.t ? { time: query.t } : { version });
  }, [query.v, query.t]);
  useEffect(() => {
    screenKeys.set('[', () => set(version - 1));
    screenKeys.set(']', () => set(version + 1));
    return () => { screenKeys.delete('['); screenKeys.delete(']'); };
  });
  const newest = usePoll(abort => get('/api/ticks', { id, max: 2 }, abort), 4, id);
  const newer = (newest.data?.versions ?? versions) - versions;
  const time = data && !answer.waits && data.version ? data.time : ticks.findLast(t => t.version <= version)?.time;
  const place = data && !answer.waits && data.version ? `position ${n(data.position)} · ${moment(data.time)}` : time && !sampled ? moment(time) : ' ';
  useEffect(() => { if (field.current && document.activeElement !== field.current) field.current.value = when.time || time || ''; },
    [time, when.time]);
  function typed(event) {
    const m = MOMENT.exec(event.target.value.trim());
    event.target.setAttribute('aria-invalid', String(!m));
    if (m) setTime(`${m[1]}T${m[2].length === 5 ? `${m[2]}:00` : m[2]}.${(m[3] || '.').slice(1).padEnd(6, '0')}Z`);
  }
  const isProcess = data?.record?.seen || ticks.some(t => t.type.startsWith('annals.'));
  const say = `version ${version} of ${versions}${data && !answer.waits && data.type ? `, ${data.type}, ${clock(data.time, 6)}` : ''}`;
  return html`<${Head} title=${html`<code>${id}</code>`} crumb=${crumb}
    note=${`${plural(versions,
    'version')}, the first ${day(ticks[0].time)} ${clock(ticks[0].time)}, the last ${day(ticks.at(-1).time)} ${clock(ticks.at(-1).time)}`}>
      ${newer > 0 && html`<button class="btn small" type="button" onClick=${() => { more(); }}>${plural(newer, 'newer version')}: show</button>`}
      ${isProcess && html`<a class="btn small grow" href=${to.instance(id)}>As a timeline</a>`}<//>
    <section class="panel slider" aria-label="How it was"><div class="line1"><output>
      ${version ? `Version ${n(version)} of ${n(versions)}` : 'Before the first event'}</output><span class="when">${place}</span>
      <span class="grow asof field"><input ref=${field} class="wide" type="text" size="27" spellcheck="false"
        aria-label="As it was at this moment, UTC" onChange=${typed} />
        <${Choice} label="Slider over" value=${byTime ? 'time' : 'version'} onPick=${key => setByTime(key === 'time')}
          options=${[['version', 'Versions'], ['time', 'Time']]} />
        <button class="btn small" type="button" aria-label="One version back" disabled=${version <= 1} onClick=${() => set(version - 1)}>←</button>
        <button class="btn small" type="button" aria-label="One version on" disabled=${version >= versions}
          onClick=${() => set(version + 1)}>→</button>
        <button class="btn small" type="button" disabled=${version >= versions} onClick=${() => set(versions)}>Head</button></span></div>
      <${VersionSlider} ticks=${ticks} versions=${versions} at=${version} byTime=${byTime} onVersion=${set} onTime=${value => setTime(timeOf(value))}
        say=${say} />
      ${sampled && html`<p class="quiet small">${n(ticks.length)} of ${n(versions)} versions have a tick; the slider reaches each.</p>`}</section>
    <div class="grid half"><${StatePanel} answer=${answer} />
      <${Events} id=${id} versions=${versions} at=${version} record=${data && !answer.waits ? data.record : null} onPick=${set} /></div>`;
}

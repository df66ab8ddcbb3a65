// Numbers, times and payloads as words. Always the same form, always in tabular digits.

const grouped = new Intl.NumberFormat('en-US');
export const n = value => (value === null || value === undefined ? '–' : grouped.format(value));
export const plural = (count, one, many = `${one}s`) => `${n(count)} ${count === 1 ? one : many}`;

/** Rates: two digits below ten, one below a hundred. */
export function rate(value) {
  if (value === null || value === undefined) return '–';
  if (value === 0) return '0';
  if (value < 0.095) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : n(Math.round(value));
}

export const day = time => (time ? time.slice(0, 10) : '');
export const clock = (time, digits = 3) => (time ? time.slice(11, 19) + (digits ? `.${time.slice(20, 20 + digits)}` : '') : '–');
export const moment = time => (time ? `${day(time)} ${clock(time, 6)} UTC` : '–');
export const micros = time => Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(`${time.slice(20).replace('Z', '')}000000`.slice(0, 6));
export const timeOf = value => {
  const whole = Math.floor(value / 1000);
  return `${new Date(whole).toISOString().slice(0, 23)}${String(Math.round(value - whole * 1000)).padStart(3, '0')}Z`;
};
export const secondsBetween = (from, until) => (micros(until) - micros(from)) / 1e6;

/** A duration: 7 min 30 s, 2.1 ms. */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  const ms = Math.abs(seconds) * 1000;
  if (ms === 0) return '0 s';
  if (ms < 1) return `${Math.max(1, Math.round(ms * 1000))} µs`;
  if (ms < 1000) return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1).replace('.0', '')} s`;
  const s = Math.round(ms / 1000);
  const two = (a, x, b, y) => (b ? `${n(a)} ${x} ${b} ${y}` : `${n(a)} ${x}`);
  if (s < 3600) return two(Math.floor(s / 60), 'min', s % 60, 's');
  if (s < 172_800) return two(Math.floor(s / 3600), 'h', Math.round((s % 3600) / 60), 'min');
  return two(Math.floor(s / 86_400), 'days', Math.round((s % 86_400) / 3600), 'h');
}
/** The same with one unit, for what is far away. */
export const about = seconds => span(seconds).split(' ').slice(0, 2).join(' ');

/** [value, unit] */
export function bytesIn(value) {
  if (value === null || value === undefined) return ['–', ''];
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let k = 0;
  let size = value;
  while (size >= 999.5 && k < units.length - 1) {
    size /= 1000;
    ++k;
  }
  return [k && size < 99.95 ? size.toFixed(1).replace('.0', '') : n(Math.round(size)), units[k]];
}
export const bytes = value => bytesIn(value).join(' ').trim();

const isBare = value => value === null || typeof value !== 'object';
const isEmpty = value => !isBare(value) && Object.keys(value).length === 0;

/** A payload in one line. The runtime's own records in words. */
export function brief(payload, max = 160) {
  if (isBare(payload)) return payload === null || payload === undefined ? '' : String(payload);
  if (typeof payload.to === 'string' && typeof payload.command === 'string') return `${payload.command} → ${payload.to}`;
  if ('accepted' in payload && 'sent' in payload)
    return `of version ${payload.sent}: ${payload.accepted ? 'accepted' : `rejected, ${payload.code}, ${payload.detail}`}`;
  const text = Object.entries(payload).filter(([, value]) => !isEmpty(value)).map(([name, value]) => {
    if (name === 'due' && Number(value) > 1e15) return `due ${clock(timeOf(Number(value)))}`;
    if (Array.isArray(value)) return `${name} ${plural(value.length, 'entry', 'entries')}`;
    return `${name} ${isBare(value) ? value : brief(value, 40)}`;
  }).join(' · ');
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
export const summary = record => (record.payload_omitted ? `${bytes(record.stored_bytes)}, open it to see it`
  : record.payload_error ? record.payload_error.reason : brief(record.payload));

export const kinds = { projection: 'read model', process: 'process', subscription: 'subscription' };
export const said = error => [error.reason || error.code, error.detail].filter(Boolean).join(': ');

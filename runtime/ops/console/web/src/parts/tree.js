// A state as a tree. What an event changed is marked by a tint, by weight and in words: before → after, new, gone.
import { useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { n } from '../lib/text.js';

const PAGE = 100;      // entries of one list or map at a time
const DEPTH_MAX = 12;  // deeper values are one line of JSON

const isBare = value => value === null || typeof value !== 'object';
const kindOf = value => (value === null ? 'nil' : typeof value === 'string' ? 'str' : typeof value === 'boolean' ? 'bool' : 'number');
const short = text => (text.length > 400 ? `${text.slice(0, 399)}…` : text);
function textOf(value) {
  if (value === null) return 'none';
  if (typeof value === 'string') return short(`"${value}"`);
  if (typeof value === 'number') return Number.isInteger(value) ? n(value) : String(value);
  return short(isBare(value) ? String(value) : JSON.stringify(value));
}
const isLine = value => !isBare(value) && Object.keys(value).length <= 5 && Object.values(value).every(isBare);

function Value({ value }) {
  if (isBare(value)) return html`<span class=${kindOf(value)}>${textOf(value)}</span>`;
  if (!Object.keys(value).length) return html`<span class="quiet">empty</span>`;
  return html`<span>${Object.entries(value).map(([name, one], i) => html`${i ? '  ' : ''}${Array.isArray(value) ? null
    : html`<span class="quiet">${name} </span>`}<span class=${kindOf(one)}>${textOf(one)}</span>`)}</span>`;
}

const Row = ({ depth, name, change, words, children }) => html`
  <div class=${`row${change ? ' chg' : ''}`} style=${{ '--depth': Math.min(depth, 8) }}><span class="k">${name}</span><span class="v">
    ${children}</span>
    <span class="tag">${change ? words[change.what] : ''}</span></div>`;

/** The changes as a tree by the steps of their paths. */
function grow(changes) {
  const root = { under: new Map(), change: null };
  for (const change of changes) {
    let at = root;
    for (const step of change.path) {
      const name = String(step);
      if (!at.under.has(name)) at.under.set(name, { under: new Map(), change: null });
      at = at.under.get(name);
    }
    at.change = change;
  }
  return root;
}

function Branch({ value, depth, marks, words }) {
  const [shown, more] = useState(PAGE);
  const names = Object.keys(value);
  const gone = [...(marks?.under || [])].filter(([, mark]) => mark.change?.what === 'removed');
  const list = names.filter((name, i) => i < shown || marks?.under.has(name));
  return html`${list.map(name => html`<${Node} key=${name} name=${name} value=${value[name]} depth=${depth} mark=${marks?.under.get(name)}
    words=${words} />`)}
    ${gone.map(([name, mark]) => html`<${Row} key=${`gone ${name}`} depth=${depth} name=${name} change=${mark.change} words=${words}><del>
      ${textOf(mark.change.before)}</del><//>`)}
    ${names.length > shown && html`<div class="row" style=${{ '--depth': depth }}><button class="btn small" type="button" onClick=${() =>
      more(shown + PAGE)}>Show ${n(Math.min(PAGE, names.length - shown))} more of ${n(names.length)}</button></div>`}`;
}

function Node({ name, value, depth, mark, words }) {
  const change = mark?.change;
  if (change?.what === 'changed' && (isBare(value) || isBare(change.before) || Array.isArray(value))) {
    return html`<${Row} depth=${depth} name=${name} change=${change} words=${words}><del>${textOf(change.before)}</del> → <ins>
      ${textOf(value)}</ins><//>`;
  }
  const added = change?.what === 'added';
  if (isBare(value) || depth >= DEPTH_MAX)
    return html`<${Row} depth=${depth} name=${name} change=${change} words=${words}>
      ${added ? html`<ins>${textOf(value)}</ins>` : html`<${Value} value=${value} />`}<//>`;
  const flat = Array.isArray(value) && value.every(isBare) && value.length <= 20;
  if (!mark?.under.size && (flat || (depth > 0 && isLine(value)) || !Object.keys(value).length))
    return html`<${Row} depth=${depth} name=${name} change=${change} words=${words}>
      ${added ? html`<ins><${Value} value=${value} /></ins>` : html`<${Value} value=${value} />`}<//>`;
  return html`<${Row} depth=${depth} name=${name} change=${change} words=${words}>
    ${Array.isArray(value) ? html`<span class="quiet">${n(value.length)} ${value.length === 1 ? 'entry' : 'entries'}</span>` : ''}<//>
    <${Branch} value=${value} depth=${depth + 1} marks=${mark} words=${words} />`;
}

const usual = { added: 'new', removed: 'gone', changed: 'changed' };

export function Tree({ value, changes = [], words = usual }) {
  const marks = grow(changes || []);
  if (isBare(value)) return html`<div class="tree"><${Row} depth=${0} name="value" words=${words}><${Value} value=${value} /><//></div>`;
  if (!Object.keys(value).length && !marks.under.size) return html`<div class="tree"><div class="row"><span class="quiet">empty</span></div></div>`;
  return html`<div class="tree"><${Branch} value=${value} depth=${0} marks=${marks} words=${words} /></div>`;
}

// Small parts that every screen uses.
import { html } from '../lib/html.js';
import { useLate } from '../lib/ask.js';
import { n, said } from '../lib/text.js';
import { to } from '../lib/route.js';

/** A state: a shape, a colour and a word. */
export const State = ({ is, children, title }) => html`<span class=${`st ${is}`} title=${title}>${children}</span>`;

export const Panel = ({ title, note, extra, children, class: more = '', rows, label }) => html`
  <section class=${`panel ${more}`} aria-label=${label} data-rows=${rows}>
    ${title && html`<header><h2>${title}</h2>${note && html`<p>${note}</p>`}${extra}</header>`}
    ${children}
  </section>`;

export const Head = ({ title, crumb, note, children }) => html`
  <div class="head">${crumb && html`<p class="crumb">${crumb}</p>`}<h1>${title}</h1>${note && html`<p>${note}</p>`}${children}</div>`;

export const Empty = ({ title, children }) => html`<div class="empty"><b>${title}</b>${children}</div>`;

export const Note = ({ is, word, children, extra }) => html`
  <div class=${`note ${is}`}><${State} is=${is}>${word}<//><p>${children}</p>${extra}</div>`;

/** An error where a part of a screen should be: the thing, the place, and a way on. */
export const Failed = ({ error, what, again }) => html`
  <div class="note stopped" role="alert"><${State} is="stopped">${what || 'Not shown'}<//>
    <p>${error.code === 'no_answer' ? 'The program does not answer.' : said(error)} <code class="quiet">${error.code}</code></p>
    ${again && html`<button class="btn small" type="button" onClick=${again}>Try again</button>`}</div>`;

/** Nothing for 300 ms, then the layout in grey, without movement. */
export function Bones({ rows = 6, waits = true, what = 'Reading' }) {
  if (!useLate(waits)) return html`<div class="bones" aria-busy="true"></div>`;
  return html`<div class="bones"><p class="sr" role="status">${what}</p>
    <div class="panel" aria-hidden="true">${Array.from({ length: rows }, (_, i) => html`<span key=${i} class=${`bone b${i % 3}`}></span>`)}
      </div></div>`;
}

export const StreamLink = ({ id, v, kind }) => html`<a href=${kind === 'process' ? to.thing(id, kind) : to.stream(id, v)}><code>${id}</code></a>`;
export const Zero = ({ value }) => (value ? n(value) : html`<span class="quiet">${value === 0 ? '0' : '–'}</span>`);

export function Chips({ label, options, value, onPick }) {
  return html`<div class="chips" role="group" aria-label=${label}>${options.map(([key, word, count, is]) => html`
    <button key=${key} class="chip" type="button" aria-pressed=${String(key === value)} onClick=${() => onPick(key)}>
      ${is ? html`<${State} is=${is}>${word}<//>` : word}${count === undefined || count === null ? null : html`<span class="n">${n(count)}</span>`}
    </button>`)}</div>`;
}

export const Choice = ({ label, options, value, onPick }) => html`
  <div class="seg" role="group" aria-label=${label}>${options.map(([key, word]) => html`
    <button key=${key} type="button" aria-pressed=${String(key === value)} onClick=${() => onPick(key)}>${word}</button>`)}</div>`;

export const More = ({ onMore, children, word = 'More', busy }) => html`
  <div class="more">${onMore && html`<button class="btn small" type="button" disabled=${busy} onClick=${onMore}>${word}</button>`}<span>
    ${children}</span></div>`;

// One table for all screens. On a phone each row becomes a card: `data-l` brings the heading along.
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../lib/html.js';

const classes = (c, value) =>
  [c.num && 'num', c.wide && 'wide', c.mid && 'mid', c.clip && 'clip', isBlank(value) && 'blank'].filter(Boolean).join(' ') || undefined;
const isBlank = value => value === '' || value === null || value === undefined || value === false || value === 0 || value?.props?.value === 0;

/** A box that may be too narrow for what is in it; then the keyboard can scroll it, too. */
function Scroll({ label, children }) {
  const at = useRef(null);
  useEffect(() => {
    const box = at.current;
    const seen = new ResizeObserver(() => {
      if (box.scrollWidth > box.clientWidth + 1) box.setAttribute('tabindex', '0');
      else box.removeAttribute('tabindex');
    });
    seen.observe(box);
    seen.observe(box.firstElementChild);
    return () => seen.disconnect();
  }, []);
  return html`<div class="scroll" ref=${at} role="group" aria-label=${label}>${children}</div>`;
}

/** cols: {name, get, num, head, bare, wide, mid, clip, blank}; key(row) */
export function Table({ caption, cols, rows, keyOf, rowClass }) {
  return html`<${Scroll} label=${caption}><table class="cards"><caption class="sr">${caption}</caption>
    <thead><tr>${cols.map(c => html`<th key=${c.name} scope="col" class=${classes(c, 1)}>
      ${c.blank ? html`<span class="sr">${c.name}</span>` : c.name}</th>`)}</tr></thead>
    <tbody>${rows.map(row => html`<tr key=${keyOf(row)} class=${rowClass?.(row)}>${cols.map(c => {
      const value = c.get(row);
      return c.head ? html`<th key=${c.name} scope="row" class=${classes(c, value)} data-l=${c.bare ? undefined : c.name}>${value}</th>`
        : html`<td key=${c.name} class=${classes(c, value)} data-l=${c.bare ? undefined : c.name}>${value}</td>`;
    })}</tr>`)}</tbody></table><//>`;
}

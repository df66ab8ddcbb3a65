// A question before an act, and what was done after it. One dialog at a time; Escape leaves, and the focus returns.
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { session } from '../lib/api.js';
import { helpOpen, keyList } from '../lib/keys.js';
import { said } from '../lib/text.js';

export const toast = signal('');
let timer = 0;
export function say(text) {
  toast.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => { toast.value = ''; }, 8000);
}
export const Toast = () => html`<div class="toast" role="status">${toast.value}</div>`;

export function Dialog({ title, onClose, children }) {
  const at = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    const dialog = at.current;
    dialog.showModal();
    dialog.querySelector('[data-first]')?.focus();
    return () => {
      dialog.close();  // while it is open, nothing else takes the focus
      if (before?.isConnected) before.focus();
      else document.querySelector('main')?.focus({ preventScroll: true });
    };
  }, []);
  return html`<dialog ref=${at} aria-labelledby="dialog-title" onClose=${onClose}
    onClick=${event => { if (event.target === at.current) onClose(); }}>
    <div class="inner"><h2 id="dialog-title">${title}</h2>${children}</div></dialog>`;
}

/**
 * Asks, acts, and says what was done. `act()` answers the sentence for the toast. With `typed` the person types the beginning of the store's id.
 */
export function Confirm({ title, word, danger, typed, act, onClose, onDone, children }) {
  const [text, setText] = useState('');
  const [state, set] = useState({ busy: false, error: null });
  const wanted = session.value.store.id.slice(0, 8);
  const ready = !typed || text.trim() === wanted;
  async function submit(event) {
    event.preventDefault();
    if (!ready || state.busy) return;
    set({ busy: true, error: null });
    try {
      say(await act(text.trim()));
      onClose();
    } catch (error) {
      set({ busy: false, error });
    }
    onDone?.();
  }
  return html`<${Dialog} title=${title} onClose=${onClose}><form onSubmit=${submit}>${children}
    ${typed && html`<div class="field"><label for="typed">Type the first 8 characters of the store’s id, <code>${wanted}</code></label>
      <input id="typed" data-first autocomplete="off" spellcheck="false" value=${text} onInput=${event => setText(event.target.value)} /></div>`}
    ${state.error && html`<p class="wrong" role="alert">${said(state.error)}</p>`}
    <div class="acts"><button class="btn" type="button" data-first=${!typed} onClick=${onClose}>Cancel</button>
      <button class=${`btn ${danger ? 'danger' : 'main'}`} type="submit" disabled=${!ready || state.busy}>
        ${state.busy ? 'Working' : word}</button></div>
  </form><//>`;
}

export function Help() {
  if (!helpOpen.value) return null;
  const close = () => { helpOpen.value = false; };
  return html`<${Dialog} title="Keys" onClose=${close}><dl class="keys">${keyList.map(([keys, what]) => html`
    <dt key=${keys}>${keys.split(' ').map(key => html`<kbd>${key}</kbd>`)}</dt><dd>${what}</dd>`)}</dl>
    <div class="acts"><button class="btn" data-first type="button" onClick=${close}>Close</button></div><//>`;
}

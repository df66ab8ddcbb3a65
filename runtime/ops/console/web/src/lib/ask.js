// Hooks: ask once for each change of the question, or again every few seconds while the page is seen.
import { useEffect, useRef, useState } from 'preact/hooks';

const SILENT_AFTER = 3;  // missed answers

/**
 * The answer to a question that may change. The old answer stays until the new one is there.
 * `load(abort)` or null for no question; `key` names the question; `rest` is how long, in ms, it must rest.
 */
export function useAnswer(load, key, rest = 0) {
  const [state, set] = useState({ key: null, data: null, error: null });
  const [round, again] = useState(0);
  useEffect(() => {
    if (!load) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      load(abort.signal).then(data => set({ key, data, error: null }),
        error => { if (error.name !== 'AbortError') set(old => ({ key, data: old.data, error })); });
    }, rest);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, round]);
  return { ...state, waits: Boolean(load) && state.key !== key, again: () => again(round + 1) };
}

/** Asks again `every` seconds while the page is seen. `silent`: three answers in a row are missing; `since`: of the last one. */
export function usePoll(load, every = 2, key = '') {
  const [state, set] = useState({ data: null, error: null, missed: 0, since: 0 });
  const now = useRef(null);
  useEffect(() => {
    let timer = 0;
    let over = false;
    let asks = false;
    let first = true;
    const abort = new AbortController();
    set({ data: null, error: null, missed: 0, since: 0 });
    async function turn() {
      clearTimeout(timer);
      if (over || asks || document.hidden) return;
      asks = true;
      try {
        const data = await load(abort.signal);
        if (!over) set({ data, error: null, missed: 0, since: Date.now() });
      } catch (error) {
        if (!over && error.name !== 'AbortError') set(old => ({ ...old, error, missed: error.status ? old.missed : old.missed + 1 }));
      }
      asks = false;
      // The second answer comes soon, so that there are rates.
      if (!over) timer = setTimeout(turn, first ? Math.min(every, 1) * 1000 : every * 1000);
      first = false;
    }
    now.current = turn;
    const seen = () => { if (!document.hidden) turn(); };
    document.addEventListener('visibilitychange', seen);
    turn();
    return () => {
      over = true;
      clearTimeout(timer);
      abort.abort();
      document.removeEventListener('visibilitychange', seen);
    };
  }, [key]);
  return { ...state, silent: state.missed >= SILENT_AFTER, now: () => now.current?.() };
}

/** False for the first 300 ms, so that quick answers do not flicker. */
export function useLate(waits, after = 300) {
  const [late, set] = useState(false);
  useEffect(() => {
    if (!waits) {
      set(false);
      return undefined;
    }
    const timer = setTimeout(() => set(true), after);
    return () => clearTimeout(timer);
  }, [waits]);
  return waits && late;
}

/** The value once it has rested for so many ms. */
export function useRested(value, rest) {
  const [rested, set] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => set(value), rest);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

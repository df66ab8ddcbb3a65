import { useEffect, useRef, useState } from 'preact/hooks';

/** [ref, width in CSS pixels] of an element that may change its size. */
export function useWidth(first = 600) {
  const at = useRef(null);
  const [width, set] = useState(first);
  useEffect(() => {
    const seen = new ResizeObserver(() => set(at.current?.clientWidth || first));
    seen.observe(at.current);
    return () => seen.disconnect();
  }, []);
  return [at, width];
}

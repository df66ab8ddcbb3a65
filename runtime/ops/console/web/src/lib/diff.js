// What differs between two values, in the form in which the server tells the changes of an event.
const isBare = value => value === null || typeof value !== 'object';
const same = (a, b) => a === b || (!isBare(a) && !isBare(b) && JSON.stringify(a) === JSON.stringify(b));

export function differences(before, after, path = [], found = []) {
  if (same(before, after)) return found;
  const lists = Array.isArray(before) && Array.isArray(after);
  const maps = !isBare(before) && !isBare(after) && !Array.isArray(before) && !Array.isArray(after);
  if (maps || (lists && before.length === after.length)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const step = [...path, lists ? Number(name) : name];
      if (!Object.hasOwn(before, name)) found.push({ path: step, what: 'added', before: null, after: after[name] });
      else if (!Object.hasOwn(after, name)) found.push({ path: step, what: 'removed', before: before[name], after: null });
      else differences(before[name], after[name], step, found);
    }
    return found;
  }
  found.push({ path, what: 'changed', before, after });
  return found;
}

// Asks the server. An answer is data, or a Refusal with the server's own words.
import { signal } from '@preact/signals';

export class Refusal extends Error {
  constructor(status, error) {
    super(error.reason || error.code);
    Object.assign(this, { status, code: error.code, reason: error.reason || '', detail: error.detail || '', place: error.place || 0 });
  }
}

/** undefined: not asked yet; null: nobody is signed in. */
export const session = signal(undefined);
/** Why the last session ended, or the last token was refused. */
export const signInError = signal('');

async function ask(method, path, body, abort) {
  let answer;
  const headers = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method === 'POST' && session.value) headers['x-annals-csrf'] = session.value.csrf;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: abort,
      credentials: 'same-origin', cache: 'no-store' });
  } catch (why) {
    if (why.name === 'AbortError') throw why;
    throw new Refusal(0, { code: 'no_answer', reason: 'The program does not answer', detail: path });
  }
  if (answer.status === 204) return null;
  let data = null;
  try {
    data = await answer.json();
  } catch (why) {
    if (why.name === 'AbortError') throw why;
  }
  if (answer.ok && data !== null) return data;
  if (answer.status === 401 && session.value) {
    signInError.value = 'The session has ended.';
    session.value = null;
  }
  throw new Refusal(answer.status, data?.error || { code: 'no_answer', reason: `Unexpected answer ${answer.status}`, detail: path });
}

/** `path?a=b` without what is empty. */
export function address(path, params = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params))
    if (value !== undefined && value !== null && value !== '') query.set(name, value);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export const get = (path, params, abort) => ask('GET', address(path, params), undefined, abort);
export const post = (path, body = {}) => ask('POST', path, body);

/** Takes the token out of the address, so that it is in no history, and signs in with it; else asks who is signed in. */
export async function begin() {
  const token = /^#t=(.+)$/.exec(location.hash)?.[1];
  if (token) {
    history.replaceState(null, '', location.pathname + location.search);
    if (await signIn(token)) return;
  }
  try {
    session.value = await get('/api/session');
  } catch (why) {
    if (why.status !== 401) signInError.value = why.status ? `${why.reason}. ${why.detail}` : 'The program does not answer.';
    session.value = null;
  }
}

export async function signIn(token) {
  try {
    session.value = await post('/api/login', { token });
    signInError.value = '';
    return true;
  } catch (why) {
    signInError.value = why.status === 403 ? 'This token is wrong, was used, or is too old. Restart the console to get a new link.'
      : why.status ? `${why.reason}. ${why.detail}` : 'The program does not answer.';
    session.value = null;
    return false;
  }
}

export async function signOut() {
  try {
    await post('/api/logout');
  } finally {
    signInError.value = '';
    session.value = null;
  }
}

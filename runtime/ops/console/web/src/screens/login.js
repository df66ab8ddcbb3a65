import { useState } from 'preact/hooks';
import { signIn, signInError } from '../lib/api.js';
import { html } from '../lib/html.js';
import { Mark } from '../parts/icons.js';

/** Sign in with the token that the program prints at its start. The address stays: after it the page goes on where it was. */
export function Login() {
  const [busy, set] = useState(false);
  async function submit(event) {
    event.preventDefault();
    const field = event.currentTarget.elements.token;
    const token = field.value.trim().replace(/^.*#t=/, '');
    if (!token) return;
    set(true);
    if (!await signIn(token)) field.focus();
    set(false);
  }
  const error = signInError.value;
  return html`<main class="login"><p class="brand"><${Mark} />annals</p><h1>Sign in</h1>
    <p>The program printed a link with a token when it started. The link works once.</p>
    <form onSubmit=${submit}><div class="field"><label for="token">Token, or the whole link</label>
      <input id="token" name="token" autocomplete="off" autocapitalize="off" spellcheck="false" required aria-invalid=${error ? 'true' : undefined}
        aria-describedby=${error ? 'token-error' : undefined} /></div>
      <p id="token-error" class="wrong" role="alert">${error}</p>
      <button class="btn main" type="submit" disabled=${busy}>Sign in</button></form>
    <pre tabindex="0" aria-label="Where the token is found">console: http://127.0.0.1:7180/#t=…</pre></main>`;
}

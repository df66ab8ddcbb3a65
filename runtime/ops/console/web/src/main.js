import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { begin, session } from './lib/api.js';
import { html } from './lib/html.js';
import * as keys from './lib/keys.js';
import * as routes from './lib/route.js';
import { Frame } from './parts/frame.js';
import { Bones, Failed, Head } from './parts/small.js';
import { Login } from './screens/login.js';
import { Overview } from './screens/overview.js';

const Nowhere = () => html`<${Head} title="There is no such page" note=${html`<a href="/">Overview</a>`} />`;

/** The screens of the other chunk. It is here before it is asked for, also if the program is replaced meanwhile by one with another chunk. */
let others = null;
const readOthers = () => import('./screens/others.js').then(module => { others = module; });

function later(name) {
  return function Later({ query }) {
    const [state, set] = useState({ ready: others !== null, error: null });
    useEffect(() => {
      if (!others) readOthers().then(() => set({ ready: true }), () => set({ error: { code: 'no_answer' } }));
    }, []);
    if (state.error) return html`<${Failed} error=${state.error} again=${() => location.reload()} />`;
    return state.ready ? html`<${others[name]} query=${query} />` : html`<${Bones} />`;
  };
}

const screens = {
  '/': [Overview, () => 'Overview'],
  '/login': [Overview, () => 'Overview'],
  '/streams': [later('Streams'), () => 'Streams'],
  '/stream': [later('Stream'), q => q.id || 'Stream'],
  '/processes': [later('Processes'), () => 'Processes'],
  '/instance': [later('Instance'), q => q.id || 'Instance'],
  '/parked': [later('Parked'), () => 'Parked'],
  '/models': [later('Models'), () => 'Models'],
  '/live': [later('Live'), () => 'Live'],
  '/options': [later('Options'), () => 'Options'],
};

function App() {
  const { path, query } = routes.route.value;
  const [Screen, titleOf] = screens[path] || [Nowhere, () => 'No such page'];
  const store = session.value?.store.name;
  const title = session.value === null ? 'Sign in' : titleOf(query);
  useEffect(() => { document.title = [title, store, 'annals'].filter(Boolean).join(' · '); }, [title, store]);
  useEffect(() => { document.body.classList.toggle('bare', session.value === null); }, [session.value === null]);
  useEffect(() => { if (session.value && path === '/login') routes.go('/'); }, [session.value, path]);
  if (session.value === undefined) return html`<main class="waits" aria-busy="true"><h1 class="sr">annals</h1></main>`;
  if (session.value === null) return html`<${Login} />`;
  return html`<${Frame}><${Screen} key=${path + (query.id || '')} query=${query} /><//>`;
}

keys.listen();
routes.listen();
begin().then(() => setTimeout(() => readOthers().catch(() => {}), 1500));
render(html`<${App} />`, document.getElementById('app'));

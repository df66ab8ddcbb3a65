import { get } from '../lib/api.js';
import { useAnswer } from '../lib/ask.js';
import { html } from '../lib/html.js';
import { session } from '../lib/api.js';
import { moment } from '../lib/text.js';
import { Bones, Failed, Head, Panel } from '../parts/small.js';
import { Table } from '../parts/table.js';

const Pairs = ({ title, note, pairs }) => html`<${Panel} title=${title} note=${note}><div class="body"><dl class="kv wide-kv">
  ${pairs.map(({ name, value }) => html`
  <dt key=${name}>${name}</dt><dd>${value === '' ? html`<span class="quiet">none</span>` : html`<code>${value}</code>`}</dd>`)}</dl></div><//>`;

/** Which options are in force, and what was built. */
export function Options() {
  const { data, error, again } = useAnswer(abort => get('/api/options', {}, abort), 'options');
  const s = session.value;
  return html`<${Head} title="What is in force?" note="Options of the runtime, of this console, and the build" />
    ${error && html`<${Failed} error=${error} again=${again} />`}${!data && !error && html`<${Bones} />`}
    ${data && html`<div class="grid half">
      <div class="stack">
        <${Panel} title="Options" note=${data.options.length ? 'bold: not the default'
          : s.mode === 'beside' ? 'of the program: not seen from beside it' : 'not told by this program'}>
          ${data.options.length > 0 && html`
          <${Table} caption="Options of the runtime" keyOf=${o => o.name} rows=${data.options} cols=${[
            { name: 'Option', head: true, bare: true, get: o => html`<code>${o.name}</code>` },
            { name: 'Value', num: true, bare: true, get: o => (o.is_default ? html`<span class="soft">${o.value}</span>` : html`<b>${o.value}</b>`) },
            { name: 'Unit', bare: true, get: o => html`<span class="quiet">${o.unit || ''}</span>` }]} />`}<//>
      </div><div class="stack">
        <${Pairs} title="Session" pairs=${[{ name: 'Signed in as', value: s.principal }, { name: 'Until', value: moment(s.ends) },
          { name: 'Runs', value: s.mode === 'inside' ? 'inside the program' : 'beside the program' },
          { name: 'Actions', value: s.actions ? 'on' : s.why_no_actions || 'off' }, { name: 'Store', value: `${s.store.name}, ${s.store.id}` },
          { name: 'Started', value: s.started ? moment(s.started) : 'not known from beside it' }]} />
        <${Pairs} title="Console" pairs=${data.console} />
        <${Pairs} title="Build" pairs=${data.build} />
      </div></div>`}`;
}

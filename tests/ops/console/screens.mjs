// Each screen in each look: it answers, nothing is wide, nothing is wrong, and a picture of it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { accessibility, looks } from './browser.mjs';

/** What the store has, asked with the session of the page. */
export async function whatThereIs(page, given) {
  const get = path => page.evaluate(async address => { const answer = await fetch(address); return answer.ok ? answer.json() : null; }, path);
  const { streams } = await get('/api/streams?limit=200');
  const ordinary = streams.filter(s => s.kind !== 'process').sort((a, b) => b.versions - a.versions);
  const { managers } = await get('/api/processes');
  const manager = [...managers].sort((a, b) => b.instances - a.instances)[0];
  const instances = manager ? (await get(`/api/instances?category=${encodeURIComponent(manager.category)}&limit=50`)).instances : [];
  const parked = await get('/api/parked');
  const models = (await get('/api/models')).followers.filter(f => f.kind === 'projection');
  const stream = given.stream || ordinary[0]?.stream;
  const { first } = await get(`/api/stream?id=${encodeURIComponent(stream)}&limit=1`);
  return { session: await get('/api/session'), stream, position: first.position,
    instance: given.instance || instances.find(i => i.refused > 0)?.stream || instances[0]?.stream, manager, parked, models };
}

const q = encodeURIComponent;

/** [name, address, what has to be seen] */
function screens(there) {
  const list = [['overview', '/', '.figs'], ['streams', '/streams', 'tbody th a'], ['found', `/streams?q=${there.position}`, 'tbody th a'],
    ['stream', `/stream?id=${q(there.stream)}`, '.envelope'],
    ['processes', '/processes', there.manager ? 'tbody th a' : '.empty'], ['parked', '/parked', there.parked.count ? '.group' : '.empty'],
      ['models', '/models', there.models.length ? 'tbody th' : '.empty'],
    ['live', '/live', '.tail a'], ['options', '/options', '.kv'], ['no-stream', '/stream?id=nothing-of-this-name', '.empty'],
      ['no-page', '/streams?q=999999999999', '.empty']];
  if (there.instance) list.splice(5, 0, ['instance', `/instance?id=${q(there.instance)}`, '.turn']);
  return list;
}

/** Visits all of them in all looks. Answers problems as lines. */
export async function visitAll({ browser, base, state, there, watch, shots }) {
  const problems = [];
  mkdirSync(shots, { recursive: true });
  for (const [look, options] of Object.entries(looks)) {
    const context = await browser.newContext({ ...options, storageState: state, reducedMotion: look === 'narrow' ? 'reduce' : 'no-preference',
      forcedColors: 'none' });
    for (const [name, address, seen] of screens(there)) {
      const what = `${look} ${name}`;
      const page = await watch.page(context);
      watch.expected = name.startsWith('no-') ? ['404'] : [];
      try {
        await page.goto(base + address);
        await page.locator(seen).first().waitFor();
        if (name === 'overview') await page.locator('.chart path.line').first().waitFor({ state: 'attached' });
        if (name === 'stream') await page.locator('.state .tree .row, .state .note').first().waitFor();
        if (name === 'models' && there.models.some(m => m.model_at)) await page.locator('.slider .tree .row').first().waitFor();
        await page.waitForFunction(() => !document.querySelector('.bones, [aria-busy="true"]'));
        const { wide, title, headings } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth - innerWidth, title: document.title,
          headings: document.querySelectorAll('h1').length }));
        if (wide > 0) problems.push(`${what}: ${wide} px wider than the window`);
        if (!title.includes('annals')) problems.push(`${what}: the title is "${title}"`);
        if (headings !== 1) problems.push(`${what}: ${headings} headings of the first rank`);
        problems.push(...await accessibility(page, what));
        await page.evaluate(() => document.activeElement?.blur());
        await page.screenshot({ path: join(shots, look === 'light' ? `${name}.png` : `${name}-${look}.png`) });
      } catch (error) {
        problems.push(`${what}: ${error.message.split('\n').slice(0, 3).join(' ')}`);
        await page.screenshot({ path: join(shots, `failed-${look}-${name}.png`) }).catch(() => {});
      }
      problems.push(...await watch.found(page, what));
      await page.close();
    }
    await context.close();
  }
  return problems;
}

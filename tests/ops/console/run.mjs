// node run.mjs --login http://127.0.0.1:PORT/#t=TOKEN [--shots DIR] [--chromium FILE] [--stream ID] [--instance ID] [--long ID] [--planted ID]
//              [--writer] [--act] [--limit MS]
// --writer: another program writes meanwhile; --act: skip and retry for real; --long: a stream of 100,000 versions;
// --planted: one with markup in its texts; --limit: for what has to be quick.
import { parseArgs } from 'node:util';
import { launch, looks, Watch } from './browser.mjs';
import { behaviours } from './behaviour.mjs';
import { visitAll, whatThereIs } from './screens.mjs';

const text = { type: 'string' };
const flag = { type: 'boolean', default: false };
const { values: options } = parseArgs({ options: { login: text, shots: { ...text, default: 'shots' },
  chromium: { ...text, default: '/usr/bin/chromium' }, stream: text, instance: text, long: text,
  planted: text, limit: { ...text, default: '3000' }, writer: flag, act: flag, only: text } });
if (!options.login) throw new Error('--login is missing: the link that the console prints at its start');
options.limit = Number(options.limit);

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
  + "form-action 'none'; frame-ancestors 'none'";
const base = new URL(options.login).origin;
const watch = new Watch(base);
const browser = await launch(options.chromium);
const problems = [];
try {
  // Without a session: a form. Then the link: it signs in, once, and the token leaves the address.
  const context = await browser.newContext(looks.light);
  const page = await watch.page(context);
  watch.expected = ['401', '403'];
  const answer = await page.goto(`${base}/streams`);
  const headers = answer.headers();
  if (headers['content-security-policy'] !== POLICY) problems.push(`content-security-policy is ${headers['content-security-policy']}`);
  for (const [name, value] of [['x-content-type-options', 'nosniff'], ['referrer-policy', 'no-referrer'], ['cache-control', 'no-store']])
    if (headers[name] !== value) problems.push(`${name} is ${headers[name]}`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.locator('#token').fill('not-the-token');
  await page.keyboard.press('Enter');
  await page.locator('#token-error').filter({ hasText: /wrong/ }).waitFor();
  problems.push(...await watch.found(page, 'sign in'));
  await page.goto('about:blank');
  await page.goto(options.login);
  await page.locator('.figs, .verdict').first().waitFor();
  if (page.url().includes('#')) problems.push('the token stays in the address');
  const cookie = (await context.cookies(base))[0];
  if (!cookie?.httpOnly || cookie.sameSite !== 'Strict') problems.push('the cookie is not HttpOnly and SameSite=Strict');
  const there = await whatThereIs(page, options);
  const state = await context.storageState();
  await context.close();

  if (!options.only) problems.push(...await visitAll({ browser, base, state, there, watch, shots: options.shots }));
  for (const [name, act] of Object.entries(behaviours)) {
    if (options.only && !name.includes(options.only)) continue;
    const own = await browser.newContext({ ...looks.light, storageState: state });
    const at = await watch.page(own);
    watch.expected = [];
    try {
      const note = await act(at, base, there, options, watch);
      console.log(`ok: ${name}${note ? ` (${note})` : ''}`);
    } catch (error) {
      problems.push(`${name}: ${error.message.split('\n').slice(0, 4).join(' ')} ${/at .*behaviour\.mjs:\d+/.exec(error.stack)?.[0] ?? ''}`);
    }
    problems.push(...await watch.found(at, name));
    await own.close();
  }
} finally {
  await browser.close();
}
for (const problem of problems) console.error(problem);
console.log(problems.length ? `${problems.length} problems` : 'no problem');
process.exitCode = problems.length ? 1 : 0;

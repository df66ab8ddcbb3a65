// What a person does: keys only, the slider, the live tail, a program that does not answer, a session that ends, acts.
import { strict as assert } from 'node:assert';

const q = encodeURIComponent;
const focused = page => page.evaluate(() => document.activeElement?.matches('a[href], input, button, select')
  ? document.activeElement.getAttribute('href') || document.activeElement.id || document.activeElement.textContent : '');
const until = (page, check, argument) => page.waitForFunction(check, argument);

/** Each: (page, base, there, options) */
export const behaviours = {
  async 'keys alone go everywhere'(page, base) {
    await page.goto(`${base}/`);
    await page.locator('.figs').waitFor();
    // Where Tab begins after a page was loaded, browsers see differently; what comes first in the page, they do not.
    const first = await page.evaluate(() => document.querySelector('a[href], button, input, select, [tabindex="0"]')?.getAttribute('href'));
    assert.equal(first, '#main', 'the first stop of Tab is "Skip to content"');
    await page.locator('a[href="#main"]').focus();
    await page.keyboard.press('Enter');
    assert.ok(await page.evaluate(() => document.activeElement.tagName === 'MAIN'));
    for (const [key, path] of [['s', '/streams'], ['p', '/processes'], ['x', '/parked'], ['m', '/models'], ['l', '/live'], ['o', '/']]) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.waitForURL(url => url.pathname === path);
      await page.locator('h1').first().waitFor({ state: 'attached' });
      await page.evaluate(() => document.activeElement?.blur());
    }
    const theme = await page.evaluate(() => document.documentElement.dataset.theme);
    await page.keyboard.press('t');
    assert.notEqual(await page.evaluate(() => document.documentElement.dataset.theme), theme);
    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    assert.equal(await focused(page), 'find');
  },

  async 'a stream is found, opened and stepped through by keys'(page, base, there) {
    await page.goto(`${base}/streams`);
    await page.locator('tbody th a').first().waitFor();
    await page.locator('#find-here').focus();
    await page.keyboard.type(there.stream);
    await until(page, id => [...document.querySelectorAll('tbody th a')].length > 0 && document.querySelector('tbody th a')?.textContent === id
      && location.search.includes('q='), there.stream);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(url => url.pathname === '/stream');
    const output = page.locator('.slider output');
    await output.waitFor();
    const last = Number(/of ([\d,]+)/.exec(await output.textContent())[1].replace(/,/g, ''));
    await page.evaluate(() => document.querySelector('main').focus());
    await page.keyboard.press('[');
    await page.waitForURL(url => url.searchParams.get('v') === String(last - 1));
    await until(page, v => document.querySelector('.events li.on .num')?.textContent.replace(/,/g, '') === String(v), last - 1);
    await page.keyboard.press(']');
    await page.waitForURL(url => !url.searchParams.has('v'));
    await page.keyboard.press('j');
    assert.ok((await focused(page)).startsWith('/stream?'), 'j goes to a row');
  },

  async 'the slider shows any version, and a moment'(page, base, there) {
    await page.goto(`${base}/stream?id=${q(there.stream)}`);
    await page.locator('.envelope').waitFor();
    const range = page.locator('.slider input[type=range]');
    const field = page.locator('.slider .asof input');
    // It follows the slider a little later; and typing what it shows already changes nothing.
    const shows = check => until(page, check, newest);
    await until(page, () => document.querySelector('.slider .asof input')?.value);
    const newest = await field.inputValue();
    await range.focus();
    await page.keyboard.press('Home');
    await until(page, () => /^Version 1 of/.test(document.querySelector('.slider output')?.textContent)
      && /after version 1$/.test(document.querySelector('.state h2')?.textContent ?? ''));
    await until(page, () => document.querySelector('.events li')?.classList.contains('on')
      && document.querySelector('.events li .num')?.textContent === '1');
    await shows(time => document.querySelector('.slider .asof input').value !== time);
    const moment = await field.inputValue();
    await page.keyboard.press('End');
    await page.waitForURL(url => !url.searchParams.has('v'));
    await shows(time => document.querySelector('.slider .asof input').value === time);
    await field.fill(moment);
    await page.keyboard.press('Enter');
    await page.waitForURL(url => url.searchParams.get('t') === moment);
    await until(page, at => document.querySelector('.slider .when')?.textContent.includes(at.slice(11, 19)), moment);
    await field.fill('yesterday');
    await page.keyboard.press('Enter');
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    await page.reload();
    await until(page, at => document.querySelector('.slider .when')?.textContent.includes(at.slice(11, 19)), moment);
  },

  async 'a read model has the slider, too'(page, base, there) {
    if (!there.models.some(m => m.model_at)) return 'no read model can be shown as it was';
    await page.goto(`${base}/models`);
    await page.locator('.slider .tree .row').first().waitFor();
    const range = page.locator('.slider input[type=range]');
    await range.evaluate(input => { input.value = Math.floor(input.max / 2); input.dispatchEvent(new Event('input', { bubbles: true })); });
    await page.waitForURL(url => url.searchParams.has('at'));
    await until(page, () => document.querySelector('.slider .when')?.textContent.includes('UTC'));
    return undefined;
  },

  async 'the tail is live, pauses and goes on'(page, base, there, options) {
    await page.goto(`${base}/live`);
    await page.locator('.tail a').first().waitFor();
    await page.evaluate(() => document.querySelector('main').focus());
    if (options.writer) {
      await page.evaluate(() => {
        window.newest = () => Number([...document.querySelectorAll('.tail li > .num:first-child')].at(-1)?.textContent.replace(/,/g, '') ?? 0);
      });
      await until(page, before => window.newest() > before, await page.evaluate(() => window.newest()));
    }
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Go on' }).waitFor();
    const rows = await page.locator('.tail').textContent();
    if (options.writer) await until(page, () => /^[1-9]/.test(document.querySelector('.livebar .nowrap')?.textContent));
    assert.equal(await page.locator('.tail').textContent(), rows, 'nothing moves while it is paused');
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    assert.ok(await page.locator('.tail li').count() <= 400);
  },

  async 'a program that does not answer is said so, and is found again'(page, base, there, options, watch) {
    watch.expected = ['ERR_FAILED', 'Failed to load resource'];
    await page.goto(`${base}/`);
    await page.locator('.figs').waitFor();
    await page.route('**/api/overview', route => route.abort());
    await page.getByRole('heading', { name: /No answer from the program/ }).waitFor({ timeout: 30_000 });
    assert.equal(await page.locator('.stale .figs').count(), 1, 'the figures of before stay, in grey');
    await page.unroute('**/api/overview');
    await page.locator('.stale').waitFor({ state: 'detached' });
  },

  async 'a session that has ended asks to sign in, at the same address'(page, base, there, options, watch) {
    watch.expected = ['401'];
    await page.goto(`${base}/models`);
    await page.locator('tbody th').first().waitFor();
    await page.route('**/api/**', route => route.fulfill({ status: 401, contentType: 'application/json',
      body: '{"error":{"code":"forbidden","reason":"","detail":"","place":0}}' }));
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/models');
  },

  async 'acts ask first, and are not there while they are off'(page, base, there, options) {
    await page.goto(`${base}/parked`);
    await page.locator('.group, .empty').first().waitFor();
    if (!there.parked.count) return 'nothing is parked';
    if (!there.session.actions) {
      assert.equal(await page.getByRole('button', { name: /Retry|Skip/ }).count(), 0);
      await page.getByText(there.session.why_no_actions).waitFor();
      return undefined;
    }
    const count = () => page.evaluate(async () => (await (await fetch('/api/parked')).json()).count);
    const before = await count();
    const skip = page.getByRole('button', { name: /^Skip position/ }).first();
    await skip.focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    assert.equal(await focused(page), 'typed', 'the focus is in the field');
    const go = page.getByRole('button', { name: 'Skip for good' });
    assert.ok(await go.isDisabled());
    await page.keyboard.type('00000000');
    assert.ok(await go.isDisabled());
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.ok(await skip.evaluate(button => button === document.activeElement), 'the focus returns');
    assert.equal(await count(), before, 'Escape does nothing else');
    if (!options.act) return undefined;
    await page.keyboard.press('Enter');
    await page.locator('#typed').fill(there.session.store.id.slice(0, 8));
    await go.click();
    await until(page, () => /was skipped/.test(document.querySelector('.toast')?.textContent));
    await until(page, async k => (await (await fetch('/api/parked')).json()).count === k, before - 1);
    const retry = page.getByRole('button', { name: /^Retry (all|…)|^Retry…$/ }).first();
    if (await retry.count()) {
      await retry.click();
      await page.locator('dialog form button[type=submit]').click();
      await until(page, () => /handled/.test(document.querySelector('.toast')?.textContent) || document.querySelector('dialog .wrong'));
    }
    return undefined;
  },

  async 'a long stream opens quickly and is never read whole'(page, base, there, options) {
    if (!options.long) return 'no long stream was named';
    const answers = [];
    page.on('response', response => { if (response.url().includes('/api/')) answers.push(response.body().then(body => body.length, () => 0)); });
    const begun = Date.now();
    await page.goto(`${base}/stream?id=${q(options.long)}`);
    await page.locator('.envelope').waitFor();
    const ms = Date.now() - begun;
    const bytes = (await Promise.all(answers)).reduce((sum, size) => sum + size, 0);
    assert.ok(await page.locator('.events li').count() <= 200);
    assert.ok(bytes < 1_000_000, `${bytes} bytes were read`);
    assert.ok(ms < options.limit, `it took ${ms} ms`);
    return `${ms} ms, ${bytes} bytes`;
  },

  async 'first figures are there in time'(page, base, there, options) {
    const begun = Date.now();
    await page.goto(`${base}/`);
    await page.locator('.figs').waitFor();
    const ms = Date.now() - begun;
    assert.ok(ms < options.limit, `it took ${ms} ms`);
    return `${ms} ms`;
  },

  async 'a planted text stays a text'(page, base, there, options) {
    if (!options.planted) return 'no planted stream was named';
    await page.goto(`${base}/stream?id=${q(options.planted)}`);
    await page.locator('.envelope').waitFor();
    assert.ok((await page.locator('main').textContent()).includes('<img'), 'it is shown as it is');
    const position = await page.evaluate(async id => (await (await fetch(`/api/stream?id=${id}&limit=1`)).json()).first.position, q(options.planted));
    await page.goto(`${base}/streams?q=${position}`);
    await page.locator('tbody th a').first().waitFor();
    assert.ok((await page.locator('tbody').textContent()).includes('<img'), 'in a list, too');
    return undefined;
  },
};

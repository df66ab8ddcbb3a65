// Chromium, and pages that are watched: errors of the console, violations of the content security policy, requests to another origin.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TIME_OUT = 15_000;  // ms, for each condition

export const looks = {
  light: { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light', isMobile: true, hasTouch: true },
  narrow: { viewport: { width: 320, height: 640 }, colorScheme: 'dark', isMobile: true, hasTouch: true },
};

export const launch = executablePath => chromium.launch({ executablePath,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'] });

/** Everything that must not happen on a page, as it is found. */
export class Watch {
  constructor(origin) {
    this.origin = origin;
    this.problems = [];
    this.expected = [];  // parts of console errors that this test provokes itself
  }

  async page(context) {
    const page = await context.newPage();
    page.setDefaultTimeout(TIME_OUT);
    await page.addInitScript(() => {
      window.violations = [];
      document.addEventListener('securitypolicyviolation', event => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
    });
    page.on('console', message => {
      if (!['error', 'warning'].includes(message.type())) return;
      const text = `${message.text()} ${message.location().url}`;
      if (!this.expected.some(part => text.includes(part))) this.problems.push(`console: ${text}`);
    });
    page.on('pageerror', error => this.problems.push(`exception: ${error.stack}`));
    page.on('request', request => {
      const { origin } = new URL(request.url());
      if (origin !== this.origin && origin !== 'null') this.problems.push(`request to ${request.url()}`);
    });
    return page;
  }

  /** What was found on this page; empty if all is well. */
  async found(page, what) {
    const seen = await page.evaluate(() => ({ violations: window.violations ?? [], images: document.images.length, ran: window.pwned,
      styles: document.querySelectorAll('style').length }));
    const problems = this.problems.splice(0);
    for (const one of seen.violations) problems.push(`content security policy: ${one}`);
    if (seen.images) problems.push(`${seen.images} images, and the console has none`);
    if (seen.ran) problems.push('a planted script ran');
    if (seen.styles) problems.push('an inline style sheet');
    return problems.map(problem => `${what}: ${problem}`);
  }
}

/** Violations that axe finds, each in a line. It is evaluated by the debugger, which the content security policy does not concern. */
export async function accessibility(page, what) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document,
    { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return violations.flatMap(v =>
    v.nodes.slice(0, 3).map(node => `${what}: axe ${v.id}: ${node.target.join(' ')}: ${(node.any[0] || node.all[0] || node.none[0])?.message
    ?? v.help}`));
}

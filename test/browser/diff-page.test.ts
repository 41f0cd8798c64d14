import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { contentDiff } from '../../studio/diff/content-diff';
import { diffPage } from '../../studio/diff-page/diff-page';
import { APPEARANCES, axeViolations } from './axe-violations';
import { launchChromium } from './launch-chromium';

const WIDTHS = { wide: 1280, narrow: 390 };

const chat = (system: string, question: string, model: string, temperature: number): PromptVariantContent => ({
  ...{ templateType: 'CHAT', modelId: model, inferenceConfiguration: { text: { temperature } } },
  templateConfiguration: {
    chat: {
      system: [{ text: system }],
      messages: [{ role: 'user', content: [{ text: question }] }],
      inputVariables: [{ name: 'ticker' }],
    },
  },
});
const rules = Array.from({ length: 20 }, (_, index) => `Rule ${index + 1}: name the source of every figure.`);
const page = diffPage({
  promptName: 'financial-analysis',
  time: new Date('2026-11-22T12:00:00Z'),
  diff: contentDiff(
    {
      label: '@PROD (:1)',
      variant: chat(
        ['You are a balanced advisor.', ...rules, 'Be brief.'].join('\n'),
        'Explain {{ticker}} in five sentences.',
        'amazon.nova-pro-v1:0',
        0.2,
      ),
    },
    {
      label: '@STAGING (:2)',
      variant: chat(
        ['You are a conservative advisor.', ...rules, 'Be brief and kind.'].join('\n'),
        'Explain {{ticker}} in five sentences.',
        'amazon.nova-lite-v1:0',
        0.4,
      ),
    },
  ),
});

const XSS = [
  '<script>window.hit=1</script>',
  '"><img src=x onerror=window.hit=1>',
  "'><svg/onload=window.hit=1>",
  '</style><script>window.hit=1</script>',
  '</title><script>window.hit=1</script>',
  '<iframe srcdoc="<script>parent.hit=1</script>"></iframe>',
  '<a href="javascript:window.hit=1">x</a>',
  '<meta http-equiv=refresh content="0;url=javascript:window.hit=1">',
  '<base href="https://example.com/"><link rel=stylesheet href=//example.com/x.css>',
  '&lt;script&gt;window.hit=1&lt;/script&gt;',
  '<!-- --><details open ontoggle=window.hit=1>',
  '\u202e<script>window.hit=1</script>\u0000\u2028',
  '<math><mtext></p><style><img src onerror=window.hit=1>',
  '{{constructor.constructor("window.hit=1")()}}',
];

describe('The diff page', () => {
  let browser: Browser;
  let folder = '';

  beforeAll(async () => {
    browser = await launchChromium();
    folder = mkdtempSync(join(tmpdir(), 'diff-page-'));
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page from a file; answers it with everything that went wrong and every request but for the file itself. */
  async function open(html: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext(options);
    const opened = await context.newPage();
    const troubles: string[] = [];
    opened.on('pageerror', (error) => troubles.push(error.message));
    opened.on('console', (message) => troubles.push(message.text()));
    opened.on('dialog', (dialog) => void dialog.dismiss().then(() => troubles.push('dialog')));
    opened.on('request', (request) => {
      if (!request.isNavigationRequest()) troubles.push(request.url());
    });
    const file = join(folder, 'page.html');
    writeFileSync(file, html);
    await opened.goto(pathToFileURL(file).href);
    return { opened, troubles, close: () => context.close() };
  }

  it.each(Object.entries(WIDTHS))(
    'needs no network and no script, and does not scroll sideways: %s',
    async (name, width) => {
      const { opened, troubles, close } = await open(page, {
        viewport: { width, height: 900 },
        javaScriptEnabled: true,
      });
      expect(await opened.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      const columns = await opened.evaluate(
        "new Set([...document.querySelector('.changed').children].map((side) => side.getBoundingClientRect().top)).size === 1",
      );
      expect(columns).toBe(name === 'wide');
      const picture = join('docs/images', `diff-page-${name}.png`);
      if (process.env.UPDATE_PICTURES) await opened.screenshot({ path: picture, fullPage: true });
      expect(existsSync(picture)).toBe(true);
      expect(troubles).toEqual([]);
      await close();
    },
  );

  it('can be read where scripts are off', async () => {
    const { opened, close } = await open(page, { javaScriptEnabled: false });
    expect(await opened.locator('ins').allInnerTexts()).toContainEqual(expect.stringContaining('conservative'));
    expect(await opened.locator('summary', { hasText: 'unchanged lines' }).count()).toBe(1);
    await close();
  });

  it.each(APPEARANCES)('passes axe, contrast included: $colorScheme, $width pixels', async ({ colorScheme, width }) => {
    const { opened, close } = await open(page, { colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
    expect(await axeViolations(opened)).toEqual([]);
    await close();
  });

  it('is walked through with the keyboard', async () => {
    const { opened, close } = await open(page);
    const focused: string[] = [];
    for (let step = 0; step < 12; step++) {
      await opened.keyboard.press('Tab');
      focused.push(String(await opened.evaluate('document.activeElement.textContent.slice(0, 20)')));
    }
    for (const name of ['Skip to the changes', 'model', 'system', '14 unchanged lines'])
      expect(focused).toContain(name);
    await opened.locator('summary').first().focus();
    await opened.keyboard.press('Enter');
    expect(await opened.evaluate("document.querySelector('details').open")).toBe(true);
    await close();
  });

  // Without its policy: what escapes the text must hold alone, the policy is a second lock.
  it.each(XSS)('takes %j for text, wherever it stands', async (attack) => {
    const hostile = (text: string) => chat(`${text}${attack}\n${attack}`, attack, attack, 0.2);
    const before = hostile('a');
    const after = { ...hostile('b'), [attack]: attack } as PromptVariantContent;
    const diff = contentDiff({ label: attack, variant: before }, { label: `file:${attack}`, variant: after });
    const { opened, troubles, close } = await open(diffPage({ promptName: attack, diff, time: new Date(0) }), {
      bypassCSP: true,
    });
    expect(troubles).toEqual([]);
    expect(await opened.evaluate('window.hit')).toBeUndefined();
    expect(await foreignElements(opened)).toEqual([]);
    await close();
  });
});

/** Elements and attributes that the page has no use for. */
async function foreignElements(opened: Page): Promise<string[]> {
  return opened.evaluate(`[...document.querySelectorAll('*')].flatMap((element) => {
    const names = element.getAttributeNames().filter((name) => name.startsWith('on') || name === 'src' || name === 'srcdoc');
    const foreign = ['SCRIPT', 'IMG', 'SVG', 'IFRAME', 'BASE', 'LINK', 'OBJECT', 'FORM', 'MATH'].includes(element.tagName.toUpperCase());
    const leads = element.tagName === 'A' && !element.getAttribute('href').startsWith('#');
    return names.length > 0 || foreign || leads ? [element.outerHTML] : [];
  })`);
}

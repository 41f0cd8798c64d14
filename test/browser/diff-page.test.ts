import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import { contentDiff } from '../../studio/diff/content-diff';
import { diffPage } from '../../studio/diff-page/diff-page';
import { chat, sampleDiff } from '../studio/diff-sample';
import { APPEARANCES, axeViolations } from './axe-violations';
import { pageOpener } from './page-opener';

const WIDTHS = { wide: 1280, narrow: 375, narrowest: 320 };

const page = diffPage(sampleDiff);

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
  const open = pageOpener();

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
      // The place of a line that the other side alone has is needed in two columns, and nowhere else.
      const blanks = await opened.evaluate(
        "[...document.querySelectorAll('.blank')].map((line) => line.getBoundingClientRect().height > 0)",
      );
      expect(blanks).toEqual([name === 'wide']);
      const picture = join('docs/images', `diff-page-${name}.png`);
      if (name !== 'narrowest' && process.env.UPDATE_PICTURES)
        await opened.screenshot({ path: picture, fullPage: true });
      expect(name === 'narrowest' || existsSync(picture)).toBe(true);
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

  it.each(['light', 'dark'] as const)('has bars whose colour tells the sides apart: %s', async (colorScheme) => {
    const { opened, close } = await open(page, { colorScheme });
    for (const place of ['.row', '.side']) {
      const [before, after] = (await opened.evaluate(`['before', 'after'].map((side) =>
        getComputedStyle(document.querySelector('${place}.' + side) ?? document.querySelector('${place} .' + side))
          .borderLeftColor.match(/\\d+/g).map(Number))`)) as [number[], number[]];
      const [[red = 0, ...notRed], [otherRed = 0, green = 0, blue = 0]] = [before, after];
      expect(red - Math.max(...notRed)).toBeGreaterThan(100);
      expect(green - Math.max(otherRed, blue)).toBeGreaterThan(60);
    }
    await close();
  });

  it('prints on A4 what is folded away, and no empty lines, black on white even where the screen is dark', async () => {
    const { opened, close } = await open(page, { colorScheme: 'dark' });
    await opened.emulateMedia({ media: 'print', colorScheme: 'dark' });
    // The sheet's width without its margins, in CSS pixels.
    await opened.setViewportSize({ width: 703, height: 1009 });
    expect(await opened.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    const heights = (selector: string) =>
      opened.evaluate(
        `[...document.querySelectorAll('${selector}')].map((one) => one.checkVisibility({ contentVisibilityAuto: true }) && one.getBoundingClientRect().height > 0)`,
      );
    // What is folded away is laid out with the next frames.
    await expect.poll(() => heights('details .row')).toEqual(Array(14).fill(true));
    expect(await heights('.blank')).toEqual([false]);
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

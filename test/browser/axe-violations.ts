import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

/** On a desk, on a phone, and on the narrowest screen that WCAG's reflow asks for (https://www.w3.org/WAI/WCAG22/Understanding/reflow). */
export const APPEARANCES = [1280, 375, 320].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
);

/** What axe finds wrong with an open page; throws where it could not look at contrast. The page's policy must be bypassed. */
export async function axeViolations(opened: Page): Promise<[string, string | undefined][]> {
  await opened.addScriptTag({ content: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8') });
  const { violations, passes } = (await opened.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string }[] }[];
    passes: { id: string }[];
  };
  if (!passes.some(({ id }) => id === 'color-contrast')) throw new Error('axe did not look at the contrast');
  return violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
}

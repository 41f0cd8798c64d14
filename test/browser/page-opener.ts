import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchChromium } from './launch-chromium';

/**
 * Opens pages from a file, in one Chromium for all tests of a suite; answers each with everything that went wrong and every
 * request but for the file itself.
 */
export function pageOpener() {
  let browser: Browser;
  let folder = '';

  beforeAll(async () => {
    browser = await launchChromium();
    folder = mkdtempSync(join(tmpdir(), 'page-'));
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  return async (html: string, options: BrowserContextOptions = {}) => {
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
  };
}

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** A real Chromium: without one the tests of the pages fail, as they say nothing otherwise. */
export function launchChromium(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(
      `expected a Chromium at ${executablePath}, found none: apt-get install chromium, or set CHROMIUM_PATH`,
    );
  }
  // Without a sandbox: containers run as root and have no user namespaces. The pages are ours.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

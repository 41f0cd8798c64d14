import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { demoPicture } from './demo-picture';

const printed = (port: number, seconds: string, calls: number) => `AWS endpoint  http://127.0.0.1:${port}   IAM enforced

1  cdk bootstrap ${' '.repeat(60)} ${seconds} s  ok
     You are a [-balanced-]{+conservative+} advisor <b> & so on.
2  release 2 ${' '.repeat(60)} ${seconds} s  ok
     PROD 1 → 2   ${calls} calls, 0 errors: ${calls - 3} on version 1, then 3 on version 2

2 chapters as stated, ${seconds} s.
`;

it('The picture of the demo is the same for each run, and its texts are texts', () => {
  const picture = demoPicture(printed(4566, '1.5', 10));
  expect(demoPicture(printed(65000, '31.9', 181))).toBe(picture);
  expect(picture).toContain('advisor &#60;b&#62; &#38; so on.');
  expect(picture).toContain('<tspan class="bad">[-balanced-]</tspan><tspan class="good">{+conservative+}</tspan>');
  expect(picture).toContain('0 errors: version 1, then version 2<');
});

it('The picture in the README shows the chapters that the demo has', () => {
  const root = join(__dirname, '../..');
  const chapters = readFileSync(join(root, 'bin/demo/chapters.ts'), 'utf8').match(/chapter\(\s*\d+,/g) ?? [];
  const shown = readFileSync(join(root, 'docs/images/demo.svg'), 'utf8').match(/class="head">\d+ /g) ?? [];
  expect(shown.length).toBe(chapters.length);
  expect(shown.length).toBeGreaterThan(5);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleText } from '../../core/text/visible-text';
import { type Html, html, lines, raw } from '../../studio/html';
import { page } from '../../studio/page';

const HOSTILE = [
  '<script>hit()</script>',
  '"><img src=x onerror=hit()>',
  "' onfocus='hit()' autofocus='",
  '</title></style><svg/onload=hit()>',
  '--><script>hit()</script><!--',
  '&lt;script&gt;',
  '\u202e<b>\u0000',
  'a\u200b\u{e0041}\u3164',
];
const any = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' }));

/** What a browser reads from escaped text. */
const read = (markup: Html) =>
  markup.toString().replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

describe('A template of a page', () => {
  it.each(HOSTILE)('takes %j for text in an element, in attributes and in lists', (text) => {
    for (const made of [
      html`<p>${text}</p>`,
      html`<p title="${text}">x</p>`,
      html`<p title='${text}'>x</p>`,
      html`<p title="a > ${text}">x</p>`,
      html`<a href="#${text}">x</a>`,
      html`<ul>${[text, [text, html`<li>${text}</li>`]]}</ul>`,
      html`<style>a {}</style><!-- b --><p>${text}</p>`,
      html`<title>${text}</title>`,
    ]) {
      expect(made.toString()).not.toContain(text);
      expect(made.toString().match(/<(script|img|svg|b)\b|\sonfocus='|-->.*-->/)).toBeNull();
    }
  });

  it('escapes once, however deep a text stands, and loses none of it', () => {
    fc.assert(
      fc.property(any, (text) => {
        const escaped = html`${text}`;
        expect(escaped.toString()).not.toMatch(/[<>"']|&(?!#\d+;)/);
        expect(html`${html`${[escaped]}`}`.toString()).toBe(escaped.toString());
        expect(read(escaped)).toBe(visibleText(text));
      }),
    );
  });

  it('takes Html, and what was declared to be markup, as it is', () => {
    expect(html`<p>${html`<b>${'<'}</b>`}${raw('<br>')}</p>`.toString()).toBe('<p><b>&#60;</b><br></p>');
    expect(lines([html`<i>${1}</i>`, html`<i>${2}</i>`]).toString()).toBe('<i>1</i>\n<i>2</i>');
    expect(html`${[]}`.toString()).toBe('');
  });

  it('is not taken in by an object that looks like Html', () => {
    const forged = { toString: () => '<script>' } as unknown as Html;
    expect(() => html`${forged}`).toThrow('expected text, a number or Html in a page, found object');
    expect(() => html`${JSON.parse('[{"markup":"<b>"}]')}`).toThrow('found object');
  });

  it.each([null, undefined, true, false])('has no %s', (value) => {
    expect(() => html`${value as unknown as string}`).toThrow(`found ${value === null ? 'null' : typeof value}`);
  });

  it.each<[string, (value: Html | string) => Html]>([
    ['in a tag, outside of quotes', (value) => html`<p ${value}>`],
    ['in a tag, outside of quotes', (value) => html`<p title=${value}>`],
    ['in a tag, outside of quotes', (value) => html`<p title="a" ${value}>`],
    ['in a tag, outside of quotes', (value) => html`<${value}>`],
    ['in a tag, outside of quotes', (value) => html`</${value}>`],
    ['in a script or style', (value) => html`<style>p { color: ${value} }</style>`],
    ['in a script or style', (value) => html`<SCRIPT type="x">${value}</SCRIPT>`],
    ['in a comment', (value) => html`<!-- ${value} -->`],
    ['in onclick', (value) => html`<p onclick="f('${value}')">`],
    ['in style', (value) => html`<p title="a" style='color: ${value}'>`],
    ['in srcdoc', (value) => html`<iframe srcdoc="${value}">`],
    ['at the beginning of href', (value) => html`<a class="x" href="${value}">`],
    ['at the beginning of xlink:href', (value) => html`<a xlink:href='${value}'>`],
    ['at the beginning of formaction', (value) => html`<button formaction="${value}">`],
  ])('takes no text %s', (place, template) => {
    expect(() => template('javascript:hit()')).toThrow(
      `expected Html ${place}, where escaping does not keep a text harmless; use raw`,
    );
    expect(template(raw('x')).toString()).toContain('x');
  });
});

describe('A page', () => {
  it.each(HOSTILE)('takes %j for text in its title, its anchor and its link', (text) => {
    const parts = { style: raw('p { margin: 0 }'), body: html`<main>${text}</main>` };
    const made = page({ ...parts, title: text, main: text, skip: text });
    const harmless = page({ ...parts, body: html`<main>x</main>`, title: 'x', main: 'x', skip: 'x' });
    expect(made).not.toContain(text);
    expect(made.replace(html`${text}`.toString(), 'x').match(/<[^>]*>/g)?.length).toBe(
      harmless.match(/<[^>]*>/g)?.length,
    );
  });

  it('forbids itself network and script', () => {
    expect(page({ title: '', style: raw(''), main: '', skip: '', body: html`` })).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
    );
  });
});

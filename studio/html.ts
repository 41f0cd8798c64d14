import { visibleText } from '../core/text/visible-text';

/** Markup that a page takes as it is. `html` makes it from a template; `raw` declares a text to be markup. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** Lists stand without anything between their parts. No null and no boolean: nobody wants to read them in a page. */
export type HtmlValue = string | number | Html | readonly HtmlValue[];

/**
 * Markup from a template: the template's own text is markup, and every value in it is text, unless it is `Html` itself.
 * In texts, `& < > " '` are escaped, control and direction characters written out.
 *
 * @throws Error where a value stands at a place where escaping does not keep it text
 */
export function html(template: TemplateStringsArray, ...values: HtmlValue[]): Html {
  const unsafe = unsafePlaces(template);
  const parts = values.map((value, index) => markup(value, unsafe[index]) + (template[index + 1] ?? ''));
  return new Html((template[0] ?? '') + parts.join(''));
}

/** A text that is markup already: of our own making, nothing that comes from a registry or a user. */
export function raw(markup: string): Html {
  return new Html(markup);
}

/** Parts a line each. */
export function lines(parts: readonly Html[]): Html {
  return raw(parts.join('\n'));
}

function markup(value: HtmlValue, unsafe: string | undefined): string {
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return value.map((part) => markup(part, unsafe)).join('');
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new TypeError(`expected text, a number or Html in a page, found ${value === null ? 'null' : typeof value}`);
  }
  if (unsafe) throw new Error(`expected Html ${unsafe}, where escaping does not keep a text harmless; use raw`);
  return visibleText(String(value)).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** One array for each template in the source, so this is a cache without end or growth. */
const known = new WeakMap<TemplateStringsArray, readonly (string | undefined)[]>();

function unsafePlaces(template: TemplateStringsArray): readonly (string | undefined)[] {
  let places = known.get(template);
  if (!places) {
    places = template.slice(1).map((_, index) => unsafePlace(template.slice(0, index + 1).join('x')));
    known.set(template, places);
  }
  return places;
}

/**
 * Why a text after this markup would not stay text, if so.
 *
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Cross_Site_Scripting_Prevention_Cheat_Sheet.html#dangerous-contexts
 */
function unsafePlace(before: string): string | undefined {
  if (/<(script|style)\b(?![\s\S]*<\/\1)/i.test(before)) return 'in a script or style';
  if (/<!--(?![\s\S]*-->)/.test(before)) return 'in a comment';
  const tag = /<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*(?:"[^"]*|'[^']*)?$/.exec(before)?.[0];
  if (tag === undefined) return undefined;
  const attribute = /\s([^\s=>"']+)=("[^"]*|'[^']*)$/.exec(tag);
  if (!attribute) return 'in a tag, outside of quotes';
  const [, name = '', value = ''] = attribute;
  if (/^(on.*|style|srcdoc)$/i.test(name)) return `in ${name}`;
  return value.length === 1 && /^(.*:)?(href|src|srcset|action|formaction|data|poster|ping)$/i.test(name)
    ? `at the beginning of ${name}`
    : undefined;
}

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLError,
} from 'yaml';

/** Far more than a prompt file holds, far less than what a few aliases of aliases unfold to. */
const MOST_VALUES = 20_000;
const DEEPEST = 200;

const PLAIN_TAGS = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`);

/** Told a line, from 1, and what is wrong on it. */
export type YamlProblem = (line: number, message: string) => void;

/**
 * YAML read as the JSON that it stands for. What YAML has and JSON has not is written out where that changes nothing
 * (comments, styles, anchors and their aliases), and else a problem with its line: nothing is converted silently.
 *
 * @see https://yaml.org/spec/1.2.2/#chapter-10-recommended-schemas
 */
export class YamlJson {
  /** Undefined where there are problems, and null where the YAML is empty. */
  public readonly value: unknown;

  private readonly lines = new LineCounter();
  private readonly document: Document.Parsed;
  /** Where the name of each field begins, by its path. */
  private readonly places = new Map<string, number>();
  private readonly open = new Set<unknown>();
  private values = 0;
  private broken = false;

  constructor(
    yaml: string,
    private readonly report: YamlProblem,
  ) {
    this.document = parseDocument(yaml, { lineCounter: this.lines, prettyErrors: false });
    const directive = /^(?:[ \t]*(?:#.*)?\n)*(?=%)/.exec(yaml);
    if (directive) {
      this.problem(directive[0].length, 'directives (%YAML, %TAG) have no place in front matter: remove the line');
    } else {
      for (const error of [...this.document.errors, ...this.document.warnings]) this.problem(error.pos[0], said(error));
    }
    const value = this.broken ? undefined : this.read(this.document.contents, []);
    this.value = this.broken ? undefined : value;
  }

  /** Line of a field's name, from 1; of the first field above it that has one. */
  public line(path: readonly string[]): number {
    for (let length = path.length; length > 0; length--) {
      const offset = this.places.get(placeOf(path.slice(0, length)));
      if (offset !== undefined) return this.lineAt(offset);
    }
    return this.lineAt(this.document.contents?.range?.[0] ?? 0);
  }

  private read(node: unknown, path: readonly string[]): unknown {
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.alias(node, path);
    this.values += 1;
    if (this.values > MOST_VALUES || path.length > DEEPEST) {
      const found = path.length > DEEPEST ? `more than ${DEEPEST} levels` : `more than ${MOST_VALUES} values`;
      if (!this.broken) this.problem(offsetOf(node), `expected what a prompt needs, found ${found}: write less`);
      return undefined;
    }
    if (this.open.has(node)) {
      return this.problem(
        offsetOf(node),
        'an anchor stands within what it names, which has no end: write the value out',
      );
    }
    const { tag } = node as Node & { tag?: string };
    if (tag !== undefined && tag !== '!' && !PLAIN_TAGS.includes(tag)) {
      const name = tag.replace('tag:yaml.org,2002:', '!!');
      return this.problem(
        offsetOf(node),
        `the tag ${name} means nothing in JSON: remove it, and write texts in quotes`,
      );
    }
    this.open.add(node);
    const value = this.valueOf(node, path);
    this.open.delete(node);
    return value;
  }

  private valueOf(node: unknown, path: readonly string[]): unknown {
    if (isScalar(node)) return this.scalar(node);
    if (isSeq(node)) return node.items.map((item, index) => this.read(item, [...path, String(index)]));
    if (isMap(node)) return this.map(node.items, path);
    return this.problem(offsetOf(node), 'expected a field, a list or a value');
  }

  private map(pairs: readonly Pair[], path: readonly string[]): Record<string, unknown> {
    const fields = new Map<string, unknown>();
    for (const { key, value } of pairs) {
      const name = this.key(key);
      if (name === undefined) continue;
      const at = offsetOf(key);
      const place = [...path, name];
      this.places.set(placeOf(place), at);
      if (fields.has(name)) this.problem(at, `the field ${name} is there twice: keep one of them`);
      fields.set(name, this.read(value, place));
    }
    return Object.fromEntries(fields);
  }

  private key(key: unknown): string | undefined {
    const scalar = isAlias(key) ? key.resolve(this.document) : key;
    const at = offsetOf(key);
    if (!isScalar(scalar)) {
      this.problem(at, "a field's name must be a text: write it in quotes");
      return undefined;
    }
    const { value, source, type } = scalar;
    if (value === '<<' && type === 'PLAIN') {
      this.problem(
        at,
        'merge keys (<<) are not part of YAML 1.2: write the fields out, or "<<" in quotes for that name',
      );
      return undefined;
    }
    if (typeof value === 'string') {
      this.text(value, at);
      return value;
    }
    // 5 and true are names as they stand; 0x5, 1.0 and null would be others in JSON.
    if (value !== null && String(value) === source) return source;
    this.problem(at, `a field's name must be a text, found ${source || 'none'}: write it in quotes`);
    return undefined;
  }

  private alias(alias: Alias, path: readonly string[]): unknown {
    const named = alias.resolve(this.document);
    if (named !== undefined) return this.read(named, path);
    return this.problem(
      offsetOf(alias),
      `${NOT_VALID}: Unresolved alias *${alias.source}: write &${alias.source} before what it means, or quotes around it`,
    );
  }

  private scalar(scalar: Scalar): unknown {
    const { value, source = '' } = scalar;
    const at = offsetOf(scalar);
    if (typeof value === 'string') return this.text(value, at);
    if (typeof value !== 'number') return value;
    if (!Number.isFinite(value))
      return this.problem(at, `${source} is no number of JSON: write another, or a text in quotes`);
    if (isRounded(source, value)) {
      return this.problem(at, `${source} would be rounded to ${value}: write it in quotes as a text`);
    }
    if (/^[-+]?0[0-9]+$/.test(source)) {
      return this.problem(at, `${source} would be ${value}: write it without zeros before it, or in quotes as a text`);
    }
    return value;
  }

  private text(value: string, at: number): unknown {
    if (!/\p{Surrogate}/u.test(value)) return value;
    return this.problem(at, 'half of a character (an unpaired surrogate) is no text of JSON: write all of it or none');
  }

  private problem(offset: number, message: string): undefined {
    this.broken = true;
    this.report(this.lineAt(offset), message);
    return undefined;
  }

  private lineAt(offset: number): number {
    return this.lines.linePos(offset).line || 1;
  }
}

/**
 * Whether a number of YAML has digits that a number of JSON would lose, as far as people write them: 0.1 stays 0.1.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-6
 */
function isRounded(source: string, value: number): boolean {
  const whole = /^[-+]?(0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+)$/.exec(source)?.[1];
  if (whole !== undefined) return BigInt(whole) !== BigInt(Math.abs(value));
  return significant(source) !== significant(String(value));
}

/** `1.50e3` and `1500` are both `15e2`. */
function significant(decimal: string): string {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^[-+]?([0-9]*)\.?([0-9]*)(?:[eE]([-+]?[0-9]+))?$/.exec(decimal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '0' : `${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`;
}

function said({ code, message }: YAMLError): string {
  // The parser calls itself for each level.
  if (message.includes('call stack')) return `expected at most ${DEEPEST} levels: write less`;
  return OWN_WORDS[code] ?? `${NOT_VALID}: ${message}; correct it, or write texts in quotes`;
}

const NOT_VALID = 'the front matter is not valid YAML';

const OWN_WORDS: { readonly [code in YAMLError['code']]?: string } = {
  DUPLICATE_KEY: `${NOT_VALID}: Map keys must be unique: keep one of them`,
  MULTIPLE_DOCS: 'front matter is one YAML document: remove the line --- or ..., and what follows it',
  TAB_AS_INDENT: 'tabs cannot indent YAML: write spaces',
};

function offsetOf(node: unknown): number {
  return (node as Partial<Node> | null)?.range?.[0] ?? 0;
}

function placeOf(path: readonly string[]): string {
  return JSON.stringify(path);
}

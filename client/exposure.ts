import { ALIAS_NAME, PROMPT_NAME } from '../core/contract/names';
import { versionOfArn } from '../core/contract/version-arn';
import type { Drawn } from './pointed';

/** What an exposure says: which version of a rollout was used once, and nothing of the user. */
export interface Exposure {
  readonly plan: number;
  readonly version: number;
  readonly alias: string;
  /** Name of the prompt. */
  readonly prompt: string;
  /** The name is longer than there is room for: this is how it begins. */
  readonly isCut: boolean;
}

const LONGEST = 120;
const EXPOSURE = /^x1\.([1-9a-z][0-9a-z]{0,9})\.([1-9a-z][0-9a-z]{0,3})\.[0-9a-z]{6}\.([^.]+)\.([^.]+)$/;

/** A text that needs no escapes anywhere. The six random characters tell one use from the others. */
export function writeExposure(name: string, alias: string, { plan, arm }: Drawn, random: () => number): string {
  const use = (36 ** 6 + Math.floor(random() * 36 ** 6)).toString(36).slice(1);
  return `x1.${plan.toString(36)}.${versionOfArn(arm)?.toString(36)}.${use}.${alias}.${name}`.slice(0, LONGEST);
}

/** What stands in the place of one that is none. */
const NO_EXPOSURE: Exposure = { plan: 0, version: 0, alias: '', prompt: '', isCut: false };

/** Of any other text nothing: plan 0. */
export function readExposure(text: unknown): Exposure {
  const given = typeof text === 'string' && text.length <= LONGEST ? text : '';
  const [, plan = '', version = '', alias = '', prompt = ''] = EXPOSURE.exec(given) ?? [];
  if (!ALIAS_NAME.test(alias) || !PROMPT_NAME.test(prompt)) return NO_EXPOSURE;
  const isCut = given.length === LONGEST;
  return { plan: Number.parseInt(plan, 36), version: Number.parseInt(version, 36), alias, prompt, isCut };
}

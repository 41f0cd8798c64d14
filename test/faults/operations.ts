import { contentDigest } from '../../core/content/content-digest';
import { formatWithdrawnVersions } from '../../core/release/withdrawn-versions';
import type { HeldVersion } from './account';
import { type ExampleApp, MODEL, textOf } from './example-stack';
import type { Random } from './random';
import { moved, type State, targetOf, without } from './state';

export const PROD_PARAMETER = 'AdvisorProdVersion';
export const WITHDRAWN_PARAMETER = 'AdvisorWithdrawnVersions';
export const REASON_PARAMETER = 'ReleaseReason';

/** What a deployment asks for, and where it should lead. */
export interface Deployment {
  readonly app: ExampleApp;
  /** Stack parameters; those not named keep their values, `reset` ones fall back to their Default. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly reset?: readonly string[];
  /** Whether CloudFormation must refuse it by itself. */
  readonly isRefused?: boolean;
  /** Whether somebody rejects the release of PROD instead of agreeing to it. @default false */
  readonly isRejected?: boolean;
  /** Where all stands once it succeeded; `publishedAs` gives the version of a content. */
  readonly after: (publishedAs: (content: number) => number) => State;
}

/** What an operation starts from. */
export interface Situation {
  readonly state: State;
  readonly held: readonly HeldVersion[];
  readonly random: Random;
  /** A number that grows. */
  readonly turn: number;
}

export const UPDATES = [
  'content change',
  'revert of content',
  'release',
  'rollback release',
  'withdraw',
  'content and release',
  'everything at once',
  'another alias',
  'parameters reset',
] as const;
export type UpdateName = (typeof UPDATES)[number];

/** Contents that there are; few, so that reverts meet published, pruned and unknown ones. */
const CONTENTS = 13;

/** Decides an update that changes something, whatever the situation. */
export function update(name: UpdateName, situation: Situation): Deployment {
  const { state, held, random, turn } = situation;
  const beside = { SiblingValue: `v${turn}`, LastSiblingValue: `v${turn}` };
  const app = { content: state.content, canary: state.stood.CANARY !== undefined };
  const others = held.filter(
    ({ version }) => version !== targetOf(state, 'PROD') && !state.withdrawn.includes(version),
  );
  const numbers = others.map(({ version }) => version);
  const prodAt = targetOf(state, 'PROD');
  switch (name) {
    case 'content change':
    case 'revert of content': {
      const published = publishedContents(held).filter((content) => content !== state.content);
      const unknown = all(CONTENTS).filter((content) => content !== state.content && !published.includes(content));
      const isRevert = name === 'revert of content';
      const candidates = usable(isRevert ? published : unknown, held, state);
      const content = random.pick(candidates.length > 0 ? candidates : unknown);
      return changeContent(content, { app, parameters: beside, after: () => state });
    }
    case 'release':
    case 'rollback release': {
      const isForward = name === 'release';
      const fitting = numbers.filter((version) => prodAt === null || (isForward ? version > prodAt : version < prodAt));
      const version = random.pick(fitting.length > 0 ? fitting : numbers);
      return releaseTo(version, situation, { app, parameters: beside, after: () => state });
    }
    case 'withdraw': {
      // Also one that an alias stands on: it stays there, and its callers get 403.
      const free = held.map(({ version }) => version);
      const taken = free.filter(() => random.below(3) === 0).slice(0, 2);
      const withdrawn = String(taken) === String(state.withdrawn) ? (taken.length > 0 ? [] : free.slice(0, 1)) : taken;
      return withdraw(withdrawn, { app, parameters: beside, after: () => state });
    }
    case 'content and release': {
      const change = update('content change', situation);
      return releaseTo(random.pick(numbers), situation, change);
    }
    case 'everything at once': {
      const change = update('content change', situation);
      const version = random.pick(numbers);
      const moving = releaseTo(version, situation, change);
      const free = numbers.filter(
        (other) => other !== version && other !== targetOf(state, 'STAGING') && other !== targetOf(state, 'CANARY'),
      );
      const withdrawn = state.withdrawn.length > 0 ? [] : free.slice(0, 1);
      const all = withdraw(withdrawn, moving);
      return { ...all, parameters: { ...all.parameters, Owner: `o${turn}`, Memory: String(512 + (turn % 8)) } };
    }
    case 'another alias': {
      const canary = state.stood.CANARY === undefined;
      return {
        app: { ...app, canary },
        parameters: beside,
        isRefused: canary && state.withdrawn.includes(targetOf(state, 'STAGING') ?? 0),
        after: (publishedAs) =>
          canary ? moved(state, 'CANARY', publishedAs(state.content)) : without(state, 'CANARY'),
      };
    }
    case 'parameters reset':
      // Some pipelines send no parameters: each falls back to its Default.
      return {
        app,
        parameters: beside,
        reset: [PROD_PARAMETER, WITHDRAWN_PARAMETER],
        isRefused: prodAt !== null,
        after: () => ({ ...state, withdrawn: [], prod: 'none' }),
      };
  }
}

/** The first deployment of all, sometimes with a release of the version that it will make. */
export function creation({ random, turn }: Pick<Situation, 'random' | 'turn'>, isGated = false): Deployment {
  const content = random.below(CONTENTS);
  const picked = random.pick(['none', '1', digestOf(content)]);
  // A prompt has no id before it is there, so nobody can agree to its first version.
  const prod = isGated ? 'none' : picked;
  const parameters = { SiblingValue: `v${turn}`, LastSiblingValue: `v${turn}`, Owner: `o${turn}`, Memory: '512' };
  const state: State = {
    content,
    withdrawn: [],
    prod,
    stood: { STAGING: [1], PROD: [prod === 'none' ? null : 1] },
    former: {},
    remembered: {},
  };
  return {
    app: { content, canary: false },
    parameters: { ...parameters, ...(prod !== 'none' && { [PROD_PARAMETER]: prod }) },
    after: () => state,
  };
}

function changeContent(content: number, base: Deployment): Deployment {
  return {
    ...base,
    app: { ...base.app, content },
    after: (publishedAs) => {
      const version = publishedAs(content);
      const state = { ...moved(base.after(publishedAs), 'STAGING', version), content };
      return base.app.canary ? moved(state, 'CANARY', version) : state;
    },
  };
}

/** By number, or by the content's digest as it travels between environments. */
function releaseTo(version: number, { random, held, turn }: Situation, base: Deployment): Deployment {
  const content = contentOf(held.find((each) => each.version === version));
  const prod = content !== undefined && random.below(3) === 0 ? digestOf(content) : String(version);
  return {
    ...base,
    parameters: { ...base.parameters, [PROD_PARAMETER]: prod, [REASON_PARAMETER]: `ticket ${turn}` },
    after: (publishedAs) => ({ ...moved(base.after(publishedAs), 'PROD', version), prod }),
  };
}

function withdraw(withdrawn: readonly number[], base: Deployment): Deployment {
  return {
    ...base,
    parameters: { ...base.parameters, [WITHDRAWN_PARAMETER]: formatWithdrawnVersions([...withdrawn]) },
    after: (publishedAs) => ({ ...base.after(publishedAs), withdrawn }),
  };
}

function publishedContents(held: readonly HeldVersion[]): number[] {
  return held.flatMap((version) => contentOf(version) ?? []);
}

/** An alias must not move to a withdrawn version. */
function usable(contents: readonly number[], held: readonly HeldVersion[], { withdrawn }: State): number[] {
  const refused = held.filter(({ version }) => withdrawn.includes(version)).map(contentOf);
  return contents.filter((content) => !refused.includes(content));
}

export function contentOf(version: HeldVersion | undefined): number | undefined {
  const found = all(CONTENTS).find((content) => textOf(content) === version?.text);
  return found;
}

export function digestOf(content: number): string {
  return contentDigest({
    name: 'default',
    templateType: 'TEXT',
    templateConfiguration: { text: { text: textOf(content), inputVariables: [{ name: 'ticker' }] } },
    modelId: MODEL,
    inferenceConfiguration: { text: { temperature: 0.2 } },
  });
}

function all(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

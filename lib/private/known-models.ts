import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { judgeModel, type ModelVerdict } from '../../core/models/judge-model';
import { own } from '../../core/models/located-model';
import { daysSince } from '../../core/models/model-life';
import { OLD_PRICE_DAYS, pricesOf } from '../../core/models/model-prices';
import { visibleLine } from '../../core/text/visible-text';
import type { ModelCatalog } from '../model-catalog';
import { appMemory } from './app-memory';
import { constructError } from './construct-error';

/** After how many days synthesis asks for a refresh of the lock file. */
const OLD_LOCK_DAYS = 30;

/** What is needed of a registry; the type itself would close a circle of imports. */
interface RegistryOfModels extends IConstruct {
  readonly models?: ModelCatalog;
}

interface JudgedPrompt {
  readonly prompt: IConstruct;
  /** The model as the template has it. */
  readonly deployed: () => unknown;
  /** What was judged when the prompt was defined. */
  readonly judged?: string;
}

const modelOf = appMemory('modelOf', (): { deployed?: () => unknown } => ({}));

/**
 * A prompt's model as the template has it: null for none, undefined where this app does not define the content, no text
 * where only the deployment knows it.
 */
export function deployedModel(prompt: IConstruct): unknown {
  const { deployed } = modelOf(prompt);
  return deployed && (deployed() ?? null);
}

const judgedPrompts = appMemory('models', (): JudgedPrompt[] => []);

/**
 * Judges a prompt's model by the registry's catalogue: as it is written at once, and as the template has it, aspects and
 * overrides included, at the end of the synthesis.
 *
 * Throws `NoSuchModel`, `ModelNeedsProfile`, `ProfileNotHere`, `ModelEnded`, `UnsupportedModel`.
 */
export function judgeModelOf(
  prompt: IConstruct,
  registry: RegistryOfModels,
  written: string | undefined,
  deployed: () => unknown,
): void {
  modelOf(prompt).deployed = deployed;
  if (registry.models === undefined) return;
  const judged = written === undefined || Token.isUnresolved(written) ? undefined : written;
  if (judged !== undefined) tell(prompt, verdictOn(prompt, registry, judged));
  judgedPrompts(registry).push({ prompt, deployed, ...(judged !== undefined && { judged }) });
}

/** Warns of a catalogue that is old, and once of all models that it says nothing of. */
export function watchCatalog(registry: RegistryOfModels): void {
  const { models } = registry;
  if (models === undefined) return;
  const lock = models._bind(registry);
  const { region } = Stack.of(registry);
  const here = own(lock.regions, region);
  const age = here === undefined ? 0 : daysSince(here.read, new Date());
  if (here !== undefined && age > OLD_LOCK_DAYS) {
    Annotations.of(registry).addWarningV2(
      'cdk-prompt-registry:modelLockOld',
      `${models._source} was read on ${here.read} for ${region}, ${age} days ago, and knows no end that was announced since: run prompt-registry models refresh and commit the file`,
    );
  }
  const now = new Date();
  const old = Object.entries(here ? pricesOf(here) : {}).filter(
    ([, { asOf }]) => daysSince(asOf, now) > OLD_PRICE_DAYS,
  );
  if (old.length > 0) {
    Annotations.of(registry).addWarningV2(
      'cdk-prompt-registry:modelPriceOld',
      `prices in ${models._source} are older than ${OLD_PRICE_DAYS} days: ${old.map(([model, { asOf }]) => `${model} of ${asOf}`).join(', ')}: look at the price list, and write its day to asOf`,
    );
  }
  registry.node.addValidation({
    validate: () => {
      tellUnjudged(registry);
      return [];
    },
  });
}

function tellUnjudged(registry: RegistryOfModels): void {
  const unjudged = judgedPrompts(registry).flatMap(({ prompt, deployed, judged }) => {
    const model = deployed();
    if (model === undefined) return [];
    if (typeof model !== 'string') return [`${prompt.node.path} (a value that only the deployment knows)`];
    const verdict = verdictOn(prompt, registry, model);
    if (model !== judged) tell(prompt, verdict);
    return verdict.is === 'unjudged' ? [`${prompt.node.path} (${visibleLine(verdict.why)})`] : [];
  });
  if (unjudged.length === 0) return;
  Annotations.of(registry).addWarningV2(
    'cdk-prompt-registry:modelsNotJudged',
    `${registry.models?._source} says nothing of the models of ${unjudged.join(', ')}: see to their ends yourself, or acknowledge this warning`,
  );
}

function verdictOn(prompt: IConstruct, registry: RegistryOfModels, model: string): ModelVerdict {
  const { region, account } = Stack.of(prompt);
  const lock = registry.models?._bind(registry);
  if (lock === undefined || Token.isUnresolved(region)) {
    return { is: 'unjudged', why: `${model}: its stack has no Region that is known at synth; set env` };
  }
  return judgeModel(model, { region, ...(!Token.isUnresolved(account) && { account }) }, lock, new Date());
}

function tell(prompt: IConstruct, verdict: ModelVerdict): void {
  if (verdict.is === 'wrong') throw constructError(prompt, verdict.code, verdict.message);
  if (verdict.is === 'noted') {
    Annotations.of(prompt).addWarningV2(`cdk-prompt-registry:${verdict.note}`, visibleLine(verdict.message));
  }
}

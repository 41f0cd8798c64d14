import { Annotations, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { locateModel } from '../../core/models/located-model';
import type { Gate } from '../../core/release/gate';
import { isAmong, isModelGate } from '../../core/release/gates/model';
import type { ModelCatalog } from '../model-catalog';
import { deployedModel } from './known-models';

/** Says at synth that a gate of the alias will refuse the content that the app declares now, or has nothing to compare. */
export function warnOfModelNotAmong(
  alias: IConstruct,
  prompt: IConstruct,
  gates: readonly Gate[],
  catalog: ModelCatalog | undefined,
): void {
  const lists = gates.filter(isModelGate).flatMap(({ among }) => (among ? [among] : []));
  if (lists.length === 0) return;
  // At the end of the synthesis: aspects and overrides may change the model.
  const validate = () => {
    const model = deployedModel(prompt);
    if (model === null) {
      Annotations.of(alias).addWarningV2(
        'cdk-prompt-registry:amongWithoutModel',
        `expected a model that the gate can compare with ${lists.flat().join(', ')}, found a content without one: the gate lets it through, and its callers choose the model; set one of these`,
      );
    }
    if (typeof model !== 'string') return [];
    const located = catalog && locateModel(model, Stack.of(prompt).region, catalog._bind(prompt));
    const refusing = lists.find((among) => !isAmong(among, model, located?.modelId ?? null));
    if (refusing) {
      Annotations.of(alias).addWarningV2(
        'cdk-prompt-registry:modelNotAmong',
        `expected one of the models that the gate lets through, ${refusing.join(', ')}, found ${model}: this content cannot be promoted here; set another model, or add it to among`,
      );
    }
    return [];
  };
  alias.node.addValidation({ validate });
}

import { PARAMETER_PREFIX_VARIABLE } from '../core/contract/handler-environment';
import type { CustomResourceEvent } from './custom-resource-event';
import { optionalTextProperty } from './property';

/** `Custom::PromptAlias:/prompts/prod/financial-analysis/PROD`: the same for every event of one resource, whatever it does. */
export function physicalResourceId({ ResourceType, ResourceProperties }: CustomResourceEvent): string {
  const names = ['PromptName', 'AliasName'].map((name) => optionalTextProperty(ResourceProperties, name, ''));
  const parts = [process.env[PARAMETER_PREFIX_VARIABLE] ?? '', ...names.filter((name) => name !== '')];
  return `${ResourceType}:${parts.join('/')}`;
}

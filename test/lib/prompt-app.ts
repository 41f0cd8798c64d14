import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import { afterAll } from 'vitest';
import { Prompt, type PromptProps, PromptRegistry, PromptVariant, type TextPromptVariantOptions } from '../../lib';

export const ENV = { account: '111122223333', region: 'us-east-1' };

const folder = mkdtempSync(join(tmpdir(), 'prompt-apps-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An app that leaves nothing behind: without a folder of its own, each would fill one more in the system's. */
export function newApp(context: Record<string, unknown> = {}): App {
  mkdirSync(folder, { recursive: true });
  return new App({
    outdir: mkdtempSync(join(folder, 'app-')),
    context: { 'aws:cdk:disable-asset-staging': true, ...context },
    analyticsReporting: false,
  });
}

export function stackIn(app = newApp(), id = 'Prompts'): Stack {
  return new Stack(app, id, { env: ENV });
}

export function registryIn(scope: Construct, parameterPrefix = '/prompts/prod'): PromptRegistry {
  return new PromptRegistry(scope, 'Registry', { parameterPrefix });
}

export const TEXT: TextPromptVariantOptions = {
  text: 'Explain {{ticker}} to me',
  model: 'amazon.nova-pro-v1:0',
  inference: { temperature: 0.2, topP: 0.9, maxTokens: 600 },
};

export interface SomePrompt extends Partial<PromptProps> {
  readonly text?: Partial<TextPromptVariantOptions>;
}

/** A prompt `financial-analysis`, with the stated differences. */
export function promptIn(scope: Construct, { text, ...props }: SomePrompt = {}): Prompt {
  return new Prompt(scope, props.promptName ?? 'FinancialAnalysis', {
    registry: props.registry ?? registryIn(scope),
    promptName: 'financial-analysis',
    variant: PromptVariant.text({ ...TEXT, ...text }),
    ...props,
  });
}

export interface TemplateResource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape differs by type, and a wrong one fails the test
  readonly Properties: any;
  readonly DependsOn?: string | string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export type TemplateJson = {
  readonly Resources: Record<string, TemplateResource>;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly Parameters?: Record<string, any>;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly Outputs?: Record<string, any>;
};

export function templateOf(stack: Stack): TemplateJson {
  return Template.fromStack(stack).toJSON() as TemplateJson;
}

/** The resources of a type, by logical id. */
export function resourcesOf(template: TemplateJson, type: string): Record<string, TemplateResource> {
  return Object.fromEntries(Object.entries(template.Resources).filter(([, resource]) => resource.Type === type));
}

export function onlyResource(template: TemplateJson, type: string): TemplateResource {
  const [resource, ...others] = Object.values(resourcesOf(template, type));
  if (resource === undefined || others.length > 0) {
    throw new Error(`expected one ${type}, found ${others.length + (resource ? 1 : 0)}`);
  }
  return resource;
}

/** Whether CloudFormation handles `before` before it begins with `after`. */
export function comesBefore(template: TemplateJson, before: string, after: string): boolean {
  const seen = new Set<string>();
  const reaches = (id: string): boolean => {
    if (seen.has(id)) return false;
    seen.add(id);
    return dependenciesOf(template, id).some((dependency) => dependency === before || reaches(dependency));
  };
  return reaches(after);
}

function dependenciesOf(template: TemplateJson, id: string): string[] {
  const resource = template.Resources[id];
  if (resource === undefined) return [];
  const text = JSON.stringify(resource.Properties ?? {});
  const references = [...text.matchAll(/\{"Ref":"([^"]+)"\}|\{"Fn::GetAtt":\["([^"]+)"/g)].flatMap(
    ([, ref, attribute]) => [ref ?? attribute ?? ''],
  );
  return [...references, ...[resource.DependsOn ?? []].flat()];
}

/** The logical id that begins with these words. */
export function idOf(template: TemplateJson, words: string): string {
  const found = Object.keys(template.Resources).filter((id) => new RegExp(`^${words}[0-9A-F]{8}$`).test(id));
  if (found.length !== 1) throw new Error(`expected one resource ${words}, found ${found.length}`);
  return found[0] as string;
}

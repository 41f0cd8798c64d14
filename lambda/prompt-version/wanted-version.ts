import { variantFromCloudFormation } from '../../core/cloudformation-variant';
import { contentDigest } from '../../core/content-digest';
import { withContentValues } from '../../core/content-value';
import { RegistryError } from '../../core/registry-error';
import type { CustomResourceEvent } from '../custom-resource-event';
import { listProperty, optionalTextProperty, textProperty } from '../property';

type Properties = CustomResourceEvent['ResourceProperties'];

/** What a `Custom::PromptVersion` asks for. */
export interface WantedVersion {
  readonly promptId: string;
  readonly promptArn: string;
  readonly promptName: string;
  readonly digest: string;
  readonly note: string;
  /** Version numbers, digests or `none` that must not be deleted, with what holds each. */
  readonly held: readonly { readonly target: string; readonly why: string }[];
  /** How many versions each alias keeps callable. */
  readonly callable: number;
}

export function wantedVersion({ ResourceProperties, OldResourceProperties }: CustomResourceEvent): WantedVersion {
  const before = declaredDigest(OldResourceProperties ?? {});
  return {
    promptId: textProperty(ResourceProperties, 'PromptId'),
    promptArn: textProperty(ResourceProperties, 'PromptArn'),
    promptName: textProperty(ResourceProperties, 'PromptName'),
    digest: requiredDigest(ResourceProperties),
    note: optionalTextProperty(ResourceProperties, 'VersionNote', ''),
    held: [
      ...holds(listProperty(ResourceProperties, 'Targets'), 'an alias of this stack is about to point at it'),
      // A rollback of this update brings these back, and must still find them.
      ...holds(listProperty(OldResourceProperties, 'Targets'), 'an alias of this stack points at it'),
      ...holds(before === undefined ? [] : [before], 'it is the content of the deployment before this one'),
      ...holds(listProperty(ResourceProperties, 'KeepVersions'), 'listed in keepVersions'),
    ],
    callable: Number(optionalTextProperty(ResourceProperties, 'CallableVersions', '2')),
  };
}

function requiredDigest(properties: Properties): string {
  const digest = declaredDigest(properties);
  if (digest !== undefined) return digest;
  throw new RegistryError('MissingProperty', 'expected the property ContentDigest or Content, found neither');
}

/** Computed here only where the content holds values that were not known at synth. */
function declaredDigest(properties: Properties): string | undefined {
  const { ContentDigest, Content } = properties;
  if (typeof ContentDigest === 'string' && ContentDigest !== '') return ContentDigest;
  if (typeof Content !== 'string' || Content === '') return undefined;
  const content = withContentValues(parseContent(Content), listProperty(properties, 'ContentValues'));
  return contentDigest(variantFromCloudFormation(content as Record<string, unknown>));
}

function parseContent(content: string): Record<string, unknown> {
  try {
    return JSON.parse(content) as Record<string, unknown>;
  } catch {
    // The cause would quote the prompt's text.
    throw new RegistryError(
      'InvalidContent',
      'expected the property Content to hold JSON: a value put into it broke its quotes',
    );
  }
}

function holds(targets: readonly string[], why: string) {
  return targets.map((target) => ({ target, why }));
}

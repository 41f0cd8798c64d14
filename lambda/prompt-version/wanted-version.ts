import { variantFromCloudFormation } from '../../core/content/cloudformation-variant';
import { contentDigest } from '../../core/content/content-digest';
import { withContentValues } from '../../core/content/content-value';
import { FREE_JSON_IN_CONTENT, freeJsonOf } from '../../core/content/free-json';
import type { PromptVariantContent } from '../../core/content/prompt-content';
import type { PromptVersionProperties } from '../../core/contract/prompt-version-resource';
import { RegistryError } from '../../core/registry-error';
import type { CustomResourceEvent } from '../custom-resource-event';
import { listProperty, optionalTextProperty, textProperty, type Untrusted } from '../property';

type Properties = Untrusted<PromptVersionProperties>;

/** What a `Custom::PromptVersion` asks for. */
export interface WantedVersion {
  readonly promptId: string;
  readonly promptArn: string;
  readonly promptName: string;
  readonly digest: string;
  /** The content before this event, of an event that changes it. */
  readonly before: string | undefined;
  /** The free JSON of the content, where the draft is this registry's to set right. */
  readonly freeJson: readonly unknown[] | undefined;
  /** Whether the draft of the content or of the one before is this registry's to set right. */
  readonly writesDraft: boolean;
  readonly note: string;
  /** Names the content; empty for none. */
  readonly tag: string;
  /** Targets whose versions must not be deleted, with what holds each. */
  readonly held: readonly { readonly target: string; readonly why: string }[];
  /** How many versions each alias keeps callable. */
  readonly callable: number;
}

export function wantedVersion(event: CustomResourceEvent): WantedVersion {
  const ResourceProperties: Properties = event.ResourceProperties;
  const OldResourceProperties: Properties | undefined = event.OldResourceProperties;
  const before = declaredDigest(OldResourceProperties ?? {});
  return {
    promptId: textProperty(ResourceProperties, 'PromptId'),
    promptArn: textProperty(ResourceProperties, 'PromptArn'),
    promptName: textProperty(ResourceProperties, 'PromptName'),
    digest: requiredDigest(ResourceProperties),
    before,
    freeJson: declaredFreeJson(ResourceProperties),
    writesDraft: [ResourceProperties, OldResourceProperties].some((each) => typeof each?.FreeJson === 'string'),
    note: optionalTextProperty(ResourceProperties, 'VersionNote', ''),
    tag: optionalTextProperty(ResourceProperties, 'Tag', ''),
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
  const { ContentDigest } = properties;
  if (typeof ContentDigest === 'string' && ContentDigest !== '') return ContentDigest;
  const variant = declaredVariant(properties);
  return variant && contentDigest(variant);
}

/** A text of JSON, because CloudFormation makes texts of the numbers and booleans among the properties too. */
function declaredFreeJson(properties: Properties): unknown[] | undefined {
  const { FreeJson } = properties;
  if (typeof FreeJson !== 'string') return undefined;
  return FreeJson === FREE_JSON_IN_CONTENT
    ? freeJsonOf(declaredVariant(properties))
    : (parseContent(FreeJson) as unknown[]);
}

function declaredVariant(properties: Properties): PromptVariantContent | undefined {
  const { Content } = properties;
  if (typeof Content !== 'string' || Content === '') return undefined;
  const content = withContentValues(parseContent(Content), contentValues(properties));
  return variantFromCloudFormation(content as Record<string, unknown>);
}

/** Texts; one that may be AWS::NoValue in a list of its own. */
function contentValues({ ContentValues }: Properties): (string | undefined)[] {
  const values: unknown[] = Array.isArray(ContentValues) ? ContentValues : [];
  return values.map((value) => (Array.isArray(value) ? value[0] : value));
}

function parseContent(content: string): unknown {
  try {
    return JSON.parse(content);
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

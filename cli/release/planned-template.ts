import { type CloudFormationClient, GetTemplateCommand, type TemplateStage } from '@aws-sdk/client-cloudformation';
import { isUnclear } from '../../core/text/shown-text';
import { readStackTemplate, type StackTemplate } from '../stack-template';
import type { ChangeSet } from './change-set';

/** A stack's template, and how that of a change set differs from it. */
export interface PlannedTemplate {
  readonly template: StackTemplate;
  readonly problems: readonly string[];
}

/**
 * Compares a change set's template with the stack's, byte for byte. The list of changes cannot tell: a property that holds
 * the attribute of a changing resource counts as changing whatever else is in it, and orders, patterns and outputs are no
 * changes of resources.
 */
export async function plannedTemplate(
  client: CloudFormationClient,
  changeSet: ChangeSet,
  touched: readonly string[],
): Promise<PlannedTemplate> {
  const { StackId: StackName, ChangeSetId: ChangeSetName } = changeSet;
  const read = async (TemplateStage: TemplateStage, ofChangeSet?: { ChangeSetName: string | undefined }) =>
    (await client.send(new GetTemplateCommand({ StackName, TemplateStage, ...ofChangeSet }))).TemplateBody;
  const isSame = async (stage: TemplateStage) => {
    const [present, planned] = await Promise.all([read(stage), read(stage, { ChangeSetName })]);
    return { present: present ?? '', isSame: present !== undefined && present === planned };
  };
  const original = await isSame('Original');
  const template = readStackTemplate(original.present);
  if (!original.isSame) return { template, problems: ["the template is not the stack's own"] };
  // A macro, an include or a module may give something else from the same text. Without one both stages are the same:
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
  if (/Transform|::MODULE/.test(original.present) && !(await isSame('Processed')).isSame) {
    return { template, problems: ["what the template's transforms make of it is not what the stack has"] };
  }
  return { template, problems: changeSet.isOwn ? [] : unclear(template, touched) };
}

/** Both templates show `?` where either may have another character beyond ASCII. See `isShownAs`. */
function unclear({ Resources = {} }: StackTemplate, touched: readonly string[]): string[] {
  return touched
    .filter((id) => isUnclear(JSON.stringify(Resources[id]) ?? ''))
    .map((id) => `${id} holds a ? or a character beyond ASCII, which CloudFormation does not show as it is`);
}

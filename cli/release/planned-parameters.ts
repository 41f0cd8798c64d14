import type { Parameter, Stack } from '@aws-sdk/client-cloudformation';
import { isShownAs, isUnclear } from '../../core/text/shown-text';
import type { StackTemplate } from '../stack-template';
import type { ChangeSet } from './change-set';

/**
 * Which parameters of a change set are not what a release says: `meant` for those that it sets, the stack's present value
 * for all others.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html
 */
export function otherParameters(
  { Parameters: planned = [], isOwn }: ChangeSet,
  { Parameters: present = [] }: Stack,
  meant: Readonly<Record<string, string>>,
  template: StackTemplate,
): string[] {
  const keys = new Set([...present, ...planned].flatMap(({ ParameterKey }) => ParameterKey ?? []));
  return [...keys].flatMap((key) => {
    const [before, after] = [named(present, key), named(planned, key)];
    if (after === undefined) return [`parameter ${key}: left out`];
    const { ParameterValue: shown = '', ResolvedValue: resolved } = after;
    // `constructor` is a parameter's name like any other.
    const isMeant = Object.hasOwn(meant, key);
    const isAsExpected = isMeant ? isShownAs(meant[key] ?? '', shown) : before?.ParameterValue === shown;
    if (!isAsExpected) {
      return [`parameter ${key}: ${before?.ParameterValue ?? 'none'} to ${shown}`];
    }
    // What nothing but a rule reads, such as the CDK's BootstrapVersion, may have got another value since.
    if (resolved !== before?.ResolvedValue && isUsed(template, key, ['Parameters', 'Rules'])) {
      return [`parameter ${key}: ${shown} has the value ${resolved} now, was ${before?.ResolvedValue}`];
    }
    if (isOwn || isMeant || !isHidden(template, key, shown)) return [];
    return [`parameter ${key}: CloudFormation does not show its value, and no resource would show that it changes`];
  });
}

function named(parameters: readonly Parameter[], key: string): Parameter | undefined {
  return parameters.find(({ ParameterKey }) => ParameterKey === key);
}

/**
 * Whether a change of the value would stay unseen: it is masked, or has characters that CloudFormation does not show, and no
 * resource uses it, whose change would be listed.
 */
function isHidden(template: StackTemplate, key: string, shown: string): boolean {
  const isSecret = /^true$/i.test(String(template.Parameters?.[key]?.NoEcho));
  const { Resources = {} } = template;
  const used = Object.values(Resources).some(({ Properties }) => uses(Properties, key));
  return (isSecret || isUnclear(shown)) && !used;
}

/** Whether anything outside of these sections refers to a parameter. */
function isUsed(template: StackTemplate, key: string, except: readonly string[]): boolean {
  return Object.entries(template).some(([section, content]) => !except.includes(section) && uses(content, key));
}

/** `{Ref: key}` and `${key}` of Fn::Sub; a text that only looks like one is taken for one. */
function uses(content: unknown, key: string): boolean {
  if (typeof content === 'string') return content.includes(`\${${key}}`);
  if (typeof content !== 'object' || content === null) return false;
  return Object.entries(content).some(([name, value]) => (name === 'Ref' && value === key) || uses(value, key));
}

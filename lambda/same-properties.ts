import { isShownAs } from '../core/text/shown-text';

type Properties = Readonly<Record<string, unknown>>;

/** CloudFormation's own: they say where an event goes, not what it wants. */
const NOT_OURS = ['ServiceToken', 'ServiceTimeout'];
/** What CloudFormation shows instead of a NoEcho value. */
const MASKED = '****';

/**
 * Whether the properties on a stack event are those of an event to a handler.
 *
 * AWS documents the first as a "BLOB of the properties used to create the resource" and not how it is written. So numbers
 * and booleans count as the texts that handlers get, what is empty as absent, and characters beyond ASCII as the `?` that
 * CloudFormation's Describe calls answer for them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/814
 */
export function sameProperties(shown: Properties, wanted: Properties): boolean {
  const names = new Set([...Object.keys(shown), ...Object.keys(wanted)]);
  return [...names].every((name) => NOT_OURS.includes(name) || isSame(shown[name], wanted[name]));
}

function isSame(shown: unknown, wanted: unknown): boolean {
  if (isEmpty(shown) && isEmpty(wanted)) return true;
  if (shown === MASKED) return true;
  if (Array.isArray(shown) && Array.isArray(wanted)) {
    return shown.length === wanted.length && shown.every((item, index) => isSame(item, wanted[index]));
  }
  if (isObject(shown) && isObject(wanted)) {
    const names = new Set([...Object.keys(shown), ...Object.keys(wanted)]);
    return [...names].every((name) => isSame(shown[name], wanted[name]));
  }
  if (isScalar(shown) && isScalar(wanted)) {
    return isShownAs(String(wanted), String(shown));
  }
  return false;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

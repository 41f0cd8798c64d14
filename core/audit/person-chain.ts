import { actorName, object, sessionName, type TrailEvent, type TrailIdentity, text } from './trail-event';

/** One step of how somebody came to make a call: an identity, and the event that shows it. */
export interface PersonLink {
  /** Who made the call of `eventName`. */
  readonly who: string;
  readonly type: string;
  readonly sessionName: string | null;
  readonly sourceIdentity: string | null;
  readonly eventName: string;
  readonly eventId: string;
  readonly time: string;
}

/**
 * Where a chain ends: at somebody who holds no session (`person`), at an AWS service, at another account, whose own
 * CloudTrail goes on, or at a session whose beginning was not found.
 */
export type ChainEnd = 'person' | 'service' | 'other account' | 'not found';

export interface PersonChain {
  /** The person first, the caller of CloudFormation last. */
  readonly links: readonly PersonLink[];
  readonly end: ChainEnd;
}

const LONGEST = 10;

/** The access key whose issuing tells who is behind this identity; null where nobody is behind it. */
export function issuedKey({ type, accessKeyId }: TrailIdentity): string | null {
  return type === 'AssumedRole' && accessKeyId?.startsWith('ASIA') ? accessKeyId : null;
}

/** The access key that an `AssumeRole…` event handed out. */
export function handedOutKey({ source, response, errorCode }: TrailEvent): string | null {
  if (source !== 'sts.amazonaws.com' || errorCode !== null) return null;
  return text(object(response.credentials).accessKeyId);
}

/**
 * From a call back through the `AssumeRole` calls that issued its credentials, as far as they are known.
 *
 * @param issuers events that handed out credentials, by access key
 */
export function personChain(event: TrailEvent, issuers: ReadonlyMap<string, TrailEvent>): PersonChain {
  const links: PersonLink[] = [];
  for (let current = event; links.length < LONGEST; ) {
    links.unshift(linkOf(current));
    const key = issuedKey(current.identity);
    const issuer = key === null ? undefined : issuers.get(key);
    if (issuer === undefined || issuer.id === current.id) return { links, end: endOf(current.identity) };
    current = issuer;
  }
  return { links, end: 'not found' };
}

function linkOf({ identity, name, id, time }: TrailEvent): PersonLink {
  const { type, sourceIdentity } = identity;
  return {
    who: actorName(identity),
    type,
    sessionName: sessionName(identity),
    sourceIdentity,
    eventName: name,
    eventId: id,
    time,
  };
}

function endOf({ type }: TrailIdentity): ChainEnd {
  if (type === 'AssumedRole') return 'not found';
  if (type === 'AWSService') return 'service';
  return type === 'AWSAccount' ? 'other account' : 'person';
}

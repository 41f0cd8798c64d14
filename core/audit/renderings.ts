import { addToGroup } from './add-to-group';
import { modelCall } from './model-call';
import { promptOf, versionOf } from './prompt-event';
import type { TrailEvent } from './trail-event';

/** When sessions of a role had a version rendered. */
export interface Renderings {
  /** Unique id of the role, `AROA…`: what a signer begins with. */
  readonly role: string;
  readonly promptId: string;
  readonly version: number;
  /** ISO 8601, oldest first. */
  readonly times: readonly string[];
}

export interface RenderingEvidence {
  /** When anybody first had a version of the prompt rendered, by prompt id: from then on the trail takes renderings of it. */
  readonly first: Readonly<Record<string, string>>;
  /** Those of the roles that were asked for. */
  readonly renderings: readonly Renderings[];
}

/**
 * Counts renderings of versions, event by event: memory grows with the calls of the roles that are asked for.
 *
 * Converse with a prompt's ARN makes two events: the data event RenderPrompt, and Converse with the ARN that the caller sent.
 * No RenderPrompt of a live account is public, so that of the two the one counts of which there are more.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/logging-using-cloudtrail.html
 */
export class RenderingCount {
  private readonly first: Record<string, string> = {};
  /** Times by event id, which CloudTrail may deliver twice; by kind of event, role and version. */
  private readonly calls = new Map<string, Map<string, string>>();

  /** @param roles unique ids */
  constructor(private readonly roles: ReadonlySet<string>) {}

  add(event: TrailEvent): void {
    if (event.errorCode !== null) return;
    const call = event.name === 'RenderPrompt' ? rendered(event) : modelCall(event);
    if (!call?.promptId || call.version === null) return;
    const { promptId, version } = call;
    const first = this.first[promptId];
    if (first === undefined || event.time < first) this.first[promptId] = event.time;
    const role = roleIdOf(event.identity.principalId ?? '');
    if (!this.roles.has(role)) return;
    const key = JSON.stringify([role, promptId, version, event.name === 'RenderPrompt']);
    const times = this.calls.get(key) ?? new Map<string, string>();
    this.calls.set(key, times.set(event.id, event.time));
  }

  evidence(): RenderingEvidence {
    const kinds = new Map<string, Renderings[]>();
    for (const [key, found] of this.calls) {
      const [role, promptId, version] = JSON.parse(key);
      const times = [...found.values()].sort();
      addToGroup(kinds, JSON.stringify([role, promptId, version]), { role, promptId, version, times });
    }
    const renderings = [...kinds.values()].flatMap(
      (all) => all.sort((a, b) => b.times.length - a.times.length)[0] ?? [],
    );
    return { first: this.first, renderings };
  }
}

/** @param principal `AROA…:session`, as a signer and CloudTrail's `principalId` have it */
export function roleIdOf(principal: string): string {
  return principal.split(':', 1)[0] ?? '';
}

function rendered(event: TrailEvent) {
  return { promptId: promptOf(event), version: versionOf(event) };
}

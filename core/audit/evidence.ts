import type { KeptRun } from '../evaluation/kept-run';
import type { GatesByAlias } from '../release/gate';
import type { BucketSettings, DeclaredBucket } from './bucket-settings';
import type { LoggedEvidence } from './logged-usage';
import type { AliasAccess, PolicyKind, PolicyVersion } from './policy-shape';
import type { RenderingEvidence } from './renderings';
import type { TrailEvent } from './trail-event';

/** One version of an object, or a delete marker. */
export interface ObjectVersion {
  readonly versionId: string;
  readonly time: string;
  readonly marker: boolean;
}

/** One key of the ledger's bucket. */
export interface LedgerObject {
  readonly key: string;
  /** Newest first; one where the bucket's versions could not be listed. */
  readonly versions: readonly ObjectVersion[];
  /** Body of the newest version that is no marker; undefined where it was not read. */
  readonly body?: string;
  /** Why it could not be read. */
  readonly unreadable?: string;
  /** Whether it is under a legal hold, as far as the reader may know. */
  readonly legalHold?: boolean;
  /** ARN of the key that encrypts it; null for S3's own, undefined where it was not read. */
  readonly keyArn?: string | null;
}

/** One write of an alias's parameter, as its history has it. */
export interface ParameterWrite {
  readonly version: number;
  /** Version ARN, or `none`. */
  readonly value: string;
  readonly time: string;
  /** ARN of the writer; for CloudFormation, of the role it worked with or of its caller. */
  readonly user: string;
  /** Texts of its policies, such as an expiration. */
  readonly policies?: readonly string[];
  /** `Standard`, `Advanced`, … */
  readonly tier?: string;
}

export interface ParameterEvidence {
  /** `/prompts/prod/financial-analysis/PROD` */
  readonly name: string;
  readonly promptId: string;
  readonly alias: string;
  /** The stack that has the alias now; null where none is known. */
  readonly stackId: string | null;
  /** Oldest first, at most the last 100; null for a parameter that does not exist. */
  readonly history: readonly ParameterWrite[] | null;
  /** The histories of the two parameters of its rollouts, likewise; undefined where it has none. */
  readonly rollout?: {
    readonly plan: readonly ParameterWrite[] | null;
    readonly progress: readonly ParameterWrite[] | null;
  };
}

/** What Bedrock holds of a version now. */
export interface HeldVersion {
  readonly version: number;
  /** Null where the content holds a field that the digest does not know. */
  readonly digest: string | null;
  readonly created: string | null;
}

export interface StackEvidence {
  readonly stackId: string;
  /** Role with which CloudFormation works; null where it uses its caller's rights. */
  readonly roleArn: string | null;
  /** `UPDATE_COMPLETE`, …; null for a stack that is not there any more. */
  readonly status: string | null;
}

export interface ControllerEvidence {
  readonly functionName: string;
  readonly roleName: string;
}

/** An alias's newest record, as it was when somebody noted it. */
export interface KnownHead {
  readonly promptId: string;
  readonly alias: string;
  readonly sequence: number;
  /** SHA-256 of its object; null where there was none. */
  readonly digest: string | null;
}

export interface EventEvidence {
  /** From when on all events were asked for. */
  readonly from: string;
  /** Until when. What is younger than {@link DELIVERY_MS} may still be on its way. */
  readonly to: string;
  readonly events: readonly TrailEvent[];
  /** Whether data events of S3 objects are among them. */
  readonly withDataEvents: boolean;
  /** Renderings by roles that signed an evaluation; undefined where the trail's files are not whole. */
  readonly renderings?: RenderingEvidence;
}

/** A log or digest file of a trail with something wrong about it. */
export interface TrailFileProblem {
  readonly key: string;
  readonly problem:
    | 'Unreadable'
    | 'Rewritten'
    | 'DeleteMarker'
    | 'DigestMismatch'
    | 'MissingFile'
    | 'EventMissing'
    | 'EventDiffers';
  readonly detail: string;
}

export interface TrailFileEvidence {
  /** `s3://bucket/prefix` */
  readonly place: string;
  readonly files: number;
  /** Log files whose content was compared with the digest that CloudTrail wrote of it. */
  readonly compared: number;
  readonly problems: readonly TrailFileProblem[];
}

/** A managed policy that the stack fills with callable versions. */
export interface PolicyEvidence {
  readonly arn: string;
  readonly kind: PolicyKind;
  /** Null for one that is gone; the version in force alone where the others may not be listed. */
  readonly versions: readonly PolicyVersion[] | null;
  readonly aliases: readonly AliasAccess[];
  /** How many encryption contexts the stack's template opens keys for in it. */
  readonly keyContexts: number;
}

/** The gates of a registry as its auditor keeps them. */
export interface KeptGates {
  readonly gates: GatesByAlias;
  /** Moves of before were let through by others. @default - all moves */
  readonly since?: string;
}

/** A file that a run of a suite was kept in. */
export interface RowsEvidence {
  /** Path or `s3://bucket/key`. */
  readonly place: string;
  readonly run: KeptRun;
}

/** All that an audit of a registry rests on; what could not be read is undefined. */
export interface AuditEvidence {
  readonly now: string;
  readonly bucket: string;
  readonly objects: readonly LedgerObject[];
  /** Names of the registry's own roles; null where they are not known. */
  readonly publisher: string | null;
  readonly releaser: string | null;
  /** The function that moves rollouts, and its role; undefined where the registry has none, or nobody knows. */
  readonly controller?: ControllerEvidence;
  /** Names of the registry's functions; undefined where they are not known. */
  readonly functions?: readonly string[];
  /** By stack id. */
  readonly stacks: ReadonlyMap<string, StackEvidence>;
  readonly parameters?: readonly ParameterEvidence[];
  readonly policies?: readonly PolicyEvidence[];
  /** Names of roles and users that hold a policy of callers; undefined where that may not be read. */
  readonly callers?: readonly string[];
  /** ARNs of policies with the name of an alias's policy that are not the stack's. */
  readonly takenNames?: readonly string[];
  /** What the ledger's bucket is set to, and what its stack declares. */
  readonly settings?: BucketSettings;
  readonly declared?: DeclaredBucket;
  /** By name of a role whose id is not the one that the bucket's policy names: what is wrong with it. */
  readonly replacedRoles?: ReadonlyMap<string, string>;
  /** ARNs of policies below the registry's prefix that are of no alias of the stack. */
  readonly unknownNames?: readonly string[];
  /** What Bedrock holds, by prompt id; null for a prompt that is gone. */
  readonly held?: ReadonlyMap<string, readonly HeldVersion[] | null>;
  readonly trail?: EventEvidence;
  readonly files?: TrailFileEvidence;
  /** Names or ARNs of the trails that matter; undefined where that is not known, and all do. */
  readonly trails?: readonly string[];
  /** Trails that are there and do not log. */
  readonly silentTrails?: readonly string[];
  /** Trails whose files do not come to their bucket, and why. */
  readonly undelivered?: readonly { readonly name: string; readonly error: string }[];
  /** Newest records that an earlier audit noted. */
  readonly knownHeads?: readonly KnownHead[];
  /** The gates that every move must have passed; undefined where nobody keeps them, and the ledger's own count. */
  readonly keptGates?: KeptGates;
  /** What the invocation logs hold; undefined where nobody says where they are. */
  readonly logged?: LoggedEvidence;
  /** Runs of suites that somebody kept; undefined where nobody says where. */
  readonly rows?: readonly RowsEvidence[];
}

/** CloudTrail delivers within 15 minutes, typically in 5: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html */
export const DELIVERY_MS = 15 * 60_000;

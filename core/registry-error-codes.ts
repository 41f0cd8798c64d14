/** What a code means to the user who meets it. docs/errors.md is generated from these notes. */
export interface ErrorNote {
  /** When the user meets it: at synth, in a deployment, in an application with the client, in the command. */
  readonly at: string;
  readonly means: string;
  readonly fix: string;
}

const SYNTH = 'synth';
const DEPLOYMENT = 'deployment';
const CLIENT = 'client';
const SYNTH_AND_COMMAND = 'synth, command';
const DEPLOYMENT_AND_COMMAND = 'deployment, command';

/** Every code a `RegistryError` may carry. A code that is released keeps its name and its meaning (docs/versioning.md). */
export const REGISTRY_ERROR_CODES = notes({
  AccessDenied: note(CLIENT, "SSM refused to read the alias's parameter", 'grant `alias.grants.invoke(fn)`'),
  AliasInOtherStack: note(
    SYNTH,
    'An alias, a guard or a combined policy is not in the stack of the prompt or aliases it belongs to',
    'define it in that stack; refer to it elsewhere with `PromptAlias.fromAliasName()`',
  ),
  AliasIsNone: note(CLIENT, 'The alias points at no version', 'release one'),
  AliasMoved: note(DEPLOYMENT, 'Somebody else moved the alias after this release was planned', 'deploy again'),
  AliasNotFound: note(CLIENT, 'The alias has no parameter', 'correct the name, the prefix or the Region'),
  AliasRequired: note(CLIENT, 'The client was not told which alias to read', "pass `{ alias: 'PROD' }`"),
  AnswerNotDelivered: note(
    DEPLOYMENT,
    "CloudFormation did not accept the handler's answer in several tries",
    "deploy again; check that nothing blocks the function's way to S3",
  ),
  ApprovalExpired: note(
    DEPLOYMENT_AND_COMMAND,
    'A request or an approval is older than the gate allows, or from before the alias came back from this content',
    'ask or approve again, as the message says',
  ),
  ApprovalMissing: note(
    DEPLOYMENT_AND_COMMAND,
    'The alias has a gate, and not everybody that it names has agreed to this content',
    'run the command that the message names',
  ),
  ArchiveConflict: note(
    'deployment, Langfuse endpoint',
    "The archive holds other content under the version's key: somebody wrote to the bucket by hand",
    'compare the object with the version in Bedrock',
  ),
  BadLedgerKey: note(
    DEPLOYMENT_AND_COMMAND,
    'An object in the ledger has a key that no record has',
    'run `prompt-registry audit verify`',
  ),
  BadLedgerRecord: note(
    DEPLOYMENT_AND_COMMAND,
    'An object in the ledger is not a record that this version of the package can read',
    'update cdk-prompt-registry; if it is current, run `prompt-registry audit verify`',
  ),
  BadReleaseReason: note(
    DEPLOYMENT_AND_COMMAND,
    'An object under `reasons/` is not a release reason',
    'run `prompt-registry audit verify`',
  ),
  BelowThreshold: note(
    DEPLOYMENT_AND_COMMAND,
    'The newest run of the suite that a gate names says that the content is not good enough: too few cases pass, it is worse than what is live, or a critical case failed',
    'look at the cases that flip with `prompt-registry evaluate`, correct the prompt, run it again',
  ),
  ConflictingPrefix: note(
    SYNTH,
    'One function was granted aliases of two registries, but its client reads one parameter prefix',
    'grant one of them to `fn.role`, and give its client the `parameterPrefix` in code',
  ),
  DraftChanged: note(
    DEPLOYMENT,
    'The draft in Bedrock does not hold the content that the app declares',
    "change the prompt's description in the app, or set the draft back by hand, then deploy again",
  ),
  DraftElsewhere: note(
    SYNTH,
    '`publishDraft` was set for a prompt whose content is not defined in this stack',
    'leave `publishDraft` out, and let aliases name versions that exist',
  ),
  DuplicatePrompt: note('command', 'Two prompt files declare the same name', 'rename one of them'),
  EvaluationMissing: note(
    DEPLOYMENT_AND_COMMAND,
    'The alias has a gate, and nobody of its group ran its suite over this content, or what they signed does not count',
    'run the command that the message names',
  ),
  FallbackUnsupported: note(
    CLIENT,
    'The fallback holds a field that a request to Converse cannot carry',
    'remove the field that the message names',
  ),
  FallbackWithoutModel: note(
    CLIENT,
    'The fallback has no model, and Bedrock needs one',
    'set `modelId` in the `fallback`',
  ),
  GateOnFollower: note(
    'synth, deployment',
    'An alias has a gate and follows the content, so every deployment would ask for approval',
    'let it follow a parameter: `AliasTarget.parameter()`; or leave the gate to the alias that callers in production use',
  ),
  GrantIgnored: note(
    SYNTH,
    'CDK cannot change the role, so it would silently ignore the grant',
    'attach `alias.callerPolicy` to the role where it is defined',
  ),
  GuardInAlarm: note(
    DEPLOYMENT,
    'A rollout was to begin while an alarm that guards it is in ALARM, or is not there',
    'begin it when the alarm is OK; nothing was moved, and going back or ending a rollout asks no alarm',
  ),
  HandlerTimedOut: note(
    DEPLOYMENT,
    'A handler did not finish before its Lambda time-out',
    'deploy again; raise the time-out if it happens again',
  ),
  InNestedStack: note(
    SYNTH,
    'A registry, a prompt or an alias is in a nested stack, whose parameters no release can set',
    'define it in a stack of its own; refer to its aliases with `PromptAlias.fromAliasName()`',
  ),
  Inconclusive: note(
    DEPLOYMENT_AND_COMMAND,
    'The newest run of the suite that a gate names is too small to say whether the content is worse than what is live',
    'add cases to the suite, as many as the message says, or widen the margin of the gate',
  ),
  InvalidAliasName: note(
    SYNTH_AND_COMMAND,
    "An alias's name is not a letter followed by up to 31 letters, digits, `_` or `-`",
    'rename the alias',
  ),
  InvalidAliasValue: note(CLIENT, "The alias's parameter does not hold the ARN of a prompt version", 'release one'),
  InvalidCallableVersions: note(SYNTH, '`callableVersions` is not a whole number from 2 to 5', 'choose one'),
  InvalidContent: note(
    DEPLOYMENT,
    "A value resolved at deployment breaks the JSON of the prompt's content",
    'remove quotes and control characters from that value',
  ),
  InvalidContentField: note(
    'synth, deployment, command',
    "A field of the prompt's content has the wrong type",
    'correct the field that the message names',
  ),
  InvalidDashboard: note(
    SYNTH,
    'A dashboard has no aliases, or more prompts than it has room for',
    'list the aliases, or define several dashboards',
  ),
  InvalidEvaluator: note(
    SYNTH,
    'A `PromptEvaluator` has nothing to measure, signs for a group that the registry does not have, or has an alias of another prompt',
    'correct what the message names',
  ),
  InvalidGate: note(
    'synth, deployment, command',
    'A gate is malformed, or one of a newer version of the package',
    'correct it in the app; deploy the registry with the version that knows it',
  ),
  InvalidGroup: note(
    'synth, deployment, command',
    'The name of a group of reviewers is not a lower-case letter followed by up to 30 lower-case letters, digits or `-`',
    'rename the group',
  ),
  InvalidGuard: note(
    SYNTH,
    'A guard has no aliases or models, or more of them than fit into one managed policy',
    'list the aliases, or name models in the model gates; lower `callableVersions`, or split the role in two',
  ),
  InvalidGuardrail: note(
    SYNTH,
    "The guardrail of an alias is none that its callers can be held to: its draft, another account's, a name",
    'give the id or ARN of a guardrail of this account and Region, and the number of a version',
  ),
  InvalidLangfuseEndpoint: note(
    SYNTH,
    'Names, labels, keys or limits of a `LangfuseEndpoint` do not fit its aliases',
    'change what the message names',
  ),
  InvalidModelLifecycleWatch: note(
    SYNTH,
    'A `ModelLifecycleWatch` has more alarms than two, or days that are none',
    'correct what the message names',
  ),
  InvalidModelLock: note(
    SYNTH_AND_COMMAND,
    'The lock file of models is missing or malformed',
    'correct what the message names, or run `prompt-registry models refresh`',
  ),
  InvalidName: note(
    CLIENT,
    'Prefix, prompt or alias is not a valid name',
    'use names like `/prompts/prod`, `p`, `PROD`',
  ),
  InvalidNotifications: note(
    SYNTH,
    'Notifications have no receiver, too many, or a dead-letter queue without a topic',
    'pass a topic or targets, as the message says',
  ),
  InvalidOption: note(CLIENT, 'An option of `PromptClient` is out of range', 'keep 0 ≤ ttl ≤ maxStale and timeout > 0'),
  InvalidParameterPrefix: note(
    SYNTH_AND_COMMAND,
    'A parameter prefix is malformed, or begins with `aws` or `ssm`',
    'use one like `/prompts/prod`',
  ),
  InvalidPolicyPropagation: note(
    SYNTH,
    '`policyPropagation` is not in whole seconds, or too long',
    'choose a value in the range that the message names',
  ),
  InvalidPrompt: note(
    SYNTH_AND_COMMAND,
    "A prompt breaks one or more of Bedrock's limits",
    'correct what the message lists',
  ),
  InvalidPromptArn: note('synth, deployment', 'Not the ARN of a prompt without a version', 'drop the version'),
  InvalidPromptFile: note(
    SYNTH_AND_COMMAND,
    'A `.prompt` file holds something that Bedrock cannot render, or is malformed',
    'correct the lines that the message names',
  ),
  InvalidPromptName: note(
    SYNTH_AND_COMMAND,
    "A prompt's name is missing, a token, or not 1 to 100 letters and digits with single `_` or `-` between them",
    'rename the prompt',
  ),
  InvalidReleaseReason: note(
    DEPLOYMENT_AND_COMMAND,
    'A release reason is empty, too long, or has more than one line',
    'shorten it to one line',
  ),
  InvalidReview: note(
    DEPLOYMENT_AND_COMMAND,
    'A review has a comment that is too long or holds characters that cannot be seen, or is not a review',
    'correct what the message names; its signer writes it again',
  ),
  InvalidReviewers: note(
    SYNTH,
    'The groups of reviewers are too many, empty, or name something that is no role of this account',
    'correct the group that the message names',
  ),
  InvalidRollout: note(
    'synth, deployment, command',
    'A rollout has steps, times or guards that cannot be, or its target names no newer version',
    'correct what the message names',
  ),
  InvalidRun: note(
    'command',
    'A file is not what `evaluate --rows` writes, or was changed since',
    'run the suite again with `--rows`',
  ),
  InvalidSnapshot: note(
    CLIENT,
    'The snapshot cannot be read, or belongs to another registry',
    'make it again with `prompt-registry snapshot`',
  ),
  InvalidSuite: note(
    SYNTH_AND_COMMAND,
    'An evaluation suite, or a file that it names, is malformed',
    'correct the lines that the message names; `prompt-registry evaluate check` shows all of them',
  ),
  InvalidTag: note(
    'synth, deployment, command',
    'A tag is not a letter followed by letters, digits and `-` in parts with one dot between them, or has over 32 characters',
    'correct it; `none`, `draft`, `previous` and `file` mean something else',
  ),
  InvalidTrailArn: note(SYNTH, '`trailArn` is not the ARN of a trail', 'pass the `trailArn` of a `PromptAuditTrail`'),
  InvalidTrailName: note(SYNTH, '`trailName` is a token, or not a name that CloudTrail accepts', 'choose another one'),
  InvalidVariable: note(CLIENT, 'The value of a variable is not a string', 'convert it'),
  InvalidVersionTarget: note(
    'synth, deployment, command',
    'A target is not `none`, a version number or a content digest',
    'correct the target, or the stack parameter that holds it',
  ),
  InvalidWithdrawnVersions: note(
    DEPLOYMENT_AND_COMMAND,
    'Withdrawn versions are not `none` or numbers with commas',
    'write them like `2,5`',
  ),
  JudgeUnreliable: note(
    'command',
    'The model that judges an evaluation is wrong about answers whose verdict is known',
    'correct the rubric or the controls, or choose another judge',
  ),
  LateRelease: note(
    DEPLOYMENT,
    'The release finished after CloudFormation had given it up; it moved nothing',
    'deploy again',
  ),
  LedgerBusy: note(
    DEPLOYMENT,
    'Others took several sequence numbers of the ledger in a row',
    'deploy again when no other release of the alias is under way',
  ),
  MissingEnvironment: note(
    CLIENT,
    "The function's environment does not name a registry",
    'grant `alias.grants.invoke(fn)`, or pass `parameterPrefix` in code',
  ),
  MissingEnvironmentVariable: note(
    DEPLOYMENT,
    'A handler lacks an environment variable: somebody changed its configuration',
    'deploy the registry again',
  ),
  MissingHandlerBundle: note(
    SYNTH,
    "The package's handlers are missing, or its files were copied elsewhere",
    'install the package; in a checkout run `npm run build`',
  ),
  MissingPromptFile: note(SYNTH, 'The `.prompt` file cannot be read', 'correct the path'),
  MissingProperty: note(
    DEPLOYMENT,
    "A handler received an event without a property it needs: the event is not from this package's template",
    'deploy the app with one version of cdk-prompt-registry',
  ),
  MissingSdk: note(
    CLIENT,
    'The AWS SDK is not installed',
    '`npm install @aws-sdk/client-ssm @aws-sdk/client-bedrock-agent`',
  ),
  MissingVariable: note(CLIENT, 'A variable that the prompt declares was not passed', 'pass it'),
  ModelEnded: note(
    'synth, client',
    "The version's model has reached the end of its life",
    'release a version with another model',
  ),
  ModelEnds: note(
    DEPLOYMENT_AND_COMMAND,
    'The alias has a model gate, and the model ends earlier than the gate allows, or has ended',
    'publish the prompt with another model; going back is never refused',
  ),
  ModelInvalid: note(
    CLIENT,
    "The version's model does not exist in this Region",
    'release a version with another model',
  ),
  ModelLegacy: note(
    CLIENT,
    "The version's model is legacy, and this account has not used it lately",
    'release a version with another model',
  ),
  ModelNeedsProfile: note(
    'synth, client',
    "The version's model can only be called through an inference profile",
    'release a version whose model is a profile, such as `us.…`',
  ),
  ModelNotAmong: note(
    DEPLOYMENT_AND_COMMAND,
    'The alias has a model gate, and the model is not one that it names',
    'publish the prompt with one of those, or add the model to the gate',
  ),
  ModelNotEnabled: note(
    CLIENT,
    "The version's model is not open to this account or role",
    'enable the model in Bedrock; grant `alias.grants.invoke(fn)`',
  ),
  NameTaken: note(SYNTH, 'Two constructs of one app claim the same name', 'rename or remove one of them'),
  NoAliases: note(SYNTH, 'A combined policy has no aliases', 'list those that callers may run'),
  NoRegistry: note(SYNTH, 'An audit trail has no registries', 'list them in `registries`'),
  NoRollout: note(
    SYNTH,
    '`grants.halt()` was called on an alias that has no rollout, or that another app defines',
    'set `rollout` on the alias, or grant where the alias is defined',
  ),
  NoRoomForVersion: note(
    DEPLOYMENT,
    'The prompt has as many versions as Bedrock allows, and none of them may be deleted',
    'move or remove an alias, shorten `keepVersions`, or delete a version by hand',
  ),
  NoSuchDigest: note(
    DEPLOYMENT_AND_COMMAND,
    'No version of the prompt in this environment has the content that the alias should point at',
    'publish the content here first',
  ),
  NoSuchInferenceProfile: note(
    DEPLOYMENT,
    "The version's model is an inference profile that does not exist",
    'create the profile, or set another model, then deploy again',
  ),
  NoSuchModel: note(
    'synth, deployment, command',
    'The lock file, or Bedrock where the alias has a model gate, has no such model or inference profile in this Region',
    'correct the id; run `prompt-registry models refresh` if it is new',
  ),
  NoSuchVersion: note(DEPLOYMENT_AND_COMMAND, 'The prompt does not have that version', 'choose one it has'),
  NobodyCanApprove: note(
    SYNTH,
    'A gate names a group of reviewers that the registry does not have',
    'add the group to `reviewers` of the registry',
  ),
  NoneAfterVersion: note(
    DEPLOYMENT,
    'The alias would be reset to `none`, usually because a pipeline reset a stack parameter to its default',
    'name the version in the deployment; to retire the alias, remove it from the app',
  ),
  NotInProgress: note(
    DEPLOYMENT,
    'The stack does not show the resource in progress with the properties of the event: CloudFormation did not send it, or its events do not show',
    'deploy again; if it stays, run check 1 of `npm run live`',
  ),
  NotJson: note(
    'synth, command',
    'The content holds a value that JSON cannot represent',
    'remove the value at the path that the message names',
  ),
  OpenAiUnsupported: note(
    CLIENT,
    "The content holds what OpenAI's chat API has no place for",
    'remove what the message names, or send it to Bedrock',
  ),
  OtherEnvironment: note(
    SYNTH,
    'Notifications or a `ModelLifecycleWatch` are in another account or Region than their registry',
    "define them in a stack of the registry's account and Region",
  ),
  PatternTooLong: note(
    SYNTH,
    'An event pattern exceeds the length that EventBridge accepts',
    'divide the registries or prompts, as the message says',
  ),
  ProfileNotHere: note(
    SYNTH,
    'The model is an inference profile of another Region, geography or account',
    'name one of this Region, as the message says',
  ),
  PromptDeleted: note(
    DEPLOYMENT,
    'The prompt was deleted outside the stack, and its versions with it',
    'give it a new `promptName`, or remove it from the app, deploy, and add it again',
  ),
  PromptInOtherEnvironment: note(
    SYNTH,
    'An adopted prompt is in another account or Region than its stack',
    'define the prompt in each environment',
  ),
  RecordNeedsNewer: note(
    DEPLOYMENT_AND_COMMAND,
    'A newer version of the package wrote a record that this one cannot judge',
    'deploy with the version that wrote it, or a newer one',
  ),
  RegistryUnavailable: note(
    CLIENT,
    'AWS did not answer and there is no fallback',
    'give the client a snapshot or a fallback',
  ),
  Rejected: note(
    DEPLOYMENT_AND_COMMAND,
    'A member of the group that approves has rejected this content',
    'ask the person whom the message names; a rejection stands until its signer writes again',
  ),
  RetentionTwice: note(SYNTH, 'Two constructs set different retentions for one ledger', 'give both the same'),
  ReviewsUnreadable: note(
    DEPLOYMENT_AND_COMMAND,
    'The alias has a gate, and S3 did not answer with the reviews that could open it, or with the steps that say whether a rollout was halted since',
    'try again; check that the releaser may read `reviews/` and `rollouts/`; going back needs neither',
  ),
  RolesCustomized: note(
    SYNTH,
    '`Role.customizeRoles()` keeps CDK from defining the roles and policies of the registry, which are its fence',
    "call it on the consumers' stacks",
  ),
  RolloutMovesStable: note(
    DEPLOYMENT_AND_COMMAND,
    'A rollout would begin from another version than the alias points at',
    'roll out from where it stands: one question a release',
  ),
  RolloutStopped: note(
    'rollout controller',
    'The controller could not look after a rollout: CloudWatch, SSM or the ledger did not answer, a record is not readable, or there are more rollouts than fit into a minute',
    'read its log; callers of the alias are back on the stable version after three bakes, half an hour at least, and the controller goes on by itself once it can',
  ),
  SelfApproval: note(
    DEPLOYMENT_AND_COMMAND,
    'The person who asked for the release approved it, and nobody else did',
    'let somebody else approve',
  ),
  StackWentBack: note(
    DEPLOYMENT,
    'The stack began to roll back while the publisher set the types of free JSON right in the draft',
    'fix what failed first, and deploy again',
  ),
  StaleBaseline: note(
    DEPLOYMENT_AND_COMMAND,
    'The suite was run over this content, and compared with another content than the one that is live now',
    'run the command that the message names: what is live changed since',
  ),
  TagTaken: note(
    DEPLOYMENT,
    'A tag names another content already, which was released, or which another stack published; or it differs from a tag in upper and lower case only',
    'give this content another tag, or leave the tag out',
  ),
  TooManyAliases: note(
    SYNTH,
    "The prompt's aliases hold more versions than Bedrock keeps per prompt",
    'remove an alias, lower `callableVersions`, or define a second prompt',
  ),
  TooManyReviews: note(
    DEPLOYMENT_AND_COMMAND,
    'A signer wrote more than 100 reviews of this content after what they said of it, such as evaluations, so that nobody looks for a rejection behind them',
    'let the person whom the message names approve, reject or ask again',
  ),
  TooManySelectorValues: note(
    SYNTH,
    "The trail's selectors hold more values than CloudTrail accepts",
    'leave `prompts` out, or divide them between two trails',
  ),
  TrailInOtherEnvironment: note(
    SYNTH,
    'A trail and one of its registries are in different accounts or Regions',
    'define a `PromptAuditTrail` in each environment',
  ),
  UnknownContentField: note(
    'synth, deployment, command',
    'The content has a field that the content digest does not know',
    'remove it, or update cdk-prompt-registry',
  ),
  UnknownField: note(
    SYNTH,
    'An object has a field that this package does not know',
    'remove it, or update the package',
  ),
  UnknownGate: note(
    DEPLOYMENT_AND_COMMAND,
    "An alias has a gate that the registry's handlers do not know",
    'deploy the registry with the version of cdk-prompt-registry that has it',
  ),
  UnknownLedgerBucket: note(
    SYNTH,
    'The registry was imported without the name of its ledger bucket',
    'pass `ledgerBucketName` to `PromptRegistry.fromAttributes()`',
  ),
  UnknownVariable: note(CLIENT, 'A variable was passed that the prompt does not declare', 'remove or rename it'),
  UnresolvedName: note(SYNTH, 'A name is a token, but logical ids and policy names are made of it', 'write it out'),
  UnsupportedByCloudFormation: note(
    SYNTH,
    'The content holds what a CloudFormation template cannot carry: a field that `AWS::Bedrock::Prompt` does not know, `null`, a number that was rounded, or what CloudFormation reads as a call of its own; see prompt-values.md',
    'change or remove what the error names',
  ),
  UnsupportedModel: note(
    'synth, deployment',
    "The model's id is a pattern, its inference profile does not route to exactly one model, or it does not answer with text",
    'name one model that answers with text',
  ),
  VersionCrossesStacks: note(
    SYNTH,
    "A version's number or ARN is used in another stack, which would lock the release",
    'use the alias there instead',
  ),
  VersionNotFound: note(CLIENT, 'The version that the alias points at does not exist', 'release another version'),
  VersionRefused: note(
    CLIENT,
    'Bedrock refused the version: it was withdrawn, or the caller has no grant',
    'release another version, or grant `alias.grants.invoke(fn)`',
  ),
  VersionUnreadable: note(DEPLOYMENT, 'Bedrock did not return the version it had just created', 'deploy again'),
  VersionWithdrawn: note(
    DEPLOYMENT_AND_COMMAND,
    'The alias would move to a withdrawn version',
    'take it off the withdrawn versions, or release another one',
  ),
});

/** Stable and meant for programs. */
export type RegistryErrorCode = keyof typeof REGISTRY_ERROR_CODES;

function note(at: string, means: string, fix: string): ErrorNote {
  return { at, means, fix };
}

/** Keeps the codes in the type and the notes out of the published declarations. */
function notes<Code extends string>(table: Record<Code, ErrorNote>): Readonly<Record<Code, ErrorNote>> {
  return table;
}

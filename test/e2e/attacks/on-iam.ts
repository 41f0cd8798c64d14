import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { DeleteObjectCommand, PutObjectCommand, PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { ledgerKey, reviewKey } from '../../../core/ledger/layout';
import { Gate, PromptRegistry } from '../../../lib';
import { presignedPut } from '../presigned-put';
import { RegistryBench } from '../registry-bench';
import { type Person, session } from '../reviewers';
import { type Attack, attack } from './attack';

const PROMPT_ID = 'ABCDEFGHIJ';
const content = { promptId: PROMPT_ID, alias: 'PROD', digest: `pd1:${'a1'.repeat(32)}` };
const roleDocument = (Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

/** A registry of which everybody here has all rights beside: nothing but the bucket's own policy is in the way. */
function app(stack: Stack): void {
  const everything = ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess');
  const role = (roleName: string) =>
    new Role(stack, roleName, { roleName, assumedBy: new AccountRootPrincipal(), managedPolicies: [everything] });
  const registry = new PromptRegistry(stack, 'Registry', {
    parameterPrefix: '/prompts/prod',
    reviewers: {
      authors: [role('Author'), role('Both')],
      risk: [role('Risk'), `arn:aws:iam::${stack.account}:role/Bo*`, `arn:aws:iam::${stack.account}:role/Again`],
    },
    gates: { '*': [Gate.approval({ askedBy: 'authors', by: 'risk' })] },
  });
  role('Administrator');
  for (const writer of ['Releaser', 'Publisher']) {
    const handler = registry.node.findChild(writer) as Role;
    handler.addManagedPolicy(everything);
    const principals = [new AccountRootPrincipal()];
    handler.assumeRolePolicy?.addStatements(new PolicyStatement({ actions: ['sts:AssumeRole'], principals }));
  }
  new CfnOutput(stack, 'OutReleaser', { value: registry.releaserRoleName });
  new CfnOutput(stack, 'OutPublisher', { value: registry.publisherRoleName });
}

/** A ledger in `local-aws` with Carol's rejection in it. */
export class Bucket {
  private number = 10;
  private again?: Promise<readonly [before: Person, after: Person]>;

  private constructor(
    readonly bench: RegistryBench,
    readonly bucket: string,
    private readonly roles: Readonly<Record<string, string>>,
  ) {}

  static async make(): Promise<Bucket> {
    const bench = await RegistryBench.start({ stack: 'Prompts', parameterPrefix: '/prompts/prod', promptName: 'none' });
    const { failures } = await bench.deploy(await bench.synthesize(app));
    if (failures.length > 0) throw new Error(failures.join());
    const { Outputs = [] } = (await bench.deployer.stack('Prompts')) ?? {};
    const roles = Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey.slice(3), OutputValue]);
    const found = new Bucket(bench, await bench.ledgerBucket(), Object.fromEntries(roles));
    const carol = await found.person('carol', 'Risk');
    await found.put(carol, found.own(carol, 'risk', 1));
    return found;
  }

  person(name: string, role: string): Promise<Person> {
    return session(this.bench.aws, this.roles[role] ?? role, name);
  }

  own({ userId: signer }: Pick<Person, 'userId'>, group = 'risk', number = ++this.number): string {
    return reviewKey({ ...content, group, signer, number });
  }

  async rejection(): Promise<string> {
    return this.own(await this.person('carol', 'Risk'), 'risk', 1);
  }

  async put({ s3 }: Pick<Person, 's3'>, Key: string, isConditional = true): Promise<void> {
    const condition = isConditional ? { IfNoneMatch: '*' } : {};
    await s3.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body: '{}', ...condition }));
  }

  /** Somebody deleted the role `Again` and made it anew. */
  madeAgain(): Promise<readonly [before: Person, after: Person]> {
    this.again ??= this.makeAgain();
    return this.again;
  }

  private async makeAgain(): Promise<readonly [before: Person, after: Person]> {
    const { iam } = this.bench.operator;
    const RoleName = 'Again';
    const policy = { RoleName, PolicyName: 'all' };
    const AWS = `arn:aws:iam::${this.bench.aws.account}:root`;
    const make = async () => {
      const trust = roleDocument([{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS } }]);
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
      const PolicyDocument = roleDocument([{ Effect: 'Allow', Action: '*', Resource: '*' }]);
      await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));
      return this.person('rita', RoleName);
    };
    const before = await make();
    await iam.send(new DeleteRolePolicyCommand(policy));
    await iam.send(new DeleteRoleCommand({ RoleName }));
    return [before, await make()];
  }
}

type Try = (bucket: Bucket) => Promise<unknown>;

/** Somebody writes a key in their own session. */
const puts =
  (name: string, role: string, key: (bucket: Bucket, who: Person) => string | Promise<string>): Try =>
  async (bucket) => {
    const who = await bucket.person(name, role);
    return bucket.put(who, await key(bucket, who));
  };
const bobs = async (bucket: Bucket, group = 'risk') => bucket.own(await bucket.person('bob', 'Risk'), group);

const REFUSED = 'AccessDenied';
const rejected =
  (name: string, role: string, work: (bucket: Bucket, who: Person, Key: string) => Promise<unknown>): Try =>
  async (bucket) =>
    work(bucket, await bucket.person(name, role), await bucket.rejection());
const deletes = (bucket: Bucket, { s3 }: Person, Key: string) =>
  s3.send(new DeleteObjectCommand({ Bucket: bucket.bucket, Key }));

export const ON_IAM: readonly (readonly [Attack, Try])[] = [
  [attack('signs in another person’s name', REFUSED), puts('alice', 'Risk', (bucket) => bobs(bucket))],
  [attack('signs in another person’s name as administrator', REFUSED), puts('bob', 'Administrator', (b) => bobs(b))],
  [
    attack('signs in another’s name with one’s own further back', REFUSED),
    puts('alice', 'Author', async (bucket, { userId }) =>
      (await bobs(bucket)).replace('.json', `/@authors/${userId}/99999988.json`),
    ),
  ],
  [
    attack('signs as a member of another group', REFUSED),
    puts('alice', 'Author', (bucket, who) => bucket.own(who, 'risk')),
  ],
  [
    attack('signs as a group that there is not', REFUSED),
    puts('bob', 'Risk', (bucket, who) => bucket.own(who, 'team')),
  ],
  ...['Administrator', 'Releaser', 'Publisher'].map((role): readonly [Attack, Try] => [
    attack(`signs as reviewer with the role of ${role}`, REFUSED),
    puts('dave', role, (bucket, who) => bucket.own(who)),
  ]),
  [
    attack('signs with the keys of a user', REFUSED),
    (bucket) => bucket.put(bucket.bench.operator, bucket.own({ userId: 'AIDAUSER000000000001:eve' })),
  ],
  [attack('writes a record as reviewer', REFUSED), puts('bob', 'Risk', () => ledgerKey(PROMPT_ID, 'PROD', 1))],
  [
    attack('borrows a signature by a presigned URL', REFUSED),
    async (bucket) => {
      const bob = await bucket.person('bob', 'Risk');
      return presignedPut(bucket.bench.aws, bucket.bucket, bob.credentials, bucket.own(bob));
    },
  ],
  [attack('deletes a rejection', REFUSED), rejected('carol', 'Risk', deletes)],
  [attack('deletes a rejection as administrator', REFUSED), rejected('ada', 'Administrator', deletes)],
  [attack('deletes a rejection as releaser', REFUSED), rejected('x1', 'Releaser', deletes)],
  [
    attack('overwrites a rejection', REFUSED),
    rejected('carol', 'Risk', (bucket, who, key) => bucket.put(who, key, false)),
  ],
  [
    attack('writes a rejection once more', 'PreconditionFailed'),
    rejected('carol', 'Risk', (bucket, who, key) => bucket.put(who, key)),
  ],
  [
    attack('shortens how long a rejection is kept', REFUSED),
    rejected('ada', 'Administrator', (bucket, { s3 }, Key) => {
      const Retention = { Mode: 'GOVERNANCE', RetainUntilDate: new Date(Date.now() + 86_400_000) } as const;
      return s3.send(new PutObjectRetentionCommand({ Bucket: bucket.bucket, Key, Retention }));
    }),
  ],
  [attack('takes a name that looks like another’s', 'ValidationError'), (bucket) => bucket.person('b\u043eb', 'Risk')],
  [
    attack('signs in the name of a role that was deleted, by one made again', REFUSED),
    async (bucket) => {
      const [before, after] = await bucket.madeAgain();
      return bucket.put(after, bucket.own(before));
    },
  ],
  [
    attack('signs by a role made again', 'written', 'A role that somebody with `iam:CreateRole` makes anew'),
    async (bucket) => {
      const [before, after] = await bucket.madeAgain();
      if (before.userId === after.userId) throw new Error('expected another role id');
      return bucket.put(after, bucket.own(after));
    },
  ],
  [
    attack('signs in two groups at once, being a member of both: the key is no review’s', 'written'),
    puts('carol', 'Both', (bucket, who) => bucket.own(who).replace('.json', `/@authors/${who.userId}/99999988.json`)),
  ],
];

/** How AWS answered. */
export async function onIam(attempt: Try, bucket: Bucket): Promise<string> {
  return attempt(bucket).then(
    () => 'written',
    (error: Error) => error.name,
  );
}

import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { beforeAll, describe, expect, it } from 'vitest';
import { Document, isMap, isNode, isScalar, visit } from 'yaml';
import { CommandWorld, FIRST } from './command-world';
import { STACK } from './registry-world';

/** A stack from a YAML template with short forms, whose answers have `?` for what is not ASCII. */
const on = CommandWorld.forThisFile({ questionMarks: true });
const text = `${FIRST} Grüße?`;
const tags = [{ Key: 'Kostenträger', Value: 'Köln' }];

function inYaml(template: string): string {
  const document = new Document(JSON.parse(template), { aliasDuplicateObjects: false });
  visit(document, (_, node) => {
    if (!isMap(node) || node.items.length !== 1) return undefined;
    const [{ key, value } = {}] = node.items;
    const name = isScalar(key) ? String(key.value) : '';
    if (!/^(Ref$|Fn::)/.test(name) || !isNode(value) || !('tag' in value)) return undefined;
    value.tag = `!${name.replace('Fn::', '')}`;
    return value;
  });
  return document.toString();
}

beforeAll(async () => {
  const client = new CloudFormationClient(on.client());
  const Resources = {
    Topic: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/foreign', Type: 'String', Value: 'x' } },
  };
  const Parameters = { ArticleWithdrawnVersions: { Type: 'String', Default: 'none' } };
  await client.send(
    new CreateStackCommand({ StackName: 'Articles', TemplateBody: JSON.stringify({ Parameters, Resources }) }),
  );
  await on.world.deploy({ text, rewrite: inYaml, tags });
});

describe('A stack as CloudFormation is reported to show it', () => {
  it('is found beside a foreign one with a parameter of that name, which is no registry', async () => {
    const { Stacks = [] } = await new CloudFormationClient(on.client()).send(
      new DescribeStacksCommand({ StackName: STACK }),
    );
    expect(Stacks[0]?.Tags).toEqual([{ Key: 'Kostentr?ger', Value: 'K?ln' }]);
    const { code, stdout, stderr } = await on.run('list');
    expect([code, stdout], stderr).toEqual([0, expect.stringContaining('PROD')]);
    const foreign = await on.run('list --stack Articles');
    expect([foreign.code, foreign.stderr]).toEqual([
      1,
      expect.stringContaining('stack Articles is not a prompt registry'),
    ]);
  });

  it('takes a reason with umlauts, which the record has as it was said, and keeps its tags', async () => {
    const promote = (to: number, reason: string) =>
      on.start(`promote advisor PROD --to :${to} --yes --reason ${reason}`).finished;
    const told = await promote(1, 'Prüfung-für-🚀-bestanden?');
    expect(told.code, told.stderr).toBe(0);
    const other = await promote(2, 'Pröfung-für-🚀-bestanden?');
    expect(other.code, other.stderr).toBe(0);
    const again = await promote(3, 'Pröfung-für-🚀-bestanden?');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('the same reason as last time')]);
    const { records } = JSON.parse((await on.run('history advisor PROD --json')).stdout)[0];
    expect(records.map(({ reason }: { reason: string }) => reason)).toEqual([
      'Prüfung-für-🚀-bestanden?',
      'Pröfung-für-🚀-bestanden?',
    ]);
    const made = on.aws.calls.filter(({ operation }) => operation === 'CreateChangeSet');
    expect(made.map(({ input }) => input?.Tags)).toEqual([undefined, undefined, undefined]);
  });

  it('plans with such a reason, and releases what was planned', async () => {
    await on.prodAt(2);
    const planned = await on.run('plan advisor PROD --to :3 --reason Präfung-für-🚀-bestanden? --json');
    const { id } = JSON.parse(planned.stdout);
    const other = await on.run(`promote advisor PROD --plan ${id} --reason Prüfungen --yes`);
    expect([other.code, other.stderr]).toEqual([64, expect.stringContaining('the plan was made with another reason')]);
    const { code, stderr } = await on.run(`promote advisor PROD --plan ${id} --reason Präfung-für-🚀-bestanden? --yes`);
    expect(code, stderr).toBe(0);
    const { records } = JSON.parse((await on.run('history advisor PROD --json')).stdout)[0];
    expect(records.at(-1).reason).toBe('Präfung-für-🚀-bestanden?');
  });
});

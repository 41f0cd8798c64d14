import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Deployer, type LocalAws, startLocalAws } from '../../packages/local-aws';

let aws: LocalAws;
let deployer: Deployer;
let folder: string;
let stackName: string;
let count = 0;

beforeAll(async () => {
  aws = await startLocalAws({ region: 'eu-central-1' });
  deployer = new Deployer(aws);
  folder = mkdtempSync(join(tmpdir(), 'deployer-'));
});
beforeEach(() => {
  stackName = `Stack${++count}`;
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await aws.stop();
});

const parameter = (Value: unknown, more: object = {}) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Value },
  ...more,
});

function file(path: string, content: unknown): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** An assembly as `cdk synth` writes it. */
function assembly(id: string, template: object, assets: object = {}, directory = id): string {
  file(`${directory}/manifest.json`, {
    artifacts: {
      [`${id}.assets`]: { type: 'cdk:asset-manifest', properties: { file: `${id}.assets.json` } },
      [id]: {
        type: 'aws:cloudformation:stack',
        properties: { templateFile: `${id}.template.json`, stackName },
        dependencies: [`${id}.assets`],
      },
      Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
    },
  });
  file(`${directory}/${id}.assets.json`, assets);
  file(`${directory}/${id}.template.json`, template);
  return join(folder, directory);
}

describe('Deployer', () => {
  describe('An assembly', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as CDK writes it
    const bucketName = 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}';
    const bucket = { 'Fn::Sub': bucketName };
    /** As CDK's default synthesizer adds them. */
    const bootstrap = {
      Parameters: {
        BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
      },
      Rules: {
        CheckBootstrapVersion: {
          Assertions: [
            { Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1', '2', '3', '4', '5'], { Ref: 'BootstrapVersion' }] }] } },
          ],
        },
      },
    };
    const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const template = {
      ...bootstrap,
      Resources: {
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] } },
        },
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Code: { S3Bucket: bucket, S3Key: 'code.zip' },
            Handler: 'deep/index.handler',
            Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Runtime: 'nodejs22.x',
          },
        },
      },
      Outputs: { Name: { Value: { Ref: 'Function' } } },
    };
    const assets = {
      files: {
        code: {
          source: { path: 'asset.code', packaging: 'zip' },
          destinations: { here: { bucketName, objectKey: 'code.zip', assumeRoleArn: 'arn:of-a-role' } },
        },
      },
    };
    const write = (directory?: string) => {
      const written = assembly('App', template, assets, directory);
      file(`${directory ?? 'App'}/asset.code/deep/index.js`, "exports.handler = async () => 'called';");
      return written;
    };

    const call = async () => {
      const { Name: FunctionName = '' } = await deployer.outputs(stackName);
      const { endpoint, region, operator: credentials } = aws;
      const lambda = new LambdaClient({ endpoint, region, credentials });
      return Buffer.from((await lambda.send(new InvokeCommand({ FunctionName }))).Payload ?? []).toString();
    };

    it('is deployed without a bootstrap, its folders as they are', async () => {
      expect(await deployer.deploy(stackName, write())).toEqual({ status: 'CREATE_COMPLETE', failures: [] });
      expect(await call()).toBe('"called"');
    });

    it('may be what app.synth() answers, name its stack by id, and be a stage', async () => {
      write('outer/assembly-Prod');
      file('outer/manifest.json', {
        artifacts: { 'assembly-Prod': { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod' } } },
      });
      const outer = { directory: join(folder, 'outer') };
      expect((await deployer.deploy(stackName, outer)).failures).toEqual([]);
      expect(await call()).toBe('"called"');
      expect(await deployer.publish('App', outer)).toBe(JSON.stringify(template));
    });

    it('without the stack says which there are', async () => {
      await expect(deployer.deploy('Missing', write())).rejects.toThrow(
        `expected a stack Missing in ${join(folder, 'App')}, found: ${stackName}`,
      );
    });

    it.each([
      [{ dockerImages: { image: {} } }, 'found Docker image image'],
      [{ files: { built: { source: { executable: ['make'] }, destinations: {} } } }, 'asset built'],
    ])('with %j is refused, not deployed without it', async (lacking, message) => {
      await expect(deployer.deploy(stackName, assembly('Docker', template, lacking))).rejects.toThrow(message);
    });

    it('works beside a real bootstrap', async () => {
      const version = parameter('21');
      const made = { ...version, Properties: { ...version.Properties, Name: '/cdk-bootstrap/own/version' } };
      const Assets = {
        Type: 'AWS::S3::Bucket',
        Properties: { BucketName: { 'Fn::Sub': bucketName.replace('hnb659fds', 'own') } },
      };
      const toolkit = JSON.stringify({ Resources: { made, Assets } });
      expect((await deployer.deployTemplate('Toolkit', toolkit)).failures).toEqual([]);
      const own = JSON.parse(JSON.stringify({ template, assets }).replaceAll('hnb659fds', 'own'));
      const written = assembly('Own', own.template, own.assets);
      file('Own/asset.code/deep/index.js', "exports.handler = async () => 'mine';");
      expect((await new Deployer(aws).deploy(stackName, written)).failures).toEqual([]);
      expect(await call()).toBe('"mine"');
    });
  });

  describe('Parameters', () => {
    const Parameters = { One: { Type: 'String', Default: '1' }, Two: { Type: 'String', Default: '2' } };
    const template = (mark: string) =>
      JSON.stringify({
        Parameters,
        Resources: { P: parameter({ 'Fn::Sub': `${mark}` }) },
        Outputs: { One: { Value: { Ref: 'One' } }, Two: { Value: { Ref: 'Two' } } },
      });

    it('keep their values, are set, and take the default again', async () => {
      await deployer.deployTemplate(stackName, template('a'), { parameters: { One: 'x', Two: 'y' } });
      await deployer.deployTemplate(stackName, template('b'), { parameters: { One: 'z' } });
      expect(await deployer.outputs(stackName)).toEqual({ One: 'z', Two: 'y' });
      await deployer.deployTemplate(stackName, template('c'), { reset: ['Two'], parameters: { One: '' } });
      expect(await deployer.outputs(stackName)).toEqual({ One: '', Two: '2' });
    });

    it('that the template does not declare are refused, those it no longer declares are left out', async () => {
      const deploy = deployer.deployTemplate(stackName, template('a'), { parameters: { Oen: '1' } });
      await expect(deploy).rejects.toThrow('Parameters: [Oen] do not exist in the template');
      await deployer.deployTemplate(stackName, template('a'), { parameters: { One: 'x' } });
      const without = JSON.stringify({ Resources: { P: parameter('b') } });
      expect((await deployer.deployTemplate(stackName, without)).failures).toEqual([]);
    });

    it('are found in YAML with short forms too', async () => {
      const yaml = (mark: string) =>
        `Parameters:\n  One: { Type: String, Default: '1' }\nResources:\n  P:\n    Type: AWS::SSM::Parameter\n    Properties: { Type: String, Value: !Sub '${mark} \${One}' }\nOutputs:\n  One: { Value: !Ref One }\n`;
      await deployer.deployTemplate(stackName, yaml('a'), { parameters: { One: 'x' } });
      await deployer.deployTemplate(stackName, yaml('b'));
      expect(await deployer.outputs(stackName)).toEqual({ One: 'x' });
    });
  });

  it('names what failed, of this deployment only, and what the stack is in', async () => {
    const body = (resources: object) => JSON.stringify({ Resources: resources });
    const taken = parameter('x', { Properties: { Type: 'String', Value: 'x', Name: '/taken' } });
    expect((await deployer.deployTemplate(stackName, body({ Kept: taken }))).failures).toEqual([]);
    for (const value of ['one', 'two']) {
      const failed = await deployer.deployTemplate(
        stackName,
        body({ Kept: taken, Other: parameter(value), Twice: taken }),
      );
      expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(failed.failures.filter((line) => !line.includes('cancelled'))).toEqual([
        expect.stringMatching(/^Twice: .*already exists/),
      ]);
    }
  });

  it('deploys templates above 51,200 bytes, tags stacks, and leaves tags that it is not given', async () => {
    const large = (Value: string) =>
      JSON.stringify({ Description: 'x', Metadata: { m: 'y'.repeat(60_000) }, Resources: { P: parameter(Value) } });
    const tags = async () => {
      const { Stacks } = await deployer.cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
      return Stacks?.[0]?.Tags;
    };
    expect(
      (await deployer.deployTemplate(stackName, large('1'), { tags: [{ Key: 'a', Value: 'b' }] })).failures,
    ).toEqual([]);
    await deployer.deployTemplate(stackName, large('2'));
    expect(await tags()).toEqual([{ Key: 'a', Value: 'b' }]);
    await deployer.deployTemplate(stackName, large('3'), { tags: [] });
    expect(await tags()).toEqual([]);
  });

  it('refuses as CloudFormation does when nothing changed, and deletes', async () => {
    const template = JSON.stringify({ Resources: { P: parameter('x') } });
    await deployer.deployTemplate(stackName, template);
    await expect(deployer.deployTemplate(stackName, template)).rejects.toThrow('No updates are to be performed.');
    expect(Object.keys(await deployer.resources(stackName, 'AWS::SSM::Parameter'))).toEqual(['P']);
    expect(await deployer.destroy(stackName)).toBe('DELETE_COMPLETE');
    expect([await deployer.stack(stackName), await deployer.events(stackName)]).toEqual([undefined, []]);
    expect(await deployer.outputs(stackName)).toEqual({});
  });

  it('deploys with a role’s rights where it is given one', async () => {
    const trust = { Effect: 'Allow', Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = { Version: '2012-10-17', Statement: [trust] };
    const Role = { Type: 'AWS::IAM::Role', Properties: { RoleName: 'weak', AssumeRolePolicyDocument } };
    await deployer.deployTemplate(stackName, JSON.stringify({ Resources: { Role } }));
    const weak = new Deployer(aws, { roleArn: `arn:aws:iam::${aws.account}:role/weak` });
    const deployed = await weak.deployTemplate('Weak', JSON.stringify({ Resources: { P: parameter('x') } }));
    expect(deployed.status).toMatch(/^ROLLBACK_/);
    expect(deployed.failures[0]).toContain('is not authorized to perform: ssm:PutParameter');
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RegistryError } from '../../core/registry-error';
import { type CustomResourceOptions, customResource } from '../../lambda/custom-resource';
import type { CustomResourceEvent } from '../../lambda/custom-resource-event';
import { event } from './events';

const SECRET = 'X-Amz-Signature=abcdef0123456789';

describe('an answer to CloudFormation', () => {
  let server: Server;
  let bodies: string[];
  let headers: NodeJS.Dict<string | string[]>[];
  /** What the server does with each PUT in turn: a status, or `reset`; 200 once the list is used up. */
  let behaviour: (number | 'reset')[];
  let lines: string[];
  let slept: number[];
  let now: number;

  beforeEach(async () => {
    [bodies, headers, behaviour, lines, slept, now] = [[], [], [], [], [], 0];
    server = createServer((request, response) => {
      const next = behaviour.shift() ?? 200;
      if (next === 'reset') return request.socket.destroy();
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        headers.push(request.headers);
        if (next === 200) bodies.push(body);
        response.writeHead(next).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  function answering(
    work: CustomResourceOptions['work'],
    more: Partial<CustomResourceOptions> = {},
    remaining = 300_000,
  ) {
    const handler = customResource({
      work,
      physicalResourceId: () => 'Custom::PromptAlias:/prompts/prod/financial-analysis/PROD',
      clock: {
        now: () => now,
        sleep: async (time) => {
          slept.push(time);
          now += time;
        },
      },
      log: (...line) => lines.push(JSON.stringify(line)),
      ...more,
    });
    return (of: CustomResourceEvent) => handler(of, { getRemainingTimeInMillis: () => remaining - now });
  }
  function request(more: Partial<CustomResourceEvent> = {}): CustomResourceEvent {
    const { port } = server.address() as AddressInfo;
    const made = event('PromptAlias', 'Create', { Content: 'You are a conservative investment advisor' });
    return { ...made, ResponseURL: `http://127.0.0.1:${port}/stack?${SECRET}`, ...more };
  }
  const answers = () => bodies.map((body) => JSON.parse(body));

  test('says what came out, under the constant id, without a content type', async () => {
    const asked = request();

    await answering(async () => ({ Version: '1' }))(asked);

    const { StackId, RequestId, LogicalResourceId } = asked;
    expect(answers()).toEqual([
      {
        Status: 'SUCCESS',
        PhysicalResourceId: 'Custom::PromptAlias:/prompts/prod/financial-analysis/PROD',
        StackId,
        RequestId,
        LogicalResourceId,
        Data: { Version: '1' },
      },
    ]);
    expect(headers[0]?.['content-type']).toBe('');
  });

  test('gives back the id that CloudFormation invented for a Create without an answer', async () => {
    await answering(async () => ({}))(
      request({ RequestType: 'Delete', PhysicalResourceId: 'Prompts-prod-PromptAlias-1ABC' }),
    );

    expect(answers()[0].PhysicalResourceId).toBe('Prompts-prod-PromptAlias-1ABC');
  });

  test('carries the code and the fix of what went wrong', async () => {
    await answering(async () => {
      throw new RegistryError('NoSuchVersion', 'the prompt has versions 1 and 2');
    })(request());

    expect(answers()[0]).toMatchObject({ Status: 'FAILED', Reason: 'NoSuchVersion: the prompt has versions 1 and 2' });
  });

  test.each(['x', 'ü', '"\n'])('stays below 4,096 bytes with a long reason of %j', async (text) => {
    await answering(async () => {
      throw new Error(text.repeat(9_000));
    })(request());

    expect(Buffer.byteLength(bodies[0] ?? '')).toBeLessThan(4_096);
    expect(Buffer.byteLength(bodies[0] ?? '')).toBeGreaterThan(4_080);
    expect(answers()[0].Reason).toMatch(/…$/);
  });

  test('is a failure where the attributes themselves are too long', async () => {
    await answering(async () => ({ Long: 'x'.repeat(5_000) }))(request());

    expect(answers()[0]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('ResponseTooLarge') });
  });

  test('is sent again after an error of the server and after a connection that breaks', async () => {
    behaviour = [500, 'reset', 503];

    await answering(async () => ({ Version: '1' }))(request());

    expect(answers()).toHaveLength(1);
    expect(slept).toEqual([200, 400, 800]);
  });

  test('that nobody takes makes the invocation fail, so that Lambda delivers the event again', async () => {
    behaviour = Array(20).fill(500);

    await expect(answering(async () => ({}))(request())).rejects.toMatchObject({ code: 'AnswerNotDelivered' });
    expect(slept).toHaveLength(5);
  });

  test('leaves neither the signed URL nor the prompt in the log', async () => {
    behaviour = [500, 'reset'];
    await answering(async () => {
      throw new RegistryError('DraftChanged', 'the draft changed');
    })(request());
    behaviour = Array(20).fill('reset');
    await answering(async () => ({}))(request()).catch((error) => lines.push(String(error)));

    expect(lines.join('\n')).toContain('DraftChanged');
    expect(lines.join('\n')).not.toContain('abcdef0123456789');
    expect(lines.join('\n')).not.toContain('127.0.0.1');
    expect(lines.join('\n')).not.toContain('advisor');
  });

  describe('on a permission that has not arrived yet', () => {
    const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });

    test('waits for it', async () => {
      let calls = 0;
      await answering(async () => {
        calls += 1;
        if (calls < 4) throw denied;
        return { Version: '1' };
      })(request());

      expect(answers()[0].Status).toBe('SUCCESS');
      expect(slept).toEqual([1_000, 2_000, 4_000]);
    });

    test('says so after 45 seconds', async () => {
      await answering(async () => {
        throw denied;
      })(request());

      expect(answers()[0]).toMatchObject({ Status: 'FAILED', Reason: 'AccessDeniedException: not authorized' });
      expect(now).toBeGreaterThan(30_000);
      expect(now).toBeLessThanOrEqual(45_000);
    });

    test('says so earlier where the function has less time', async () => {
      await answering(
        async () => {
          throw denied;
        },
        {},
        20_000,
      )(request());

      expect(answers()[0].Status).toBe('FAILED');
      expect(now).toBeLessThan(10_000);
    });
  });

  test('comes before the time-out from work that hangs', async () => {
    const rung: number[] = [];
    const alarm = (time: number, expire: () => void) => {
      rung.push(time);
      expire();
      return () => {};
    };

    await answering(() => new Promise(() => {}), { alarm }, 60_000)(request());

    expect(rung).toEqual([52_000]);
    expect(answers()[0]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('HandlerTimedOut') });
  });
});

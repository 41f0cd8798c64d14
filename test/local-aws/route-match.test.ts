import { expect, test } from 'vitest';
import { matchRoute } from '../../packages/local-aws/apigateway/route-match';

test.each([
  ['GET', '/a', 'GET /a'],
  ['POST', '/a', 'ANY /a'],
  ['GET', '/a/b', 'ANY /a/{proxy+}'],
  ['GET', '/c/b', 'ANY /c/{one}'],
  ['GET', '/c/b/d', '$default'],
])('%s %s goes to %s', (method, path, key) => {
  const routes = ['$default', 'ANY /a/{proxy+}', 'ANY /a', 'GET /a', 'ANY /c/{one}'].map((one) => ({ key: one }));
  expect(matchRoute(routes, method, path)?.key).toBe(key);
});

import { expect, it } from 'vitest';
import { handlerBundle } from '../../lib/private/handler-bundle';

it('a handler that was not built is one clear error', () => {
  expect(() => handlerBundle('no-such-handler')).toThrow(
    /expected the built handler .*dist\/lambda\/no-such-handler\/index\.js, found no such file: run `npm run build`/,
  );
});

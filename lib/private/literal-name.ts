import { Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { constructError } from './construct-error';

/** Refuses a name that is not known at synth. Throws `UnresolvedName`. */
export function checkLiteral(scope: Construct, name: string, value: string): void {
  if (Token.isUnresolved(value)) {
    throw constructError(
      scope,
      'UnresolvedName',
      `expected a ${name} that is known at synth, found a token: policy names and logical ids are made of it, so write it out`,
    );
  }
}

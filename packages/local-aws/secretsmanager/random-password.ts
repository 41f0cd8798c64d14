import { randomInt } from 'node:crypto';
import type { GetRandomPasswordCommandInput } from '@aws-sdk/client-secrets-manager';
import { AwsError } from '../aws-error';

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html */
export function randomPassword(input: GetRandomPasswordCommandInput): string {
  const { PasswordLength = 32, ExcludeCharacters = '', IncludeSpace = false } = input;
  const classes = [
    input.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    input.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    input.ExcludeNumbers ? '' : '0123456789',
    input.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    IncludeSpace ? ' ' : '',
  ]
    .map((characters) => [...characters].filter((character) => !ExcludeCharacters.includes(character)))
    .filter((characters) => characters.length > 0);
  const needed = (input.RequireEachIncludedType ?? true) ? classes : [];
  if (classes.length === 0 || PasswordLength < needed.length || PasswordLength > 4_096) {
    throw new AwsError('InvalidParameterException', 400, 'The password length or its characters cannot be had.');
  }
  const pick = (characters: readonly string[]) => characters[randomInt(characters.length)] as string;
  const password = needed.map(pick);
  while (password.length < PasswordLength) {
    password.splice(randomInt(password.length + 1), 0, pick(classes.flat()));
  }
  return password.join('');
}

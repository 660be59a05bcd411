import { nextCommandAt } from './next-command';
import { EXIT, passesByItself, problemOf } from './problem';

function awsError(name: string, message = 'so AWS says'): Error {
  return Object.assign(new Error(message), { name, $fault: 'client' });
}

test.each([
  ['ExpiredToken', /^AWS does not take these credentials/, /Log in again/],
  ['ExpiredTokenException', /^AWS does not take these credentials/, /Log in again/],
  ['UnrecognizedClientException', /^AWS does not take these credentials/, /Log in again/],
  ['InvalidClientTokenId', /^AWS does not take these credentials/, /Log in again/],
  ['MissingAuthenticationTokenException', /^AWS does not take these credentials/, /Log in again/],
  ['RequestTimeTooSkewed', /signature of this machine/, /^Set the clock/],
  ['SignatureDoesNotMatch', /signature of this machine/, /^Set the clock/],
  ['InvalidSignatureException', /signature of this machine/, /^Set the clock/],
  ['ThrottlingException', /^AWS throttles/, /repeat the command in a minute/],
  ['SlowDown', /^AWS throttles/, /repeat the command in a minute/],
  ['TooManyRequestsException', /^AWS throttles/, /repeat the command in a minute/],
  ['AccessDeniedException', /^AWS does not let you/, /bluegreen doctor --stage prod/],
  ['ValidationException', /^AWS answered ValidationException/, /Look at what it says/],
])('%s is told as a sentence, with the next step', (name, sentence, nextStep) => {
  const problem = problemOf(awsError(name), nextCommandAt({ stage: 'prod' }));
  expect(problem?.message).toMatch(sentence);
  expect(problem?.nextStep).toMatch(nextStep);
  expect(problem?.exitCode).toBe(EXIT.unavailable);
});

test.each(['ThrottlingException', 'SlowDown'])('%s passes by itself', (name) => {
  expect(passesByItself(awsError(name))).toBe(true);
});

test.each([
  ['EPIPE', 'write EPIPE', /cannot be reached/, true, EXIT.unavailable],
  ['EPROTO', 'wrong version number', /cannot be reached/, true, EXIT.unavailable],
  ['CERT_HAS_EXPIRED', 'certificate has expired', /certificate of AWS is not trusted/, false, EXIT.unavailable],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate', /of AWS is not trusted/, false, EXIT.unavailable],
  ['ERR_INVALID_URL', 'Invalid URL', /An address is not valid/, false, EXIT.usage],
] as const)('%s is told as a sentence', (code, message, sentence, passes, exitCode) => {
  const error = Object.assign(new Error(message), { code });
  expect(problemOf(error)).toMatchObject({ message: expect.stringMatching(sentence), exitCode });
  expect(passesByItself(error)).toBe(passes);
});

test('a connection that takes too long is told as a sentence', () => {
  const error = Object.assign(new Error('Connection timed out after 1000 ms'), { name: 'TimeoutError' });
  expect(problemOf(error)?.message).toMatch(/cannot be reached/);
});

test('a region that is none is told as a sentence', () => {
  expect(problemOf(new Error('Region not accepted: region="a,b"'))?.nextStep).toMatch(/Give --region/);
});

test('a defect is none of them', () => {
  expect(problemOf(new TypeError('x is not a function'))).toBeUndefined();
});

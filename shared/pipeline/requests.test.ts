import type { Envelope } from '../aws/envelope';
import { requestedVersions } from '../deployment/versions';
import { readRequest } from './requests';

const TIME = '2030-01-01T00:00:00.000Z';
const UPLOAD = { bucket: 'wars', key: 'app.war', versionId: 'v1' };

function envelopeOf(detail: Record<string, unknown>, changes: Partial<Envelope> = {}): Envelope {
  return {
    source: 'bluegreen',
    detailType: 'DeployRequested',
    time: TIME,
    statedTime: changes.time ?? TIME,
    isReplayed: false,
    detail,
    ...changes,
  };
}

function read(detail: Record<string, unknown>, changes: Partial<Envelope> = {}) {
  return readRequest(envelopeOf(detail, changes));
}

test('a request needs its task alone: who and when are filled in', () => {
  expect(read({ task: 'WAS' })).toEqual({
    task: 'WAS',
    type: 'manual',
    requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
    fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
    requestedAt: TIME,
    requestedBy: 'an operator',
    versions: undefined,
  });
});

test('an upload is a request of its own type, asked for by the upload', () => {
  expect(read({ task: 'WAS', upload: UPLOAD })).toMatchObject({
    type: 'upload',
    requestedBy: 'the upload of app.war',
  });
});

test('the same request has the same id however often it is delivered or replayed, another has another', () => {
  const idOf = (detail: Record<string, unknown>, changes: Partial<Envelope> = {}) => {
    const request = read(detail, changes);
    return 'refusal' in request ? request.refusal : request.requestId;
  };
  expect(idOf({ task: 'WAS' }, { isReplayed: true })).toBe(idOf({ task: 'WAS' }));
  const others = [
    idOf({ task: 'WAS' }),
    idOf({ task: 'WAS2' }),
    idOf({ task: 'WAS', versions: 'v1' }),
    idOf({ task: 'WAS', upload: UPLOAD }),
    idOf({ task: 'WAS' }, { time: '2030-01-01T00:00:01.000Z' }),
  ];
  expect(new Set(others).size).toBe(others.length);
  expect(idOf({ task: 'WAS', requestId: 'mine' })).toBe('mine');
});

test('times are compared as text later, so every zone becomes one', () => {
  expect(read({ task: 'WAS', requestedAt: '2030-01-01T09:00:00+09:00' })).toMatchObject({ requestedAt: TIME });
});

test('who asked becomes one plain line', () => {
  const requestedBy = 'Jane\n[Success] "all" is well';
  expect(read({ task: 'WAS', requestedBy })).toMatchObject({ requestedBy: "Jane [Success] 'all' is well" });
  const upload = { ...UPLOAD, key: 'a\n<b>.war' };
  expect(read({ task: 'WAS', upload })).toMatchObject({ requestedBy: "the upload of a 'b'.war" });
});

test.each([
  ['v1', ['v1']],
  ['v1 , v2', ['v1', 'v2']],
  [',v2', ['', 'v2']],
  ['v1,', ['v1', '']],
])('the versions %j are %j by slot', (versions, expected) => {
  expect(requestedVersions(versions)).toEqual(expected);
  expect(read({ task: 'WAS', versions })).toMatchObject({ versions });
});

test('what the pipeline itself asks for may have fields that only a newer version knows', () => {
  expect(read({ task: 'WAS', upload: UPLOAD, addedLater: 1 })).toMatchObject({ type: 'upload' });
});

test.each([
  ['of a clock that is ahead', '2029-06-01T00:00:00.000Z', '2029-06-01T00:00:00.000Z'],
  ['of the time to come', '2099-01-01T00:00:00Z', TIME],
  ['of the end of all years', '9999-12-31T23:59:59-23:59', TIME],
  ['of their beginning', '0000-01-01T00:00:00+23:59', '1970-01-01T00:00:00.000Z'],
])('a time %s is one that can be stored, and not later than its event', (_, requestedAt, expected) => {
  expect(read({ task: 'WAS', requestedAt })).toMatchObject({ requestedAt: expected });
});

test('blanks around versions are no versions', () => {
  expect(read({ task: 'WAS', versions: ' previous ' })).toMatchObject({ versions: 'previous' });
});

test('a version id with a plus sign is one: AWS names them so itself', () => {
  expect(
    read({ task: 'WAS', versions: '3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo' }),
  ).not.toHaveProperty('refusal');
});

test.each([
  ['no task', {}],
  ['a task of another type', { task: ['WAS'] }],
  ['a line break in the task', { task: 'WAS\nX' }],
  ['a version with a blank inside', { task: 'WAS', versions: 'v 1' }],
  ['a version with a line break inside', { task: 'WAS', versions: 'v1,a\nb' }],
  ['a version in Korean', { task: 'WAS', versions: '버전' }],
  ['a version that fits no tag', { task: 'WAS', versions: 'x'.repeat(257) }],
  ['a time that is none', { task: 'WAS', requestedAt: 'now' }],
  ['a field that is misspelt', { task: 'WAS', version: 'previous' }],
  ['a field in another case', { task: 'WAS', Versions: 'previous' }],
  ['versions that a script left empty', { task: 'WAS', versions: ' ' }],
  ['an id with a line break', { task: 'WAS', requestId: 'a\nb' }],
  ['an upload that is none', { task: 'WAS', upload: {} }],
])('a request with %s is not valid: 414, in one line, with the task as far as it is known', (_, detail) => {
  expect(read(detail)).toMatchObject({
    request: {
      task: expect.not.stringContaining('\n'),
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      requestedBy: 'an operator',
    },
    refusal: { code: '414', message: expect.stringMatching(/^the request is not valid: [^\n"<>\\]+$/) },
  });
});

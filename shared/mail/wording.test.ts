/** In which words and times the admins are written to. */
import { CODES, meaningOf, nextStepOf } from '../codes/codes';
import { KOREAN_CODES } from './korean-codes';
import { KOREAN_ENDINGS } from './korean-endings';
import { KOREAN_SENTENCES } from './korean-sentences';
import { mail, section } from './mail';
import { type Wording, worded } from './wording';

const ENGLISH: Wording = { language: 'en', timeZone: 'UTC', documentationUrl: '' };
const KOREAN: Wording = { ...ENGLISH, language: 'ko' };

const BODY = `A deployment of WAS has started.

Users
  was-blue serves on was-web since 2030-01-01 00:00:30 UTC.

Time: 4 min 3 s
  start: 9 s

What to do
  ${nextStepOf('T015')}
  # wait until 2030-01-01T00:00:00Z, then
  aws autoscaling put-scheduled-update-group-action --start-time 2030-01-01T00:00:00Z

Users of WAS
  Users
`;

function bodyIn(wording: Wording, body = BODY): string[] {
  return worded({ subject: '[Deploy] Start(Task : WAS)', body }, wording).body.split('\n');
}

test('in English and UTC a mail is as it was written', () => {
  expect(bodyIn(ENGLISH).join('\n')).toBe(BODY);
});

describe('a code that a mail names is explained', () => {
  const failed = { subject: '[Failed] Non-disruptive deployment(errCode : T001, Task : WAS)', body: 'It failed.\n' };

  test('in words, with its page', () => {
    expect(worded(failed, ENGLISH).body).toBe(
      `It failed.\n\nCode T001\n  ${meaningOf('T001')}\n  docs/codes/T001.md\n\nWords\n  clones: a copy of a load balancer or target group, to test a new version behind it without users.\n`,
    );
  });

  test('in the language, with the page in it', () => {
    const wording = { ...KOREAN, documentationUrl: 'https://example.com/docs' };
    const meaning = KOREAN_CODES.T001?.meaning;
    expect(worded(failed, wording).body).toBe(
      `It failed.\n\n코드 T001\n  ${meaning}\n  https://example.com/docs/codes/T001.ko.md\n\n용어\n  clones: 새 버전을 사용자 없이 검사하기 위한 로드 밸런서나 대상 그룹의 복제본.\n`,
    );
  });

  test('also in a mail that is as long as one may be', () => {
    const { body } = mail('WAS', () => 'It', [section('Why', Array(3000).fill('so it is, '.repeat(5)))]);
    const told = worded({ ...failed, body }, ENGLISH).body;
    expect(told).toMatch(
      /\nAnd \d+ more lines\.\n\nCode T001\n.*\n {2}docs\/codes\/T001\.md\n\nWords\n {2}clones: .*\n$/,
    );
    expect(Buffer.byteLength(told)).toBeLessThanOrEqual(64 * 1024);
  });
});

test('the words of a mail are explained at its very end, and none that only a command has', () => {
  const failed = {
    subject: '[Failed] Non-disruptive deployment(errCode : T001, Task : WAS)',
    body: 'It failed (T001, in check-dummy).\n\nWhat to do\n  # see StandBy\n  aws swap\n',
  };
  expect(worded(failed, ENGLISH).body.split('\n').slice(-5)).toEqual([
    '',
    'Words',
    '  clones: a copy of a load balancer or target group, to test a new version behind it without users.',
    '  check-dummy: step 1: the new version is tested behind the copies.',
    '',
  ]);
  expect(worded(failed, KOREAN).body).toMatch(/\n\n용어\n {2}clones: [^\n]+\n {2}check-dummy: [^\n]+\n$/);
});

describe('in Korean', () => {
  test('headings, answers and the next steps of codes are Korean, and nothing else', () => {
    const korean = bodyIn(KOREAN);
    const changed = BODY.split('\n').flatMap((line, index) => (line === korean[index] ? [] : [[line, korean[index]]]));
    expect(changed).toEqual([
      ['A deployment of WAS has started.', 'WAS의 배포를 시작했습니다.'],
      ['Users', '사용자'],
      ['Time: 4 min 3 s', '소요 시간: 4 min 3 s'],
      ['What to do', '조치'],
      [`  ${nextStepOf('T015')}`, `  ${KOREAN_CODES.T015?.nextStep}`],
    ]);
  });

  test('the subject stays', () => {
    expect(worded({ subject: '[Success] Users', body: 'Users\n' }, KOREAN).subject).toBe('[Success] Users');
  });

  test.each(Object.keys(CODES))('%s has its words, each of its own', (code) => {
    const { meaning = '', when = '', nextStep = '' } = KOREAN_CODES[code] ?? {};
    for (const text of [meaning, when, nextStep]) {
      expect(text).toMatch(/^[^"\\<>\n]*[가-힣][^"\\<>\n]*\.$/);
      // A mail has no more room for it than for the English.
      expect(text.length).toBeLessThanOrEqual(200);
    }
    expect(bodyIn(KOREAN, `Why\n  It failed: ${meaningOf(code)}\n`)).toContain(`  It failed: ${meaning}`);
  });

  test('no code has words that is none', () => {
    expect(Object.keys(KOREAN_CODES).sort()).toEqual(Object.keys(CODES).sort());
  });
});

describe('the sentences by which mails answer are Korean', () => {
  test.each([
    ['A deployment of WAS has started.', 'WAS의 배포를 시작했습니다.'],
    [
      '  was-blue serves on the load balancer (seen at 2030-01-01 00:00:00 UTC). No instance of was-green is registered there, so no user met it.',
      '  was-blue: 로드 밸런서에서 서비스 중입니다(2030-01-01 00:00:00 UTC 확인). was-green 그룹의 인스턴스는 거기에 등록되어 있지 않으므로 만난 사용자가 없습니다.',
    ],
    [
      'USERS ARE DOWN on web, since 2030-01-01 00:00:00 UTC at the latest: no target of blue is healthy there. The deployment of WAS failed: was-green fell ill (T011, in swap).',
      '사용자 서비스 중단: web, 늦어도 2030-01-01 00:00:00 UTC부터. 거기에 blue의 정상 대상이 없습니다. WAS의 배포가 실패했습니다: was-green fell ill (T011, swap 단계).',
    ],
    [
      'Clean-up of WAS stopped, and an operator has to decide: sizing failed: AccessDenied happened (T012).',
      'WAS의 정리(clean-up)가 멈췄으며 운영자의 결정이 필요합니다: sizing failed: AccessDenied happened (T012).',
    ],
    [
      'The request to deploy $& was refused: it is busy (401). Nothing was changed.',
      '$&의 배포 요청이 거절되었습니다: it is busy (401). 변경된 것은 없습니다.',
    ],
    // What others say is told as they said it.
    ['  aborted by jane: Nothing. Or so', '  aborted by jane: Nothing. Or so'],
    ['  i-1 on web: Nothing', '  i-1 on web: Nothing'],
  ])('%s', (english, korean) => {
    expect(bodyIn(KOREAN, english)[0]).toBe(korean);
  });

  test.each([...KOREAN_SENTENCES, ...KOREAN_ENDINGS])('%s keeps all that differs', (english, korean) => {
    const placesOf = (text: string) => [...new Set(text.match(/\{\d\}/g) ?? [])].sort();
    expect(placesOf(korean)).toEqual(placesOf(english));
    expect(bodyIn(KOREAN, english.replace(/\{(\d)\}/g, 'name-$1'))[0]).toBe(korean.replace(/\{(\d)\}/g, 'name-$1'));
  });
});

describe('what is hostile takes no longer', () => {
  const pieces = [' users could meet ', ' on ', ': ', ' of '];
  const repeated = (text: string, characters: number) => text.repeat(Math.ceil(characters / text.length));

  test.each([300, 2000, 10_000])('pieces of a sentence, %i characters of each', (characters) => {
    const line = `Since a${pieces.map((piece) => repeated(`${piece}a`, characters)).join('')}`;
    const before = performance.now();
    expect(bodyIn(KOREAN, `  ${line}`)[0]).toBe(`  ${line}`);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test.each([' ', 'See above. ', '{1}', 'a. '])('%p, again and again', (piece) => {
    const before = performance.now();
    bodyIn(KOREAN, `  ${repeated(piece, 60_000)}x`);
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe('times are those of the zone, with its offset', () => {
  const seoul = { ...ENGLISH, timeZone: 'Asia/Seoul' };

  test.each([
    ['at 2029-12-31T15:00:00.000Z.', 'at 2030-01-01 00:00:00+09:00.'],
    [
      'at 2030-01-01T15:59:00.000Z and 2030-01-01T16:00:01.999Z',
      'at 2030-01-02 00:59:00+09:00 and 2030-01-02 01:00:01+09:00',
    ],
    ['the deployment 20300101T000000Z-1a2b3c', 'the deployment 20300101T000000Z-1a2b3c'],
    ['  aws x --start-time 2030-01-01T00:00:00.000Z', '  aws x --start-time 2030-01-01T00:00:00.000Z'],
    ['  detail: {"at":"2030-01-01T00:00:00.000Z"}', '  detail: {"at":"2030-01-01T00:00:00.000Z"}'],
    ['at 2030-99-99T00:00:00.000Z', 'at 2030-99-99T00:00:00.000Z'],
  ])('%s', (line, expected) => {
    expect(bodyIn(seoul, line)).toEqual([expected, '']);
  });

  test.each([
    ['at 2029-12-31T15:00:04.295Z.', 'at 2029-12-31 15:00:04 UTC.'],
    ['  aws x --start-time 2030-01-01T00:00:00.000Z', '  aws x --start-time 2030-01-01T00:00:00.000Z'],
  ])('where that is UTC, as people read them: %s', (line, expected) => {
    expect(bodyIn(ENGLISH, line)).toEqual([expected, '']);
  });

  test.each([
    '  to   2030-01-01T00:00:00Z (3sL4kqtJ)',
    '  to   2030-01-01T00:00:00.000Z, build 7 (3sL4kqtJ)',
    '  from uploaded 2030-01-01 00:00:00 UTC (null)',
    '  key(app.war) versionId(3sL4kqtJlcpXroDTDmJ), uploaded 2030-01-01 00:00:00 UTC, is not deployed either',
    '  At 2030-01-01T00:00:00Z a user request created an AutoScalingGroup',
  ])('but not what a version is called, nor what AWS has said: %s', (line) => {
    expect(bodyIn(seoul, line)[0]).toBe(line);
    expect(bodyIn(ENGLISH, line)[0]).toBe(line);
  });

  test('in summer as in winter', () => {
    const berlin = { ...ENGLISH, timeZone: 'Europe/Berlin' };
    expect(bodyIn(berlin, '2030-01-01T23:30:00.000Z 2030-07-01T23:30:00.000Z')[0]).toBe(
      '2030-01-02 00:30:00+01:00 2030-07-02 01:30:00+02:00',
    );
  });

  test('where the zone is that of Greenwich, they say so', () => {
    expect(bodyIn({ ...ENGLISH, timeZone: 'Africa/Abidjan' }, '2030-01-01T23:30:00.000Z')[0]).toBe(
      '2030-01-01 23:30:00+00:00',
    );
  });
});

test('a mail that is as long as one may be stays so', () => {
  const { body } = mail('WAS', () => 'It', [section('Why', Array(3000).fill(nextStepOf('401')))]);
  const korean = worded({ subject: 'It', body }, KOREAN).body;
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(64 * 1024);
  expect(Buffer.byteLength(korean)).toBeLessThanOrEqual(64 * 1024);
  expect(korean).toMatch(/\nAnd \d+ more lines\.\n\n용어\n(?: {2}\S+: .*\n)+$/);
});

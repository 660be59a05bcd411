/** What the words mean that mails use: whoever reads their first one at night knows none of them. */

interface Word {
  /** As a text says it: never a part of a name. */
  said: RegExp;
  english: string;
  korean: string;
}

const WORDS: readonly Word[] = [
  word(
    'Active',
    'the group that serves users, tagged type = Active.',
    '사용자에게 서비스하는 그룹(태그 type = Active).',
  ),
  word(
    'StandBy',
    'the idle group, tagged type = StandBy, which gets the new version.',
    '쉬고 있다가 새 버전을 받는 그룹(태그 type = StandBy).',
  ),
  word(
    'dummy|dummies',
    'a copy (clone) of a load balancer or target group, made to test one deployment behind, without users.',
    '한 번의 배포를 사용자 없이 검사하려고 만든 로드 밸런서나 대상 그룹의 복제본.',
  ),
  word(
    'clone|clones',
    'a copy of a load balancer or target group, to test a new version behind it without users.',
    '새 버전을 사용자 없이 검사하기 위한 로드 밸런서나 대상 그룹의 복제본.',
  ),
  word(
    'check-dummy',
    'step 1: the new version is tested behind the copies.',
    '1단계: 새 버전을 복제본 뒤에서 검사합니다.',
  ),
  word(
    'attach-real',
    'the new version is attached to the real load balancers, beside the old one.',
    '새 버전을 실제 로드 밸런서에 이전 버전과 함께 연결합니다.',
  ),
  word(
    'check-real',
    'step 2: the new version is tested behind the real load balancers.',
    '2단계: 새 버전을 실제 로드 밸런서 뒤에서 검사합니다.',
  ),
  word(
    'swap',
    'the old version is detached, and the groups change their tags.',
    '이전 버전을 분리하고 두 그룹의 태그를 바꿉니다.',
  ),
  word('retire', 'the instances of the old version are taken away.', '이전 버전의 인스턴스를 없앱니다.'),
  word(
    '[Cc]lean-up',
    'what follows a failure by itself: it takes the deployment back, or finishes it.',
    '실패한 뒤 자동으로 이어지는 정리: 배포를 되돌리거나 마무리합니다.',
  ),
  {
    said: /(?<![\w./-])[Cc]lean(?= (?:the task|it)\b)/,
    english:
      'to ask for clean-up again: it takes the deployment back, or finishes it where the new version serves alone; what serves stays.',
    korean:
      '정리를 다시 요청하는 것: 배포를 되돌리거나, 새 버전만 서비스 중이면 마무리합니다. 서비스 중인 것은 그대로 둡니다.',
  },
  word(
    'watchdog',
    'looks every five minutes whether all deployments move, and takes away what they have left.',
    '5분마다 배포가 진행되고 있는지 확인하고 남은 것을 없애는 감시 함수.',
  ),
  word(
    'war slots?',
    'one of the wars of a task, 1 to 9: the tags apps3key1, s3versionidapp1 and apppath1, say.',
    '작업의 war 하나(1~9): 예를 들어 태그 apps3key1, s3versionidapp1, apppath1.',
  ),
  word(
    '[Dd]ead letters?',
    'an event that could not be handled, and was set aside in a queue.',
    '처리하지 못해 대기열에 따로 둔 이벤트.',
  ),
  word(
    'record',
    'what the pipeline notes of a deployment of the task while it runs.',
    '배포가 진행되는 동안 파이프라인이 적어 두는 기록.',
  ),
  {
    said: /(?<![\w/.-])\d+\/\d+\/\d+(?![\w/-])/,
    english: 'minimum, desired and maximum number of instances.',
    korean: '인스턴스의 최소, 희망, 최대 개수.',
  },
];

/** A section for the end of a mail, of the words in these lines; nothing where there are none. */
export function glossaryOf(lines: readonly string[], language: 'en' | 'ko'): string[] {
  const text = lines.join('\n');
  const explained = WORDS.flatMap(({ said, english, korean }) => {
    const [found] = said.exec(text) ?? [];
    return found === undefined
      ? []
      : [`  ${/^clean/i.test(found) ? found.toLowerCase() : found}: ${language === 'ko' ? korean : english}`];
  });
  return explained.length === 0 ? [] : ['', language === 'ko' ? '용어' : 'Words', ...explained];
}

function word(said: string, english: string, korean: string): Word {
  return { said: new RegExp(`(?<![\\w./-])(?:${said})(?![\\w/-])`), english, korean };
}

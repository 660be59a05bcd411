/** The headings of mails and what else is always said in the same words, in Korean. What is not here stays English. */

/** Also of those that go on after a colon. */
export const KOREAN_HEADINGS: Readonly<Record<string, string>> = {
  // The answers that every mail gives, in their order.
  Users: '사용자',
  'Left over': '남은 것',
  'What to do': '조치',
  Why: '이유',

  Deleted: '삭제한 것',
  Deployment: '배포',
  Event: '이벤트',
  Function: '함수',
  'Further uploads': '추가 업로드',
  Group: '그룹',
  Groups: '그룹',
  'If that does not help, decide and run by hand': '그래도 해결되지 않으면 결정한 뒤 직접 실행',
  Kept: '남겨 둔 것',
  Next: '다음 순서',
  'Not any more': '더는 기다리지 않는 것',
  Notes: '참고',
  'Requested by': '요청한 사람',
  Resolved: '해결된 문제',
  'Running deployment': '진행 중인 배포',
  Time: '소요 시간',
  'To delete it': '삭제하려면',
  'To deploy again': '다시 배포하려면',
  'To finish': '마무리하려면',
  'To go back': '되돌리려면',
  'To request again': '다시 요청하려면',
  Versions: '버전',
  'Waiting for': '기다리는 것',
  'What happens': '앞으로의 진행',
  'What is there now': '현재 상태',
  'What was found': '확인된 상태',
  'What was lost': '잃어버린 것',
  'Why it failed': '실패한 이유',
  'Why it was kept': '남겨 둔 이유',
  'Why the deployment failed': '배포가 실패한 이유',
};

/** Lines that are the same wherever they stand. */
export const KOREAN_LINES: Readonly<Record<string, string>> = {
  'Nothing.': '없습니다.',
  'Not looked at yet: clean-up looks now who serves, and its mail says it.':
    '아직 확인하지 않았습니다. 정리(clean-up)가 지금 무엇이 서비스 중인지 확인하고 메일로 알려 드립니다.',
  'Clean-up takes the deployment back now, or forward where only the new version serves. Its mail says what is left.':
    '정리(clean-up)가 지금 배포를 되돌리거나, 새 버전만 서비스 중이면 앞으로 진행합니다. 남은 것은 정리 메일로 알려 드립니다.',
};

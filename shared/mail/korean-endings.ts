/** Further sentences by which mails answer, in Korean: how a deployment or a clean-up went and ended. */
export const KOREAN_ENDINGS: readonly (readonly [english: string, korean: string])[] = [
  [
    '{1} serves on all {2} load balancers and target groups: {3} (seen at {4}).',
    '{1}: 로드 밸런서와 대상 그룹 {2}곳 모두에서 서비스 중입니다: {3} ({4} 확인).',
  ],
  [
    '{1} serve on all {2} load balancers and target groups: {3} (seen at {4}).',
    '{1}: 로드 밸런서와 대상 그룹 {2}곳 모두에서 서비스 중입니다: {3} ({4} 확인).',
  ],
  ['{1} serves on {2} (seen at {3}).', '{1}: {2}에서 서비스 중입니다({3} 확인).'],
  ['{1} serve on {2} (seen at {3}).', '{1}: {2}에서 서비스 중입니다({3} 확인).'],
  [
    'They were down on {1} from {2} to {3}, as far as was seen.',
    '확인된 바로는 {2}부터 {3}까지 {1}에서 사용자 서비스가 중단되었습니다.',
  ],
  [
    'From {1} to {2} at the latest they could meet {3}, too, on {4}.',
    '{1}부터 늦어도 {2}까지 {4}에서 사용자가 {3} 그룹도 만날 수 있었습니다.',
  ],
  [
    'A clean-up of {1} was asked for by {2}: nothing of an earlier deployment was found.',
    '{2}의 요청으로 {1}을(를) 정리(clean-up)했습니다: 이전 배포가 남긴 것은 없었습니다.',
  ],
  [
    'A clean-up of {1} was asked for by {2}: what was found of earlier deployments is taken away.',
    '{2}의 요청으로 {1}을(를) 정리(clean-up)했습니다: 이전 배포가 남긴 것을 없앴습니다.',
  ],
  ['A clean-up of {1} was asked for by {2}, and is done.', '{2}의 요청으로 {1}의 정리(clean-up)를 마쳤습니다.'],
];

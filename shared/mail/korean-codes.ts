/** What each code means, in Korean: as CODES has it in English, code by code. */
import type { Code } from '../codes/codes';

const REFUSED = '배포를 요청했을 때, 아무것도 변경하기 전입니다. 요청이 거절됩니다.';
const AT_START =
  '배포를 요청했을 때, 아무것도 변경하기 전입니다. 첫 단계(start)에 들어가서야 드러난 경우에는 정리(clean-up)가 변경분을 되돌립니다.';
const CLONING =
  '첫 단계(start)에서 복제본을 만드는 동안입니다. 사용자에게 영향이 없으며, 이어서 정리(clean-up)가 실행됩니다.';
const CLEANED = '이어서 정리(clean-up)가 실행되고, 결과는 정리 메일로 알려 드립니다.';
const UNEXPECTED = '메시지에 나온 함수의 로그를 확인한 뒤 배포를 다시 요청하세요.';
const REQUEST_AGAIN = '원인을 제거한 뒤 배포를 다시 요청하세요. 명령은 정리(clean-up) 메일에 있습니다.';
const REQUEST_REFUSED_AGAIN = '원인을 제거한 뒤 배포를 다시 요청하세요.';
const PAIR =
  '작업(task)마다 type = Active 그룹 하나와 type = StandBy 그룹 하나만 있도록 태그를 바로잡은 뒤 배포를 다시 요청하세요.';
const LEFT_OVER = 'Active 그룹에서 남아 있는 더미를 분리하고 삭제한 뒤 배포를 다시 요청하세요.';
const NO_NAME = (what: string) => `이름이 deploycheck-로 시작하는 남은 ${what} 삭제한 뒤 배포를 다시 요청하세요.`;

export const KOREAN_CODES: Readonly<Record<string, Code>> = {
  '400': {
    meaning: '작업(task)에 Active 그룹과 StandBy 그룹이 하나씩 있지 않거나, 두 그룹의 태그가 서로 맞지 않습니다.',
    when: REFUSED,
    nextStep: PAIR,
  },
  '401': {
    meaning: '작업(task)이 사용 중입니다. 배포가 진행 중이거나 정리되지 않았거나, StandBy 그룹이 비어 있지 않습니다.',
    when: AT_START,
    nextStep:
      '진행 중인 배포의 종료 메일을 기다리세요. 그 메일이 결정을 요청하면 적힌 대로 하고 마지막에 CleanRequested를 보내세요. 진행 중인 배포가 없는데 StandBy가 비어 있지 않다면, 작업 이름으로 CleanRequested를 보내면 StandBy가 0/0/0이 됩니다.',
  },
  '402': {
    meaning: 'war 파일이 없거나 읽을 수 없거나, war를 가리키는 태그가 잘못되었거나, StandBy에 태그를 달지 못했습니다.',
    when: AT_START,
    nextStep:
      'war 파일이 S3에 온전히 있는지, 두 그룹의 태그 apps3key, s3versionidapp, apppath, bucket이 올바른지 확인한 뒤 배포를 다시 요청하세요.',
  },
  '403': {
    meaning: 'Active 그룹이 어떤 로드 밸런서나 대상 그룹에도 연결되어 있지 않습니다.',
    when: REFUSED,
    nextStep: 'Active 그룹을 로드 밸런서에 연결한 뒤 배포를 다시 요청하세요.',
  },
  '404': {
    meaning: 'Active 그룹이 더미(검사용으로 만든 로드 밸런서 복제본)에 연결되어 있습니다.',
    when: REFUSED,
    nextStep: LEFT_OVER,
  },
  '405': {
    meaning: 'Active 그룹이 더미(검사용으로 만든 대상 그룹 복제본)에 연결되어 있습니다.',
    when: REFUSED,
    nextStep: LEFT_OVER,
  },
  '406': {
    meaning: 'Active 그룹에 등록된 Classic Load Balancer가 없거나, 그 사이 연결이 해제되었습니다.',
    when: AT_START,
    nextStep: 'Active 그룹을 서비스할 로드 밸런서에 연결한 뒤 배포를 다시 요청하세요.',
  },
  '407': {
    meaning: 'Classic Load Balancer의 복제본을 만들지 못했습니다.',
    when: CLONING,
    nextStep: NO_NAME('Classic Load Balancer를'),
  },
  '408': {
    meaning: 'Active 그룹에 등록된 대상 그룹이 없거나, 그 사이 연결이 해제되었습니다.',
    when: AT_START,
    nextStep: 'Active 그룹을 서비스할 대상 그룹에 연결한 뒤 배포를 다시 요청하세요.',
  },
  '409': {
    meaning: '대상 그룹의 복제본을 만들지 못했습니다.',
    when: CLONING,
    nextStep: NO_NAME('대상 그룹을'),
  },
  '410': {
    meaning: 'Application/Network Load Balancer의 복제본이나 그 리스너를 만들지 못했습니다.',
    when: CLONING,
    nextStep: NO_NAME('로드 밸런서를'),
  },
  '411': {
    meaning: '파이프라인이 온전하지 않습니다. 배포를 이어 가는 규칙이 없거나 꺼져 있거나 대상이 없습니다.',
    when: REFUSED,
    nextStep: '규칙과 대상이 복구되도록 스택을 다시 배포한 뒤 배포를 다시 요청하세요.',
  },
  '412': {
    meaning: 'StandBy를 복제본에 연결하거나 크기를 정하지 못했거나, 사용자가 있는 로드 밸런서에서 분리하지 못했습니다.',
    when: `첫 단계(start)에서 StandBy에 버전 태그를 단 다음입니다. ${CLEANED}`,
    nextStep: REQUEST_AGAIN,
  },
  '413': {
    meaning: '복제할 수 없는 로드 밸런서가 있거나, 계정 한도나 서브넷에 배포에 필요한 여유가 없습니다.',
    when: AT_START,
    nextStep:
      '계정 한도를 늘리거나 서브넷의 주소를 비운 뒤 배포를 다시 요청하세요. 복제할 수 없는 대상이라도 Active의 연결은 그대로 두세요. 사용자가 그곳으로 들어오고 있을 수 있습니다.',
  },
  '414': {
    meaning: '요청이 올바르지 않습니다. 읽을 수 없는 내용이거나 그대로는 실행할 수 없습니다.',
    when: '무언가를 요청했을 때입니다. 아무것도 변경되지 않습니다.',
    nextStep: '같은 요청을 그대로 다시 보내지 마세요. 이유에 나온 것을 고쳐서 다시 보내세요.',
  },
  '415': {
    meaning: '프로세스 일시 중지 등으로 그룹이 배포할 수 있는 상태가 아닙니다.',
    when: REFUSED,
    nextStep: REQUEST_REFUSED_AGAIN,
  },
  '418': {
    meaning: '운영자의 요청이 작업(task)의 현재 상태와 맞지 않습니다.',
    when: '중단(abort)이나 정리(clean)를 요청했을 때입니다. 아무것도 변경되지 않습니다.',
    nextStep: '거절된 요청 때문에 실행할 것은 없습니다. 모든 것은 요청 전 그대로입니다.',
  },
  '500': {
    meaning: '배포를 시작하는 중에 예상하지 못한 문제가 생겼습니다.',
    when: '무언가를 요청했을 때, 또는 첫 단계(start)에서입니다. StandBy가 이미 변경되었다면 정리(clean-up)가 실행됩니다.',
    nextStep: UNEXPECTED,
  },
  T000: {
    meaning: '배포 중에 누군가 그룹의 연결을 바꾸었거나 복제본을 삭제했습니다.',
    when: `1단계, 또는 Active를 분리하기 직전입니다. ${CLEANED}`,
    nextStep:
      'Active 그룹이 로드 밸런서에서 분리되어 있으면 다시 연결하고, StandBy를 연결하는 주체를 막은 뒤 배포를 다시 요청하세요.',
  },
  T001: {
    meaning:
      '1단계를 통과하지 못했습니다. 새 버전이 로드 밸런서 복제본 뒤에서 정상 상태가 되지 않았거나 인스턴스가 뜨지 않았습니다.',
    when: `StandBy가 사용자가 오지 않는 복제본 뒤에 있는 1단계의 끝입니다. ${CLEANED}`,
    nextStep:
      '애플리케이션 문제라면 고친 war를 업로드하세요. 자동으로 배포됩니다. 인스턴스가 뜨지 않았다면 원인을 제거한 뒤 배포를 다시 요청하세요.',
  },
  T002: {
    meaning: 'StandBy를 복제본에서, 또는 정리 중에 로드 밸런서에서 분리하지 못했습니다.',
    when: `1단계 다음, 또는 정리 중입니다. ${CLEANED}`,
    nextStep: REQUEST_AGAIN,
  },
  T003: {
    meaning: 'Classic Load Balancer의 복제본을 삭제하지 못했습니다.',
    when: '1단계 다음, 또는 정리 중입니다. 이것만으로 배포가 실패하지는 않으며, 종료 메일이 이 코드로 남은 것을 알려 드립니다.',
    nextStep: REQUEST_AGAIN,
  },
  T004: {
    meaning: 'StandBy를 실제 로드 밸런서에 연결하지 못했습니다.',
    when: `1단계와 2단계 사이, 또는 Active를 분리하기 전입니다. Active도 함께 연결되어 있습니다. ${CLEANED}`,
    nextStep: REQUEST_AGAIN,
  },
  T005: {
    meaning: 'Application/Network Load Balancer의 복제본을 삭제하지 못했거나, 복제본을 조회하지 못했습니다.',
    when: '1단계 다음, 또는 정리 중입니다. 삭제하지 못한 것만으로 배포가 실패하지는 않으며, 종료 메일이 이 코드로 남은 것을 알려 드립니다.',
    nextStep: REQUEST_AGAIN,
  },
  T006: {
    meaning: '대상 그룹의 복제본을 삭제하지 못했습니다.',
    when: '1단계 다음, 또는 정리 중입니다. 이것만으로 배포가 실패하지는 않으며, 종료 메일이 이 코드로 남은 것을 알려 드립니다.',
    nextStep: REQUEST_AGAIN,
  },
  T007: {
    meaning: '실제 로드 밸런서에서 StandBy의 상태를 읽지 못했습니다.',
    when: `2단계, Active를 분리하는 동안, 또는 이전 그룹을 내리기 전입니다. ${CLEANED}`,
    nextStep: REQUEST_AGAIN,
  },
  T008: {
    meaning: 'Active를 실제 로드 밸런서에서 분리하지 못했거나, 연결이 다 빠지지 않았거나, 다시 연결하지 못했습니다.',
    when: `2단계 다음, 또는 정리 중입니다. ${CLEANED}`,
    nextStep:
      '정리(clean-up) 메일을 기다리세요. 메일이 결정을 요청하면, 변경하기 전에 이전 그룹이 아직 등록된 로드 밸런서를 확인하세요.',
  },
  T009: {
    meaning: '이전 그룹을 0/0/0으로 내리지 못했습니다. 태그는 이미 바뀌어 새 그룹이 Active입니다.',
    when: `태그를 바꾼 뒤, 배포의 마지막입니다. ${CLEANED}`,
    nextStep:
      '태그는 바뀌었습니다. 정리가 다시 시도합니다. 정리 메일이 결정을 요청하면 이전 그룹을 0/0/0으로 내리는 일만 남은 것이니, 그 메일의 명령을 실행하세요.',
  },
  T010: {
    meaning: '두 그룹의 type 태그를 서로 바꾸지 못했거나 예약된 작업을 옮기지 못했습니다.',
    when: `Active가 분리되고 연결이 다 빠진 다음, 또는 되돌리는 정리 중입니다. ${CLEANED}`,
    nextStep:
      '정리가 다시 시도합니다. 정리 메일이 결정을 요청하면 두 그룹의 type 태그를 바꾸는 일만 남은 것이니, 그 메일의 명령을 실행하세요.',
  },
  T011: {
    meaning: '2단계를 통과하지 못했습니다. 새 버전이 실제 로드 밸런서에서 정상이 아니거나 도중에 나빠졌습니다.',
    when: `사용자가 Active와 함께 StandBy를 만나는 2단계, 또는 Active를 다시 연결한 그 이후입니다. ${CLEANED}`,
    nextStep: '새 그룹이 실제 로드 밸런서에서 정상이 아닌 이유를 확인한 뒤 배포를 다시 요청하세요.',
  },
  T012: {
    meaning: '2단계를 통과하지 못했고(T011), 정리 중에 StandBy를 0/0/0으로 내리는 것도 실패했습니다.',
    when: 'T011 다음의 정리 중입니다. 정리는 멈추고 나머지를 운영자에게 맡깁니다.',
    nextStep: '정리 메일에 적힌 대로 StandBy 그룹을 직접 0/0/0으로 내린 뒤, 작업 이름으로 CleanRequested를 보내세요.',
  },
  T013: {
    meaning: '배포 중에 작업(task)의 그룹이 삭제되었거나 type 태그가 바뀌었습니다.',
    when: `start 이후 모든 단계입니다. ${CLEANED}`,
    nextStep: PAIR,
  },
  T014: {
    meaning: '이벤트를 다시 보낸 뒤에도 단계가 진행되지 않았습니다.',
    when: `모든 단계입니다. ${CLEANED}`,
    nextStep: '메시지에 나온 단계의 로그를 확인한 뒤 배포를 다시 요청하세요.',
  },
  T015: {
    meaning: '운영자가 배포를 중단했습니다.',
    when: `Active를 분리하기 전의 모든 단계입니다. ${CLEANED}`,
    nextStep: '고칠 것은 없습니다. 원할 때 배포를 요청하세요.',
  },
  T999: {
    meaning: '배포가 시작된 뒤에 예상하지 못한 문제가 생겼습니다.',
    when: `start 이후 모든 단계입니다. ${CLEANED}`,
    nextStep: UNEXPECTED,
  },
};

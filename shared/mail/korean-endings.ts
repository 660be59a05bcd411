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
  [
    '{1} keeps its instances: some are registered elsewhere.',
    '{1} 그룹은 인스턴스를 유지합니다: 일부가 다른 곳에 등록되어 있습니다.',
  ],
  [
    '{1} stays at {2}, since some of its instances are registered where it is not attached, and may be needed there.',
    '{1} 그룹의 크기는 {2} 그대로입니다: 일부 인스턴스가 그룹이 연결되지 않은 곳에 등록되어 있어 거기에서 필요할 수 있습니다.',
  ],
  ...(['is', 'are'] as const).flatMap((verb): (readonly [string, string])[] => [
    [
      `{1} ${verb} registered with the target group {2}, where {3} (Active) is not attached: as long as they are, {4} keeps its instances after the deployment.`,
      '{1}: {3} (Active) 그룹이 연결되지 않은 대상 그룹 {2}에 등록되어 있습니다. 등록되어 있는 동안에는 배포 후에도 {4} 그룹이 인스턴스를 유지합니다.',
    ],
    [
      `{1} ${verb} registered with the Classic Load Balancer {2}, where {3} (Active) is not attached: as long as they are, {4} keeps its instances after the deployment.`,
      '{1}: {3} (Active) 그룹이 연결되지 않은 Classic Load Balancer {2}에 등록되어 있습니다. 등록되어 있는 동안에는 배포 후에도 {4} 그룹이 인스턴스를 유지합니다.',
    ],
    [`{1} ${verb} registered with the target group {2}.`, '{1}: 대상 그룹 {2}에 등록되어 있습니다.'],
    [
      `{1} ${verb} registered with the Classic Load Balancer {2}.`,
      '{1}: Classic Load Balancer {2}에 등록되어 있습니다.',
    ],
  ]),
  ['So are others with {1} more.', '그 밖에 {1}곳에도 등록되어 있습니다.'],
  [
    'Where nothing needs them there, deregister them before it ends:',
    '거기에서 필요하지 않으면 배포가 끝나기 전에 등록을 해제하세요:',
  ],
  [
    'There are more than {1} target groups: whether instances of {2} are registered with {3} of them, which do not have the tag of the task, was not looked at.',
    '대상 그룹이 {1}개를 넘습니다: 작업 태그가 없는 {3}개에 {2} 그룹의 인스턴스가 등록되어 있는지는 확인하지 않았습니다.',
  ],
  [
    'If any are, deregister them in time, or give the target group that tag.',
    '등록되어 있다면 제때 등록을 해제하거나 그 대상 그룹에 이 태그를 붙이세요.',
  ],
  ['Until {1} is empty, nothing more is deployed (401).', '{1} 그룹이 빌 때까지는 더 배포되지 않습니다(401).'],
  [
    'When nothing needs its instances there any more, deregister them by the commands above, and then clean:',
    '거기에서 그 인스턴스가 더 필요하지 않게 되면 위의 명령으로 등록을 해제한 뒤 정리(clean)하세요:',
  ],
  [
    '{1} (Active) was attached to {2} meanwhile: users there are served by it alone until {3} is attached there, too, and healthy, which it is to be before {4} is taken down.',
    '그사이 {1} (Active) 그룹이 {2}에도 연결되었습니다: {3} 그룹이 거기에도 연결되어 정상이 될 때까지 그곳의 사용자는 이 그룹만으로 서비스됩니다. {4} 그룹은 그 뒤에 내려갑니다.',
  ],
  [
    'An instance refresh runs on {1} (Active): it replaces the instances by which users are served, a few at a time, and what attaches or detaches the group may be refused until it is over, and is then tried again.',
    '{1} (Active) 그룹에서 인스턴스 새로 고침(instance refresh)이 진행 중입니다: 사용자에게 서비스하는 인스턴스가 조금씩 교체되며, 끝날 때까지 그룹의 연결이나 분리가 거부될 수 있고, 그러면 다시 시도합니다.',
  ],
  [
    '{1}, which had been detached, was attached to {2} again: users may have met its version there, until it was detached once more.',
    '분리되어 있던 {1} 그룹이 {2}에 다시 연결되었습니다: 다시 분리될 때까지 거기에서 사용자가 그 버전을 만났을 수 있습니다.',
  ],
  ['{1} serves all the same.', '그래도 {1} 그룹이 서비스합니다.'],
  ['What kept instances from being launched.', '인스턴스를 시작하지 못하게 한 원인.'],
  [
    'What kept the stage {1} from moving: it is not known.',
    '단계 {1}이(가) 진행되지 못하게 한 원인: 알려지지 않았습니다.',
  ],
  ['What made the function {1} break off: its log says it.', '함수 {1}이(가) 중단된 원인: 해당 로그에 있습니다.'],
  [
    'Nothing of this request. A deployment that runs goes on: whether one does was not looked at.',
    '이 요청으로 남은 것은 없습니다. 진행 중인 배포가 있으면 계속됩니다: 있는지는 확인하지 않았습니다.',
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
  [
    '{1} is Active and stays as it is: {2} is tested first where no user is.',
    '{1} 그룹이 Active이며 그대로 있습니다: {2} 그룹을 먼저 사용자가 없는 곳에서 검사합니다.',
  ],
  [
    'Who serves was not looked at yet: what shows it stands below.',
    '무엇이 서비스 중인지는 아직 확인하지 않았습니다: 확인하는 명령이 아래에 있습니다.',
  ],
  [
    'Who serves was not looked at for it: what shows it stands below.',
    '이 때문에 무엇이 서비스 중인지 확인하지는 않았습니다: 확인하는 명령이 아래에 있습니다.',
  ],
  ['The first commands below show it.', '아래의 첫 명령으로 확인할 수 있습니다.'],
  ['Nothing has changed for them by this.', '이 때문에 사용자에게 바뀐 것은 없습니다.'],
  [
    'What was asked for by {1} waits for room in the account for its clones ({2}).',
    '{1}의 요청은 대기 중입니다: 계정에 복제본을 만들 여유가 없습니다 ({2}).',
  ],
  ['What was asked for by {1} waits for {2}.', '{1}의 요청은 대기 중입니다. 계정에 자리가 나야 하는 것: {2}.'],
  [
    'Nothing is to be done: it goes on by itself once the clones of other deployments are gone, and is refused (413) after 60 minutes.',
    '할 일은 없습니다: 다른 배포의 복제본이 없어지면 자동으로 진행되며, 60분이 지나면 거절됩니다 (413).',
  ],
  ['To give it up:', '그만두려면:'],
  [
    'Before that it waited {1} min for room in the account, which the clones of others took up.',
    '그 전에 다른 배포의 복제본 때문에 계정에 여유가 없어 {1}분 동안 대기했습니다.',
  ],
  [
    'Nothing has changed for them by this; the mails of that deployment say how they fare.',
    '이 때문에 사용자에게 바뀐 것은 없습니다. 사용자의 상태는 그 배포의 메일에 있습니다.',
  ],
  [
    'What was asked for by {1} waits: the last deployment of {2} failed, and its clean-up has stopped for an operator to decide.',
    '{1}의 요청은 대기 중입니다: {2}의 지난 배포가 실패했고, 그 정리(clean-up)가 멈춰 운영자의 결정이 필요합니다.',
  ],
  [
    'What that clean-up could not end: its mail, "Deploy Clean", names it.',
    '그 정리(clean-up)가 끝내지 못한 것: "Deploy Clean" 메일에 있습니다.',
  ],
  ['It waits until the task is cleaned.', '작업이 정리될 때까지 대기합니다.'],
  ['Remove what its mail names, then clean it:', '그 메일에 나온 것을 제거한 뒤 작업을 정리하세요:'],
  ['No instance of {1} is registered there.', '{1} 그룹의 인스턴스는 거기에 등록되어 있지 않습니다.'],
  ['The deployment has changed nothing for them.', '배포가 사용자에게 바꾼 것은 없습니다.'],
  [
    'The deployment goes on: once the new version has passed it serves there, and what does not pass in time is taken back.',
    '배포는 계속됩니다: 새 버전이 통과하면 거기에서 서비스하며, 제때 통과하지 못하면 되돌립니다.',
  ],
  [
    'It had failed on the way ({1}), and clean-up has let it go on, since {2} was well.',
    '도중에 실패했지만({1}), {2} 그룹이 정상이어서 정리(clean-up)가 계속 진행시켰습니다.',
  ],
  [
    '{1} does not exist: the task has no group to stand by.',
    '{1}: 그룹이 없습니다. 이 작업에는 StandBy로 쓸 그룹이 없습니다.',
  ],
  ['{1} is not attached to {2}.', '{1} 그룹이 연결되어 있지 않은 곳: {2}.'],
  ['{1} still names {2}, which does not exist any more.', '{1} 그룹에 없어진 {2}의 이름이 아직 남아 있습니다.'],
  ['{1} is tagged type = {2}, and is to be {3}.', '{1} 그룹의 태그가 type = {2}입니다. {3}이어야 합니다.'],
  [
    '{1} is still at {2}, with {3}: it is to be empty, at 0/0/0.',
    '{1} 그룹이 아직 {2}입니다({3}). 비어 있어야(0/0/0) 합니다.',
  ],
  ['{1} is still attached to {2}.', '{1} 그룹이 아직 {2}에 연결되어 있습니다.'],
  ['Suspended on {1}: {2}.', '{1} 그룹에서 중지된 프로세스: {2}.'],
  ['Undecided: whether {1} or {2} is to serve.', '결정되지 않은 것: {1}와 {2} 중 어느 것이 서비스할지.'],
  ['{1} stands at {2}, with {3}.', '{1} 그룹의 현재 크기: {2} ({3}).'],
  ['{1} that were there before have these names: {2}.', '이전부터 있던 {1}의 이름: {2}.'],
  [
    'How both groups stand was not looked at: the first commands below show it.',
    '두 그룹의 상태는 확인하지 않았습니다: 아래의 첫 명령으로 확인할 수 있습니다.',
  ],
  ['Dummies are left: {1}.', '더미(복제본)가 남아 있습니다: {1}.'],
  [
    'Make another group in the place of {1}, with its tags, at 0/0/0 and attached to nothing; then deploy again:',
    '{1} 대신 쓸 그룹을 같은 태그로, 0/0/0에 아무 데도 연결하지 않고 만든 뒤 다시 배포하세요:',
  ],
  [
    'Nothing is to be mended: keep whoever deletes what is called deploycheck- from it, and deploy again:',
    '고칠 것은 없습니다: 이름이 deploycheck-로 시작하는 것을 삭제하지 않게 한 뒤 다시 배포하세요:',
  ],
  [
    'Keep whoever attached {1} from it, and deploy again:',
    '{1} 그룹을 연결한 사람이 다시 연결하지 않게 한 뒤 다시 배포하세요:',
  ],
  ['The log of this invocation says why it broke off.', '이 호출의 로그에 중단된 이유가 있습니다.'],
  ['Remove the cause, then deploy again:', '원인을 제거한 뒤 다시 배포하세요:'],
  ['Until the task is cleaned, it is not deployed.', '정리될 때까지 이 작업은 배포되지 않습니다.'],
  ['Then clean it again:', '그다음 다시 정리하세요:'],
  ['See first what is left over.', '먼저 남은 것을 보세요.'],
  [
    '{1} is at 0. Unless that is meant, give it its instances again, so that users are served:',
    '{1} 그룹이 0입니다. 의도한 것이 아니라면 사용자에게 서비스되도록 인스턴스를 다시 주세요:',
  ],
  [
    'Look why {1} is not healthy there, and mend it; then users are served again:',
    '{1} 그룹이 왜 거기에서 정상이 아닌지 확인하고 고치세요. 그러면 다시 서비스됩니다:',
  ],
  ['The deployment of {1} was ended, and is taken back: {2} ({3}).', '{1}의 배포를 중단하고 되돌렸습니다: {2} ({3}).'],
  [
    'Nothing helps users before somebody decides: run below what makes either version serve.',
    '누군가 결정하기 전에는 사용자에게 도움이 되지 않습니다: 어느 버전이 서비스할지 정해 아래 명령을 실행하세요.',
  ],
  [
    'Remove what is left over, by the commands there: it serves nobody, and only costs money.',
    '남은 것을 거기에 있는 명령으로 삭제하세요: 서비스에는 쓰이지 않으며 비용만 듭니다.',
  ],
  [
    'The record of the task, in which the pipeline notes what it does, had been deleted.',
    '작업의 기록(파이프라인이 하는 일을 적어 두는 곳)이 삭제되어 있었습니다.',
  ],
  ['There was no record of the task.', '작업의 기록이 없었습니다.'],
  ['Nothing of a deployment.', '배포로 남은 것은 없습니다.'],
  [
    'What was asked for by {1}, which waited, was dropped: it is not deployed by itself.',
    '대기하던 {1}의 요청은 취소되었습니다: 자동으로 배포되지 않습니다.',
  ],
  ['To deploy again takes it, as the latest.', '다시 배포하면 최신 버전인 그것이 배포됩니다.'],
  [
    'What was asked for by {1} waits: it is deployed by itself once clean-up is done.',
    '{1}의 요청은 대기 중입니다: 정리(clean-up)가 끝나면 자동으로 배포됩니다.',
  ],
  ['If that is not meant, abort it:', '원하지 않는 배포라면 중단하세요:'],
  ['Nothing is to be mended: what waits follows by itself.', '고칠 것은 없습니다: 대기 중인 것은 자동으로 이어집니다.'],
  [
    'If that is not meant, abort it once its mail "[Deploy] Start" has come.',
    '원하지 않는 배포라면 그 "[Deploy] Start" 메일이 온 뒤 중단하세요.',
  ],
  [
    'Nobody comes in by it any more: attach {1} to what users come in by instead.',
    '그것으로는 더 이상 아무도 들어오지 않습니다: 사용자가 대신 들어오는 곳에 {1} 그룹을 연결하세요.',
  ],
  ['This takes off the name of what is gone:', '없어진 것의 이름을 그룹에서 지우려면:'],
  [
    'Attach {1} again, so that users are served; then request the deployment again:',
    '사용자에게 서비스되도록 {1} 그룹을 다시 연결한 뒤 배포를 다시 요청하세요:',
  ],
  ['Nothing is to be mended.', '고칠 것은 없습니다.'],
  ['Not deployed, because it was rolled back before: {1}.', '이전에 롤백되어 배포되지 않은 것: {1}.'],
  [
    'The record of the task, in which the pipeline notes what it does, was damaged, and is set aside under damaged/ in the state bucket.',
    '작업의 기록(파이프라인이 하는 일을 적어 두는 곳)이 손상되어 상태 버킷의 damaged/ 아래로 옮겨 두었습니다.',
  ],
  [
    'No older copy of it could be read: which versions served before, and which are held back, is not known any more.',
    '이전 기록을 읽을 수 없습니다: 이전에 서비스한 버전과 보류한 버전의 기록이 없어졌습니다.',
  ],
  [
    'Its copy of {1} was taken instead: what was noted later is lost.',
    '대신 {1}의 기록을 사용했습니다: 그 뒤의 기록은 없어졌습니다.',
  ],
  [
    'Uploads and requests from before {1} that had not begun are lost, and are not run later: whoever waits for one asks for it again.',
    '{1} 이전의 업로드와 요청 가운데 시작되지 않은 것은 없어졌으며 나중에도 실행되지 않습니다: 필요하면 다시 요청하세요.',
  ],
  ['The log says why.', '이유는 로그에 있습니다.'],
  ['Remove the cause.', '원인을 제거하세요.'],
  [
    'Give the task another group in the place of {1}, as it stands below.',
    '아래에 있는 대로 {1} 대신 쓸 그룹을 작업에 주세요.',
  ],
];

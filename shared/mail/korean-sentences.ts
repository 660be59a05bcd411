/**
 * The sentences by which mails answer, in Korean. `{1}` stands for what differs: names, times, numbers, and reasons, which
 * stay as they are.
 */

/** What happened, how users fare, what is left over, what to do: in the order of the answers. */
export const KOREAN_SENTENCES: readonly (readonly [english: string, korean: string])[] = [
  [
    'What goes on while {1} (Active) drains, and cannot be suspended: {2}.',
    '{1} (Active) 드레이닝 중에도 계속되며 중지할 수 없는 것: {2}.',
  ],
  ['A deployment of {1} has started.', '{1}의 배포를 시작했습니다.'],
  [
    '{1} is Active, and at 0 as its schedule has it: nobody is served until that gives it instances.',
    '{1}: Active이며 예약된 작업에 따라 크기가 0입니다. 예약된 작업이 인스턴스를 줄 때까지 아무에게도 서비스하지 않습니다.',
  ],
  [
    'Nobody is served: {1} is at 0, as its schedule has it (seen at {2}).',
    '아무에게도 서비스하지 않습니다: {1} 그룹은 예약된 작업에 따라 크기가 0입니다({2} 확인).',
  ],
  ['{1} is at 0, as its schedule has it.', '{1} 그룹은 예약된 작업에 따라 크기가 0입니다.'],
  ['A rollback of {1} has started.', '{1}의 롤백을 시작했습니다.'],
  [
    'The rollback of {1} is complete, after {2}, but something of it is left over.',
    '{1}의 롤백이 완료되었습니다(소요 시간 {2}). 다만 남은 것이 있습니다.',
  ],
  [
    'The deployment of {1} is complete, after {2}, but something of it is left over.',
    '{1}의 배포가 완료되었습니다(소요 시간 {2}). 다만 남은 것이 있습니다.',
  ],
  ['Do that at once: it is nothing that clean-up minds.', '바로 하세요: 정리(clean-up)에 방해되지 않습니다.'],
  ['The rollback of {1} is complete, after {2}.', '{1}의 롤백이 완료되었습니다(소요 시간 {2}).'],
  [
    'The new group of {1} is being checked behind the dummies, where no user is.',
    '{1}의 새 그룹을 사용자가 없는 더미(복제본) 뒤에서 검사하고 있습니다.',
  ],
  [
    'The new group of {1} is being checked behind the real load balancers.',
    '{1}의 새 그룹을 실제 로드 밸런서 뒤에서 검사하고 있습니다.',
  ],
  [
    'The new group of {1} has not passed the check behind the dummies, where no user is yet: {2}.',
    '{1}의 새 그룹이 사용자가 없는 더미(복제본) 뒤의 검사를 아직 통과하지 못했습니다: {2}.',
  ],
  [
    'The new group of {1} has not passed the check behind the real load balancers yet: {2}.',
    '{1}의 새 그룹이 실제 로드 밸런서 뒤의 검사를 아직 통과하지 못했습니다: {2}.',
  ],
  [
    'USERS MAY BE DOWN on {1}: {2} (Active) is at 0, since when is not known.',
    '사용자에게 서비스되지 않을 수 있습니다({1}): {2} (Active) 크기가 0입니다. 언제부터인지는 알 수 없습니다.',
  ],
  [
    'USERS MAY BE DOWN: {1} (Active) is at 0, since when is not known.',
    '사용자에게 서비스되지 않을 수 있습니다: {1} (Active) 크기가 0입니다. 언제부터인지는 알 수 없습니다.',
  ],
  [
    'Who else serves there was not looked at yet: what shows it stands below.',
    '거기에서 다른 것이 서비스 중인지는 아직 확인하지 않았습니다: 확인 명령은 아래에 있습니다.',
  ],
  [
    'The new group is attached there, and serves as soon as it is healthy.',
    '새 그룹이 거기에 연결되어 있으며 정상이 되는 대로 서비스합니다.',
  ],
  ['Nothing of this deployment. There before it, and still:', '이 배포로 남은 것은 없습니다. 배포 전부터 있던 것:'],
  ['{1} (Active) is at 0.', '{1} (Active) 크기가 0입니다.'],
  [
    'Wait for the mail "[Success] Non-disruptive deployment", until {1}: with it the new version serves. Where "Deploy Clean" comes instead, it was taken back, and users stay down.',
    '{1}까지 "[Success] Non-disruptive deployment" 메일을 기다리세요: 그때는 새 버전이 서비스합니다. 대신 "Deploy Clean" 메일이 오면 되돌린 것이며, 사용자에게는 계속 서비스되지 않습니다.',
  ],
  [
    'Where the version of {1} is fit to serve, fill {2} at once: users have it within minutes, and the deployment goes on.',
    '{1} 그룹의 버전이 서비스할 수 있는 것이면 바로 {2} 그룹을 채우세요: 몇 분 안에 사용자에게 서비스되며 배포는 계속됩니다.',
  ],
  [
    'Where neither mail has come by then, clean the task; where it still moves, the answer says where it is:',
    '그때까지 두 메일 모두 오지 않으면 작업을 정리(clean)하세요. 아직 진행 중이면 응답이 현재 단계를 알려 드립니다:',
  ],
  [
    'Wait for the mail "[Success] Non-disruptive deployment": the new version serves by then. Where "Deploy Clean" comes instead, it was taken back.',
    '"[Success] Non-disruptive deployment" 메일을 기다리세요: 그때는 새 버전이 서비스합니다. 대신 "Deploy Clean" 메일이 오면 되돌린 것입니다.',
  ],
  [
    'What has not passed by {1} is taken back, and users stay down.',
    '{1}까지 통과하지 못하면 되돌리며, 사용자에게는 계속 서비스되지 않습니다.',
  ],
  [
    'What does not pass in time is taken back, and users stay down.',
    '제때 통과하지 못하면 되돌리며, 사용자에게는 계속 서비스되지 않습니다.',
  ],
  [
    "That was a user's request (CloudTrail names the user), a schedule or an alarm:",
    '사용자의 요청(사용자는 CloudTrail에 있습니다), 예약 작업 또는 경보가 비웠습니다:',
  ],
  [
    'This deployment brings the same version back. Where that is not fit to serve, end it, and upload one that is:',
    '이 배포는 같은 버전을 다시 가져옵니다. 서비스할 수 없는 버전이면 배포를 끝내고 서비스할 수 있는 것을 업로드하세요:',
  ],
  [
    'Where neither mail has come half an hour after "[Deploy] Start", clean the task; where it still moves, the answer says where it is:',
    '"[Deploy] Start" 메일에서 30분이 지나도 두 메일 모두 오지 않으면 작업을 정리하세요. 아직 진행 중이면 어디에 있는지 답이 옵니다:',
  ],
  [
    'To give it is safe: a copy that serves, or that CodeDeploy still has, is kept, and mailed.',
    '권한을 주어도 안전합니다: 서비스 중이거나 CodeDeploy가 아직 가진 복사본은 남겨 두고 메일로 알립니다.',
  ],
  [
    'The watchdog removes it as soon as it can. To do it by hand, where nothing of yours uses it:',
    '감시 함수(watchdog)가 가능해지는 대로 삭제합니다. 직접 하려면, 다른 곳에서 사용하지 않을 때:',
  ],
  [
    'Whether who came in by it is served by anything else was not looked at: open their address.',
    '그것으로 들어오던 사용자가 다른 곳에서 서비스되는지는 확인하지 않았습니다: 그 주소를 열어 보세요.',
  ],
  [
    'Where it was emptied because it is not, leave it; where you cannot tell, ask who emptied it.',
    '그렇지 않아서 비운 것이라면 그대로 두고, 알 수 없으면 비운 사람에게 물어보세요.',
  ],
  [
    'Nothing is to be done: what has not passed by {1} is taken back.',
    '할 일은 없습니다: {1}까지 통과하지 못하면 되돌립니다.',
  ],
  ['The deployment of {1} is complete, after {2}.', '{1}의 배포가 완료되었습니다(소요 시간 {2}).'],
  [
    'The deployment of {1} failed: the function {2} broke off on every attempt: {3} ({4}).',
    '{1}의 배포가 실패했습니다: 함수 {2}: 시도할 때마다 중단되었습니다: {3} ({4}).',
  ],
  [
    'The deployment of {1} failed: the function {2} broke off on every attempt ({3}).',
    '{1}의 배포가 실패했습니다: 함수 {2}: 시도할 때마다 중단되었습니다 ({3}).',
  ],
  ['The deployment of {1} failed: {2} ({3}, in {4}).', '{1}의 배포가 실패했습니다: {2} ({3}, {4} 단계).'],
  ['The deployment of {1} failed ({2}, in {3}).', '{1}의 배포가 실패했습니다 ({2}, {3} 단계).'],
  ['The deployment of {1} failed, and is taken back: {2} ({3}).', '{1}의 배포가 실패하여 되돌렸습니다: {2} ({3}).'],
  ['The deployment of {1} failed, and is taken back ({2}).', '{1}의 배포가 실패하여 되돌렸습니다 ({2}).'],
  ['The deployment of {1} failed: {2} ({3}).', '{1}의 배포가 실패했습니다: {2} ({3}).'],
  ['Clean-up stopped, and a permission is missing: {1}.', '정리(clean-up)가 멈췄습니다. 권한이 없습니다: {1}.'],
  [
    'Clean-up of {1} stopped, and a permission is missing: {2}.',
    '{1}의 정리(clean-up)가 멈췄습니다. 권한이 없습니다: {2}.',
  ],
  [
    'Clean-up stopped, and an operator has to decide: {1}.',
    '정리(clean-up)가 멈췄으며 운영자의 결정이 필요합니다: {1}.',
  ],
  [
    'Clean-up of {1} stopped, and an operator has to decide: {2}.',
    '{1}의 정리(clean-up)가 멈췄으며 운영자의 결정이 필요합니다: {2}.',
  ],
  ['{1} serves as before.', '{1}: 이전과 같이 서비스 중입니다.'],
  [
    'Everything of the deployment is taken back, but {1} has no healthy target on {2}.',
    '배포는 모두 되돌렸지만 {1}의 정상 대상이 없는 곳이 있습니다: {2}.',
  ],
  ['Everything of the deployment is taken back.', '배포는 모두 되돌렸습니다.'],
  ['{1} does not exist: nobody serves.', '{1}: 그룹이 없어 아무것도 서비스하지 않습니다.'],
  ['{1} is behind no load balancer.', '{1}: 어떤 로드 밸런서 뒤에도 없습니다.'],
  ['Nothing had been changed.', '변경된 것이 없었습니다.'],
  ['The request to deploy {1} was refused: {2} ({3}).', '{1}의 배포 요청이 거절되었습니다: {2} ({3}).'],
  ['The request to deploy {1} was refused ({2}).', '{1}의 배포 요청이 거절되었습니다 ({2}).'],
  ['The request to abort {1} was refused: {2} ({3}).', '{1}의 중단 요청이 거절되었습니다: {2} ({3}).'],
  ['The request to abort {1} was refused ({2}).', '{1}의 중단 요청이 거절되었습니다 ({2}).'],
  ['The request to clean {1} was refused: {2} ({3}).', '{1}의 정리 요청이 거절되었습니다: {2} ({3}).'],
  ['The request to clean {1} was refused ({2}).', '{1}의 정리 요청이 거절되었습니다 ({2}).'],
  ['The request was not run.', '요청은 실행되지 않았습니다.'],
  [
    'What was asked for by {1} waits: a deployment of {2} runs, and is in {3}.',
    '{1}의 요청은 대기 중입니다: {2}의 배포가 {3} 단계에서 진행 중입니다.',
  ],
  [
    'What somebody asked for of {1} was not done: the pipeline knows no event {2} from {3}.',
    '{1}에 대한 요청이 실행되지 않았습니다: 파이프라인이 모르는 이벤트 {2}입니다(보낸 곳 {3}).',
  ],
  [
    'What somebody asked for was not done: the pipeline knows no event {1} from {2}.',
    '누군가의 요청이 실행되지 않았습니다: 파이프라인이 모르는 이벤트 {1}입니다(보낸 곳 {2}).',
  ],
  [
    'It was found by the watchdog of {1}, which cannot mend it.',
    '{1}의 감시 함수(watchdog)가 찾았으며 스스로 해결하지 못합니다.',
  ],
  [
    'The watchdog of {1} has found {2} that it cannot mend, as: {3}.',
    '{1}의 감시 함수(watchdog)가 스스로 해결하지 못하는 것을 찾았습니다({2}). 그중 하나: {3}.',
  ],
  [
    'What the pipeline notes of {1}, its record, cannot be read: until that is mended {2} is not deployed, and a deployment that is unfinished stays so.',
    '{1}에 대해 파이프라인이 적어 두는 기록을 읽을 수 없습니다: 복구될 때까지 {2}은(는) 배포되지 않으며, 끝나지 않은 배포는 그대로 남습니다.',
  ],
  [
    'An event did not reach what handles it, so a deployment may stand still: {1} unread in the queue {2}.',
    '이벤트가 처리할 곳에 전달되지 않아 배포가 멈춰 있을 수 있습니다: 대기열 {2}에 읽지 않은 것이 있습니다({1}).',
  ],
  [
    'The short mail of a failed deployment could not be sent; the mail "Deploy Clean" tells of it, too: {1} unread in the queue {2}.',
    '실패한 배포의 짧은 메일을 보내지 못했습니다("Deploy Clean" 메일에도 있습니다): 대기열 {2}에 읽지 않은 것이 있습니다({1}).',
  ],
  [
    'An upload was not noticed, so that war is not deployed: {1} unread in the queue {2}.',
    '업로드가 전달되지 않아 그 war는 배포되지 않았습니다: 대기열 {2}에 읽지 않은 것이 있습니다({1}).',
  ],
  [
    'The news of a CodeDeploy deployment was not delivered; what it left behind is found by itself all the same: {1} unread in the queue {2}.',
    'CodeDeploy 배포의 소식이 전달되지 않았습니다(남은 것은 그래도 자동으로 찾습니다): 대기열 {2}에 읽지 않은 것이 있습니다({1}).',
  ],
  [
    'A function gave up on an event, so what that asked for was not done: {1} unread in the queue {2}.',
    '함수가 이벤트를 처리하지 못해 그 요청이 실행되지 않았습니다: 대기열 {2}에 읽지 않은 것이 있습니다({1}).',
  ],
  [
    'A deployment that waits was not woken, so it may stand still: {1} unread in the queue {2}.',
    '대기하던 배포가 깨어나지 않아 멈춰 있을 수 있습니다: 대기열 {2}에 읽지 않은 것이 있습니다({1}).',
  ],
  [
    'Something could not be delivered or handled: {1} unread in the queue {2}.',
    '전달되거나 처리되지 못한 것이 있습니다: 대기열 {2}에 읽지 않은 것이 있습니다({1}).',
  ],
  [
    'A CodeDeploy deployment left a copied Auto Scaling group behind.',
    'CodeDeploy 배포가 복사한 Auto Scaling 그룹을 남겼습니다.',
  ],
  ['It was unused, and is deleted.', '사용되지 않아 삭제했습니다.'],
  ['It is kept, and its instances cost money.', '삭제하지 않았으며 인스턴스 비용이 발생합니다.'],
  [
    'A copied Auto Scaling group that a CodeDeploy deployment may have left behind cannot be cleaned up: a permission is missing.',
    'CodeDeploy 배포가 남겼을 수 있는 복사된 Auto Scaling 그룹을 정리하지 못했습니다: 권한이 없습니다.',
  ],
  ['Nothing was changed.', '변경된 것은 없습니다.'],

  [
    'USERS ARE DOWN on {1}, since {2} at the latest: no target of {3} is healthy there; on the other {4} they are served.',
    '사용자 서비스 중단: {1}, 늦어도 {2}부터. 거기에 {3}의 정상 대상이 없습니다. 나머지 {4}곳에서는 서비스됩니다.',
  ],
  [
    'USERS ARE DOWN on {1}, since {2} at the latest: no target of {3} is healthy there.',
    '사용자 서비스 중단: {1}, 늦어도 {2}부터. 거기에 {3}의 정상 대상이 없습니다.',
  ],
  [
    'USERS ARE DOWN on {1}, since {2} at the latest: {3} is not attached there.',
    '사용자 서비스 중단: {1}, 늦어도 {2}부터. 거기에 {3} 그룹이 연결되어 있지 않습니다.',
  ],
  [
    'USERS ARE DOWN on {1}, since {2} at the latest: {3} is not attached there; on the other {4} they are served.',
    '사용자 서비스 중단: {1}, 늦어도 {2}부터. 거기에 {3} 그룹이 연결되어 있지 않습니다. 나머지 {4}곳에서는 서비스됩니다.',
  ],
  [
    'USERS ARE DOWN on {1}, since {2} at the latest: it does not exist any more; on the other {3} they are served.',
    '사용자 서비스 중단: {1}, 늦어도 {2}부터. 그것은 없어졌습니다. 나머지 {3}곳에서는 서비스됩니다.',
  ],
  [
    'USERS ARE DOWN on {1}, since {2} at the latest: it does not exist any more.',
    '사용자 서비스 중단: {1}, 늦어도 {2}부터. 그것은 없어졌습니다.',
  ],
  [
    'USERS ARE DOWN on {1}, since {2} at the latest: these do not exist any more.',
    '사용자 서비스 중단: {1}, 늦어도 {2}부터. 그것들은 없어졌습니다.',
  ],
  [
    'Attach {1} to what users come in by instead: nobody comes in by what is gone.',
    '없어진 것으로는 아무도 들어오지 않습니다: {1} 그룹을 사용자가 들어오는 다른 곳에 연결하세요.',
  ],
  [
    'Attach {1} again, so that users are served; then request the deployment again:',
    '사용자에게 서비스되도록 {1} 그룹을 다시 연결한 뒤 배포를 다시 요청하세요:',
  ],
  ['USERS MAY BE DOWN who came in by {1}.', '{1}(으)로 들어오던 사용자가 서비스받지 못하고 있을 수 있습니다.'],
  [
    'USERS MAY BE DOWN: {1} (Active) is attached to nothing that exists.',
    '사용자 서비스 중단 가능: {1} (Active) 그룹이 연결된 것 중 존재하는 것이 없습니다.',
  ],
  [
    'USERS MAY BE DOWN: {1} (Active) is attached to nothing.',
    '사용자 서비스 중단 가능: {1} (Active) 그룹이 아무것에도 연결되어 있지 않습니다.',
  ],
  ['See above.', '위를 보세요.'],
  [
    'Nobody is served: {1} is behind no load balancer (seen at {2}).',
    '서비스되는 사용자가 없습니다: {1} 그룹이 어떤 로드 밸런서 뒤에도 없습니다({2} 확인).',
  ],
  ['{1} serves on the load balancer (seen at {2}).', '{1}: 로드 밸런서에서 서비스 중입니다({2} 확인).'],
  ['{1} serve on the load balancer (seen at {2}).', '{1}: 로드 밸런서에서 서비스 중입니다({2} 확인).'],
  [
    '{1} serves on all {2} load balancers and target groups (seen at {3}).',
    '{1}: 로드 밸런서와 대상 그룹 {2}곳 모두에서 서비스 중입니다({3} 확인).',
  ],
  [
    '{1} serve on all {2} load balancers and target groups (seen at {3}).',
    '{1}: 로드 밸런서와 대상 그룹 {2}곳 모두에서 서비스 중입니다({3} 확인).',
  ],
  [
    'No instance of {1} is registered there, so no user met it.',
    '{1} 그룹의 인스턴스는 거기에 등록되어 있지 않으므로 만난 사용자가 없습니다.',
  ],
  [
    'Since {1} users could meet {2} on {3}: {4} of {5} targets there are its own.',
    '{1}부터 {3}에서 사용자가 {2} 그룹을 만날 수 있었습니다: 대상 {5}개 중 {4}개가 이 그룹입니다.',
  ],
  [
    'Whether users are served is not known: nobody has looked yet.',
    '사용자에게 서비스되는지 알 수 없습니다: 아직 확인하지 않았습니다.',
  ],
  ['The mail of clean-up says it.', '정리(clean-up) 메일로 알려 드립니다.'],
  [
    'Who serves now was not looked at: clean-up looks, and its mail says it; to see it, run what stands below, under "To see who serves".',
    '지금 무엇이 서비스 중인지는 확인하지 않았습니다: 정리(clean-up)가 확인하여 메일로 알려 드립니다. 확인하려면 아래 "무엇이 서비스 중인지 확인하려면" 항목의 명령을 실행하세요.',
  ],
  [
    'The deployment has not touched {1}, and has given {2} no place where users are.',
    '배포는 {1}을(를) 건드리지 않았으며, {2}을(를) 사용자가 있는 곳에 두지 않았습니다.',
  ],
  [
    'The deployment has not touched {1}; {2}, which had passed step 1, may be attached beside it.',
    '배포는 {1}을(를) 건드리지 않았으며, 1단계를 통과한 {2}이(가) 함께 연결되어 있을 수 있습니다.',
  ],
  [
    '{1} may be detached by now: then {2} serves alone, which had passed step 2.',
    '{1}이(가) 이미 분리되었을 수 있습니다: 그렇다면 2단계를 통과한 {2}만 서비스합니다.',
  ],
  [
    'Since the swap {1} is Active and {2} is detached: {3} serves alone, or nobody does.',
    '교체 이후 {1}이(가) Active이고 {2}은(는) 분리되었습니다: {3}만 서비스하거나, 아무것도 서비스하지 않습니다.',
  ],
  [
    'Since the swap only the new version is attached: it serves alone, or nobody does.',
    '교체 이후 새 버전만 연결되어 있습니다: 새 버전만 서비스하거나, 아무것도 서비스하지 않습니다.',
  ],
  [
    'How far the deployment had come is not known: {1} or {2} may serve, or both.',
    '배포가 어디까지 진행되었는지 알 수 없습니다: {1} 또는 {2}, 또는 둘 다 서비스 중일 수 있습니다.',
  ],
  ['start does not touch Active.', 'start는 Active를 건드리지 않습니다.'],
  [
    'Who serves was not looked at; to see it, run what stands below, under "To see who serves".',
    '무엇이 서비스 중인지는 확인하지 않았습니다. 확인하려면 아래 "무엇이 서비스 중인지 확인하려면" 항목의 명령을 실행하세요.',
  ],
  ['Nobody comes to {1} by a load balancer.', '{1} 그룹에는 로드 밸런서로 아무도 들어오지 않습니다.'],
  [
    'Nobody comes to {1} by {2}, which is gone.',
    '{1} 그룹에는 {2}(으)로 아무도 들어오지 않습니다. 그것은 없어졌습니다.',
  ],
  [
    'Who serves on its others was not looked at; to see it, run what stands below, under "To see who serves".',
    '나머지에서 무엇이 서비스 중인지는 확인하지 않았습니다. 확인하려면 아래 "무엇이 서비스 중인지 확인하려면" 항목의 명령을 실행하세요.',
  ],
  [
    'Whether they are served otherwise was not looked at; to see it, run what stands below, under "To see who serves".',
    '다른 방법으로 서비스되는지는 확인하지 않았습니다. 확인하려면 아래 "무엇이 서비스 중인지 확인하려면" 항목의 명령을 실행하세요.',
  ],
  [
    'A deployment may be unfinished, and either group may serve: nothing looks until the task is cleaned; to see it, run what stands below, under "To see who serves".',
    '배포가 끝나지 않았을 수 있으며 어느 그룹이든 서비스 중일 수 있습니다: 작업이 정리될 때까지 아무것도 확인하지 않습니다. 확인하려면 아래 "무엇이 서비스 중인지 확인하려면" 항목의 명령을 실행하세요.',
  ],
  [
    'A deployment of {1} may be unfinished, and either group may serve: nothing looks until it is cleaned; to see it, run what stands below, under "To see who serves".',
    '{1}의 배포가 끝나지 않았을 수 있으며 어느 그룹이든 서비스 중일 수 있습니다: 정리될 때까지 아무것도 확인하지 않습니다. 확인하려면 아래 "무엇이 서비스 중인지 확인하려면" 항목의 명령을 실행하세요.',
  ],
  [
    'The running deployment goes on: its mails say how they fare; to see it, run what stands below, under "To see who serves".',
    '진행 중인 배포는 계속됩니다: 사용자의 상태는 그 메일에 있습니다. 확인하려면 아래 "무엇이 서비스 중인지 확인하려면" 항목의 명령을 실행하세요.',
  ],
  [
    'Nothing changes for them: no user comes in by a dummy.',
    '사용자에게 바뀌는 것은 없습니다: 더미로는 사용자가 들어오지 않습니다.',
  ],
  [
    'What it has can be seen by what stands below, under "To see who serves".',
    '무엇이 있는지는 아래 "무엇이 서비스 중인지 확인하려면" 항목의 명령으로 확인할 수 있습니다.',
  ],
  [
    'Nothing has changed for them: {1} is tested first where no user is.',
    '사용자에게 바뀐 것은 없습니다: {1} 그룹을 먼저 사용자가 없는 곳에서 검사합니다.',
  ],
  [
    'Nothing has changed for them by this; the mails of the running deployment say how they fare.',
    '이 때문에 사용자에게 바뀐 것은 없습니다. 사용자의 상태는 진행 중인 배포의 메일에 있습니다.',
  ],
  [
    'Nobody is served by {1}, which is at 0: {2} is to serve in its place once it is tested.',
    '{1} 그룹은 0이어서 아무에게도 서비스하지 않습니다: 검사를 통과하면 {2} 그룹이 대신 서비스합니다.',
  ],
  ['Nothing has changed for them.', '사용자에게 바뀐 것은 없습니다.'],
  [
    'The old group is attached as before, and the new one beside it: users may meet either.',
    '이전 그룹은 그대로 연결되어 있고 새 그룹이 함께 연결되어 있습니다: 사용자는 둘 중 어느 쪽이든 만날 수 있습니다.',
  ],
  [
    'Nothing was changed for them: the copy may serve some, or may not.',
    '사용자에게 바뀐 것은 없습니다: 복사된 그룹이 일부 사용자에게 서비스 중일 수도, 아닐 수도 있습니다.',
  ],
  [
    'The copy has {1} healthy instance on {2}, so it may serve some.',
    '복사된 그룹의 정상 인스턴스 {1}개가 {2}에 있어 일부 사용자에게 서비스 중일 수 있습니다.',
  ],
  [
    'The copy has {1} healthy instances on {2}, so it may serve some.',
    '복사된 그룹의 정상 인스턴스 {1}개가 {2}에 있어 일부 사용자에게 서비스 중일 수 있습니다.',
  ],
  [
    'The copy is registered on {1}, but no instance of it is healthy there.',
    '복사된 그룹이 {1}에 등록되어 있지만 거기에 정상 인스턴스는 없습니다.',
  ],
  ['Nothing was changed for them.', '사용자에게 바뀐 것은 없습니다.'],
  ['Who serves was not looked at.', '무엇이 서비스 중인지는 확인하지 않았습니다.'],
  [
    'None of its instances was registered with a load balancer of the deployment group.',
    '이 그룹의 인스턴스는 배포 그룹의 로드 밸런서에 하나도 등록되어 있지 않았습니다.',
  ],

  ['Nothing.', '없습니다.'],
  [
    'Clean-up takes the deployment back now, or forward where only the new version serves.',
    '정리(clean-up)가 지금 배포를 되돌리거나, 새 버전만 서비스 중이면 앞으로 진행합니다.',
  ],
  ['Its mail says what is left.', '남은 것은 정리 메일로 알려 드립니다.'],
  ['Else nothing was changed.', '아니라면 변경된 것은 없습니다.'],
  [
    'Has the mail "[Deploy] Start" come for this request? Then wait for the mail "Deploy Clean", until {1}. Before it comes, another deployment is refused (401); it says how to deploy again.',
    '이 요청에 대한 "[Deploy] Start" 메일이 왔다면 {1}까지 "Deploy Clean" 메일을 기다리세요. 그 전에는 다른 배포 요청이 거절됩니다(401). 다시 배포하는 방법은 그 메일에 나옵니다.',
  ],
  ['If it has not, nothing was changed.', '오지 않았다면 변경된 것은 없습니다.'],
  ['Request again:', '다시 요청하세요:'],
  [
    '{1} is attached to {2} beside it: users may meet the new version, which is not proven, until clean-up has detached it.',
    '{1}: {2}에 함께 연결되어 있습니다. 정리(clean-up)가 분리할 때까지 사용자가 검증되지 않은 새 버전을 만날 수 있습니다.',
  ],
  [
    'Not of the deployment: {1} is attached to {2}, until clean-up has detached it.',
    '배포와 무관하게: {1}이(가) {2}에 연결되어 있으며, 정리(clean-up)가 분리합니다.',
  ],
  [
    'This holds only if the mail "[Deploy] Start" has come for this request.',
    '이 요청에 대한 "[Deploy] Start" 메일이 온 경우에만 해당합니다.',
  ],
  [
    'What the deployment has made so far is being taken away; the mail "Deploy Clean" says what is left.',
    '배포가 지금까지 만든 것을 없애고 있습니다. 남은 것은 "Deploy Clean" 메일로 알려 드립니다.',
  ],
  [
    'Nothing of the deployment. Still there, unless somebody has mended it:',
    '배포로 남은 것은 없습니다. 그 사이 누가 고치지 않았다면 아직 그대로인 것:',
  ],
  ['The role of the function that was denied lacks {1}.', '거부된 함수의 역할에 없는 권한: {1}.'],
  ['The role of the function {1} lacks {2}.', '함수 {1}의 역할에 없는 권한: {2}.'],
  ['The role {1} lacks {2}.', '역할 {1}에 없는 권한: {2}.'],
  ['The account is at its limit of {1}.', '계정이 한도에 도달했습니다: {1}.'],
  [
    'AWS has no room for another load balancer in the subnets.',
    'AWS에 따르면 서브넷에 로드 밸런서를 더 만들 자리가 없습니다.',
  ],
  ['Users are served, so this can wait until morning.', '사용자에게 서비스되고 있으므로 아침에 해도 됩니다.'],
  [
    'The template of the stack grants it: deploy the stack again, in a checkout of the repository that it was deployed from.',
    '스택의 템플릿에는 이 권한이 있습니다: 스택을 배포한 저장소의 체크아웃에서 다시 배포하세요.',
  ],
  [
    'Where that changes nothing, the role was changed by hand: give it back what the template says.',
    '그래도 바뀌지 않으면 누가 역할을 직접 바꾼 것입니다: 템플릿대로 되돌리세요.',
  ],
  [
    'A policy forbids it, whatever the role is given: whoever manages that has to lift it.',
    '역할에 무엇을 주어도 정책이 금지합니다: 그 정책을 관리하는 사람이 풀어야 합니다.',
  ],
  ['Not of the deployment: {1}.', '배포와 관계없이 남아 있는 것: {1}.'],
  ['Nothing of this request. There before it, and still:', '이 요청으로 남은 것은 없습니다. 요청 전부터 있던 것:'],
  ['Both groups as they stand: see what was found.', '두 그룹이 지금 상태 그대로 있습니다: 확인된 상태를 보세요.'],
  ['See what is there now.', '현재 상태를 보세요.'],
  [
    '{1}: the clone {2} ({3}) could not be deleted: {4}. Remove it, and where AWS says that it is in use, again a minute later:',
    '{1}: 복제본 {2} ({3}) 삭제 실패: {4}. 삭제하세요. AWS가 사용 중이라고 하면 1분 뒤에 다시 하세요:',
  ],
  [
    'The watchdog goes on trying, and mails what it cannot delete.',
    '감시 함수(watchdog)가 계속 시도하며, 삭제하지 못한 것은 메일로 알려 드립니다.',
  ],
  ['And {1} more, whose names begin with {2}, too.', '그 밖에 이름이 {2}로 시작하는 것이 {1}개 더 있습니다.'],
  ['The task {1} cannot be looked after.', '작업 {1}: 감시할 수 없습니다.'],
  ['The dummy {1} cannot be removed.', '더미 {1}: 삭제할 수 없습니다.'],
  ['Dead letters lie unread in {1}.', '배달 못한 편지가 읽히지 않은 채 있습니다: {1}.'],

  [
    'Wait for the mail "Deploy Clean", or "[Success] Non-disruptive deployment", until {1}. Before it comes, another deployment is refused (401); it says how to deploy again.',
    '{1}까지 "Deploy Clean" 또는 "[Success] Non-disruptive deployment" 메일을 기다리세요. 그 전에는 다른 배포가 거절됩니다(401). 다시 배포하는 방법은 그 메일에 있습니다.',
  ],
  [
    'Wait for the mail "Deploy Clean", until {1}. Before it comes, another deployment is refused (401); it says how to deploy again.',
    '{1}까지 "Deploy Clean" 메일을 기다리세요. 그 전에는 다른 배포가 거절됩니다(401). 다시 배포하는 방법은 그 메일에 있습니다.',
  ],
  [
    'Remove the cause; the log of this invocation has what the function did:',
    '원인을 제거하세요. 함수가 한 일은 이 호출의 로그에 있습니다:',
  ],
  ['Meanwhile:', '그동안:'],
  ['The log says more:', '로그에 더 자세한 내용이 있습니다:'],
  [
    'Then clean the task again; before that it is not deployed.',
    '그다음 작업을 다시 정리하세요. 그 전에는 배포되지 않습니다.',
  ],
  ['{1} needs nothing.', '{1}: 조치가 필요하지 않습니다.'],
  ['Clean-up detaches {1} there.', '정리(clean-up)가 거기에서 {1} 그룹을 분리합니다.'],
  [
    'Leave {1} as it is: clean-up goes on with {2} where that serves alone.',
    '{1} 그룹은 그대로 두세요: {2} 그룹만 서비스 중이면 정리(clean-up)가 그 그룹으로 계속 진행합니다.',
  ],
  ['Where nobody serves, attach {1} again.', '아무것도 서비스하지 않으면 {1} 그룹을 다시 연결하세요.'],
  ['Keep whoever {1} from doing so during the next deployment.', '다음 배포 중에는 같은 일을 하지 못하게 하세요: {1}.'],
  ['Attach {1} again, so that users are served:', '사용자에게 서비스되도록 {1} 그룹을 다시 연결하세요:'],
  [
    'Make {1} again, as the mail of the failure says; then deploy again:',
    '실패 메일에 나온 대로 {1} 그룹을 다시 만든 뒤 다시 배포하세요:',
  ],
  [
    'Make a group {1} as {2}: at 0/0/0, attached to nothing, with its tags but type = StandBy.',
    '{2}와(과) 같은 그룹 {1}을(를) 만드세요: 크기 0/0/0, 연결 없음, 같은 태그에 type = StandBy.',
  ],
  [
    'Give the task exactly one group tagged type = Active and one tagged type = StandBy. Likeliest, by what runs:',
    '작업에 type = Active 그룹 하나와 type = StandBy 그룹 하나만 두세요. 실행 중인 것으로 보아 가장 그럴듯한 것:',
  ],
  [
    'Give the task exactly one group tagged type = Active and one tagged type = StandBy: which, only you know. One of:',
    '작업에 type = Active 그룹 하나와 type = StandBy 그룹 하나만 두세요. 어느 것인지는 운영자만 압니다. 다음 중 하나:',
  ],
  [
    'Tag the group with the war bucket of the stack. Where {1} is right instead, it is the stack that has to name it: deploy that with the parameter WarBuckets.',
    '그룹에 스택의 war 버킷을 태그로 지정하세요. {1}이(가) 맞다면 스택을 WarBuckets 매개변수와 함께 다시 배포하세요.',
  ],
  [
    'Attach {1} to what users come in by: the other group of the task is empty, so neither serves them. CloudTrail shows who detached it from where, for 90 days. These target groups are there:',
    '사용자가 들어오는 곳에 {1} 그룹을 연결하세요. 작업의 다른 그룹은 비어 있어 어느 쪽도 서비스하지 않습니다. 누가 어디에서 분리했는지는 CloudTrail에 90일 동안 있습니다. 현재 있는 대상 그룹:',
  ],
  [
    'What is gone nobody comes in by any more, and {1} still names it: take that name off first. Where it was removed on purpose, and {2} is attached elsewhere, that is all. Where users are missing who came in by it, then attach {3} to what the DNS name of theirs leads to. Where nothing is there, make it again, as CloudTrail shows for 90 days how it was created: a load balancer gets a new DNS name, which that of the users has to lead to.',
    '없어진 것으로는 아무도 들어오지 않는데 {1}에 아직 그 이름이 있습니다: 먼저 그 이름을 지우세요. 일부러 없앤 것이고 {2} 그룹이 다른 곳에 연결되어 있으면 그것으로 끝입니다. 그것으로 들어오던 사용자가 서비스받지 못하면 그 사용자의 DNS 이름이 가리키는 곳에 {3} 그룹을 연결하세요. 아무것도 없으면 다시 만드세요(만들 때의 설정은 CloudTrail에 90일 동안 있습니다). 로드 밸런서의 DNS 이름은 새로 생기므로 사용자의 이름이 그것을 가리키게 하세요.',
  ],
  [
    'What is gone nobody comes in by any more, and {1} still names it: take that name off first. Where it was removed on purpose, and {2} is attached elsewhere, that is all. Where users are missing who came in by it, then attach {3} to what the DNS name of theirs leads to. Where nothing is there, make it again, as CloudTrail shows for 90 days how it was created: a target group gets a new ARN, which the listener or rule of the load balancer has to send to.',
    '없어진 것으로는 아무도 들어오지 않는데 {1}에 아직 그 이름이 있습니다: 먼저 그 이름을 지우세요. 일부러 없앤 것이고 {2} 그룹이 다른 곳에 연결되어 있으면 그것으로 끝입니다. 그것으로 들어오던 사용자가 서비스받지 못하면 그 사용자의 DNS 이름이 가리키는 곳에 {3} 그룹을 연결하세요. 아무것도 없으면 다시 만드세요(만들 때의 설정은 CloudTrail에 90일 동안 있습니다). 대상 그룹의 ARN은 새로 생기므로 로드 밸런서의 리스너나 규칙이 그것으로 보내게 하세요.',
  ],
  ['These target groups are there:', '현재 있는 대상 그룹:'],
  [
    'Users may come in by the dummy: let its load balancer send them elsewhere first, and only then detach it from {1} and delete it.',
    '더미로 사용자가 들어올 수 있습니다: 먼저 로드 밸런서가 다른 곳으로 보내게 한 다음에만 {1} 그룹에서 분리하고 삭제하세요.',
  ],
  [
    'It is in use as long as the first of these names a load balancer:',
    '다음 중 첫 명령이 로드 밸런서를 보여 주는 동안은 사용 중입니다:',
  ],
  ['Nothing is to be run: there is nothing to go back to.', '실행할 명령은 없습니다: 되돌아갈 버전이 없습니다.'],
  ['Request a version that there is. These are there:', '있는 버전을 요청하세요. 현재 버전:'],
  [
    'Name one version for each war slot, in their order. These are there:',
    'war 슬롯마다 버전을 하나씩 순서대로 지정하세요. 현재 버전:',
  ],
  [
    'A version that is known to be good can be named. These are there:',
    '정상인 버전을 알고 있으면 지정할 수 있습니다. 현재 버전:',
  ],
  [
    'It asked for {1}, which is put as {2}: a rollback to what ran before.',
    '요청한 것은 {1}이며, 바르게 쓰면 {2}입니다: 이전에 실행되던 버전으로 롤백합니다.',
  ],
  ['It asked for {1}, which is put as {2}.', '요청한 것은 {1}이며, 바르게 쓰면 {2}입니다.'],
  ['Where that is not meant, nothing is to be done.', '그런 뜻이 아니었다면 할 일은 없습니다.'],
  ['Where it is:', '맞다면:'],
  ['Probably this was meant:', '아마 다음을 뜻했을 것입니다:'],
  [
    'Nothing is to be run: wait for the mail that ends it, "[Success] Non-disruptive deployment" or "Deploy Clean", then request again. It runs since {1}, and is still in {2}, since {3}.',
    '실행할 명령은 없습니다: "[Success] Non-disruptive deployment" 또는 "Deploy Clean" 메일을 기다린 뒤 다시 요청하세요. {1}부터 진행 중이며 {3}부터 아직 {2} 단계입니다.',
  ],
  [
    'What does not move any more is ended by itself, with a mail, within half an hour.',
    '더는 진행되지 않는 배포는 30분 안에 자동으로 끝나며 메일이 옵니다.',
  ],
  ['Where none has come by then, clean the task:', '그때까지 메일이 없으면 작업을 정리하세요:'],
  [
    'Nothing is to be run now: wait for the mail that ends the deployment, "[Success] Non-disruptive deployment" or "Deploy Clean".',
    '지금 실행할 명령은 없습니다: 배포가 끝나는 메일("[Success] Non-disruptive deployment" 또는 "Deploy Clean")을 기다리세요.',
  ],
  [
    'After the first this goes back; after the other there is nothing to go back from:',
    '앞의 메일이 온 뒤에는 다음 명령으로 되돌립니다. 뒤의 메일이 오면 되돌릴 것이 없습니다:',
  ],
  ['The nearest is {1}. With its task alone:', '가장 가까운 것: {1}. 작업 이름만으로 요청하려면:'],
  [
    'The copy is looked at again by itself, every ten minutes: once the permission is there, nothing more is to be done.',
    '복사된 그룹은 10분마다 자동으로 다시 확인하므로, 권한이 주어지면 더 할 일은 없습니다.',
  ],
  [
    'Nothing is to be done: what does not pass in time is taken back.',
    '할 일은 없습니다: 제때 통과하지 못하면 되돌립니다.',
  ],
  [
    'Nothing is to be done: when the running deployment has ended, well or not, the latest versions are deployed.',
    '할 일은 없습니다: 진행 중인 배포가 어떻게든 끝나면 최신 버전이 배포됩니다.',
  ],
  ['Nothing is to be done.', '할 일은 없습니다.'],
  ['Nothing is to be mended. To deploy again:', '고칠 것은 없습니다. 다시 배포하려면:'],
  ['Remove the cause, see why; then deploy again:', '원인(이유 참고)을 제거한 뒤 다시 배포하세요:'],
  [
    'Remove the cause. Until the task is cleaned, it is not deployed. Then clean it again:',
    '원인을 제거하세요. 정리될 때까지 이 작업은 배포되지 않습니다. 그다음 다시 정리하세요:',
  ],
  [
    'Until it is mended, the task is not deployed. To mend it:',
    '복구될 때까지 이 작업은 배포되지 않습니다. 복구하려면:',
  ],
  ['Where nothing uses it, remove it:', '사용하는 것이 없으면 삭제하세요:'],
  [
    'See what was lost, and why (ERROR_MESSAGE); remove that cause.',
    '무엇이 왜 전달되지 않았는지(ERROR_MESSAGE) 확인하고 원인을 제거하세요.',
  ],
  [
    'Then publish again what was lost (what was handled is skipped):',
    '그다음 전달되지 않은 것을 다시 보내세요(이미 처리된 것은 건너뜁니다):',
  ],
  ['No replay mails it again:', '다시 보내도 메일은 오지 않습니다:'],
  [
    'Then deploy what was uploaded last, with its key (detail.object.key) for KEY:',
    '그다음 마지막으로 업로드한 것을 배포하세요. KEY 자리에는 그 키(detail.object.key)를 넣습니다:',
  ],
  ['Nothing else is to be done:', '다른 할 일은 없습니다:'],
  [
    'Then, by its detail-type, ask for it again, with its detail.task for TASK (any other was a mail, or comes again by itself; requests to deploy never lie here):',
    '그다음 detail-type에 따라 다시 요청하세요. TASK 자리에는 그 detail.task를 넣습니다(다른 것은 메일이었거나 자동으로 다시 처리되며, 배포 요청은 여기에 오지 않습니다):',
  ],
  ['What it asked for has to be asked for again.', '요청한 것은 다시 요청해야 합니다.'],
  [
    'Remove the cause. The log of the function watchdog says more.',
    '원인을 제거하세요. 함수 watchdog의 로그에 더 자세한 내용이 있습니다.',
  ],
  ['For each of these what its own section says.', '각각에 대해 아래 해당 항목의 조치를 따르세요.'],
  [
    'A permission is missing: give the role of the function that was denied what the denied call in its log asks for.',
    '권한이 없습니다: 거부된 함수의 역할에, 로그에 나온 거부된 호출에 필요한 권한을 부여하세요.',
  ],
  [
    'A permission is missing: give the role of the function {1} what the denied call in its log asks for.',
    '권한이 없습니다: 함수 {1}의 역할에, 로그에 나온 거부된 호출에 필요한 권한을 부여하세요.',
  ],
  [
    'A permission is missing: give the role of the function {1} {2} on {3}.',
    '권한이 없습니다: 함수 {1}의 역할에 권한을 부여하세요: {2}, 대상 {3}.',
  ],
  [
    'A permission is missing: give the role {1} {2} on {3}.',
    '권한이 없습니다: 역할 {1}에 권한을 부여하세요: {2}, 대상 {3}.',
  ],
  [
    'A permission is missing: give the role of the function {1} {2}.',
    '권한이 없습니다: 함수 {1}의 역할에 권한을 부여하세요: {2}.',
  ],
  ['A permission is missing: give the role {1} {2}.', '권한이 없습니다: 역할 {1}에 권한을 부여하세요: {2}.'],
  ['Read the log of {1}.', '{1} 로그를 읽으세요.'],
  ['If it names a cause, remove that.', '로그에 원인이 있으면 제거하세요.'],
  [
    'If it has no line since {1}, no event has come to it: see whether its rule is there and enabled.',
    '{1} 이후의 로그가 없으면 이벤트가 오지 않은 것입니다: 해당 규칙이 있고 켜져 있는지 확인하세요.',
  ],
  ['The same may happen again until that is mended.', '원인을 고칠 때까지 같은 일이 다시 생길 수 있습니다.'],
  ['Until then the same fails again.', '그때까지는 같은 이유로 다시 실패합니다.'],
  ['AWS itself failed: nothing of yours is to be mended.', 'AWS 자체의 오류입니다: 고칠 것은 없습니다.'],
  [
    'Deploy again; should that fail, too, the AWS Health Dashboard may say more:',
    '다시 배포하세요. 또 실패하면 AWS Health Dashboard를 확인하세요:',
  ],
  ['Then request the deployment again.', '그다음 배포를 다시 요청하세요.'],
  [
    'Upload a mended war, which is deployed by itself: the same one may well fail again.',
    '같은 war는 다시 실패합니다: 고친 war를 업로드하세요. 자동으로 배포됩니다.',
  ],
  [
    'Nothing is to be run: what the reason names cannot be tested behind, so the task cannot be deployed as it is.',
    '실행할 명령은 없습니다: 이유에 나온 것 뒤에서는 검사할 수 없으므로 이 작업은 지금 상태로 배포할 수 없습니다.',
  ],
  [
    'Leave {1} attached there: users may come in by it.',
    '{1} 그룹의 연결은 그대로 두세요: 사용자가 그곳으로 들어오고 있을 수 있습니다.',
  ],
  ['Attach {1} where it was before:', '{1} 그룹을 이전에 있던 곳에 연결하세요:'],
  [
    'A rule was disabled, which deploying the stack again may not mend.',
    '규칙이 꺼져 있으며, 스택을 다시 배포해도 켜지지 않을 수 있습니다.',
  ],
  ['Attach {1} again, as clean-up is doing:', '정리(clean-up)도 하고 있지만 {1} 그룹을 다시 연결하세요:'],
  ['Enable it:', '규칙을 켜세요:'],
  ['Tag the group as it was, then deploy again:', '그룹의 태그를 원래대로 되돌린 뒤 다시 배포하세요:'],
  [
    'No instance could be launched, so the new version was not tested: the war is not at fault.',
    '인스턴스를 시작할 수 없어 새 버전을 검사하지 못했습니다: war의 문제가 아닙니다.',
  ],
  [
    'Remove what the reason names, or wait until AWS has room; then deploy again:',
    '이유에 나온 것을 제거하거나 AWS에 여유가 생길 때까지 기다린 뒤 다시 배포하세요:',
  ],
  [
    'Remove what the reason names, or wait until AWS has room.',
    '이유에 나온 것을 제거하거나 AWS에 여유가 생길 때까지 기다리세요.',
  ],
  ['It had passed both steps, and fell ill after that.', '두 단계를 모두 통과했지만 그 뒤에 비정상이 되었습니다.'],
  [
    'The mail "Deploy Clean", or "[Success] Non-disruptive deployment" comes by {1}.',
    '"Deploy Clean" 또는 "[Success] Non-disruptive deployment" 메일이 {1}까지 옵니다.',
  ],
  ['The mail "Deploy Clean" comes by {1}.', '"Deploy Clean" 메일이 {1}까지 옵니다.'],
  [
    'What is uploaded before waits for it; any other request is refused (401).',
    '그 전에 업로드한 것은 그 메일까지 대기하며, 다른 요청은 거절됩니다(401).',
  ],
  ['The abort was not done.', '중단 요청은 실행되지 않았습니다.'],
  ['The clean was not done.', '정리 요청은 실행되지 않았습니다.'],
  ['Without what is not valid:', '유효하지 않은 것을 뺀 요청:'],
  ['It waits until the task is cleaned.', '작업이 정리될 때까지 대기합니다.'],
  [
    'Behind the clones it was healthy, behind the real load balancers not.',
    '복제본 뒤에서는 정상이었지만 실제 로드 밸런서 뒤에서는 정상이 아니었습니다.',
  ],
  [
    'Detach the left-over dummy from the Active group and delete it.',
    'Active 그룹에서 남아 있는 더미를 분리하고 삭제하세요.',
  ],
  [
    'Keep one spelling of the tag on the group; this takes the other away:',
    '그룹의 태그를 한 가지 표기만 남기세요. 다음 명령이 다른 표기를 지웁니다:',
  ],
  [
    'Free at least 8 addresses in each of {1}, or give the load balancer others:',
    '{1}: 각각 주소를 8개 이상 비우거나, 로드 밸런서에 다른 서브넷을 주세요:',
  ],
  [
    'Delete what is not used of {1}, or have AWS raise that quota.',
    '사용하지 않는 것을 삭제하거나 AWS에 할당량을 늘려 달라고 요청하세요: {1}.',
  ],
  ['These are the quotas:', '현재 할당량:'],
  [
    'Give the task exactly one group tagged type = Active and one tagged type = StandBy.',
    '작업에 type = Active 그룹 하나와 type = StandBy 그룹 하나만 두세요.',
  ],
  ['One free name is enough.', '이름 하나만 비면 됩니다.'],
  ['These are taken:', '사용 중인 이름:'],
  ['Deploy again: the next deployment tries other names.', '다시 배포하세요: 다음 배포는 다른 이름을 시도합니다.'],
  [
    'Bring what is in Standby on {1} back into service, or terminate it:',
    '{1}에서 Standby 상태인 인스턴스를 다시 서비스에 넣거나 종료하세요:',
  ],
  ['Resume what is suspended on {1}:', '{1}에서 중지된 프로세스를 다시 시작하세요:'],
  ['Wait until the instance refresh has ended, or cancel it:', '인스턴스 새로 고침이 끝나기를 기다리거나 취소하세요:'],
  [
    'Let an instance be called healthy after fewer checks, or after shorter ones; then deploy again:',
    '상태 검사 횟수나 간격을 줄여 인스턴스가 더 빨리 정상이 되게 한 뒤, 다시 배포하세요:',
  ],
  ['Take the warm pool of {1} away:', '{1}의 웜 풀을 삭제하세요:'],
  ['Upload a whole war, which is deployed by itself:', '온전한 war를 업로드하세요. 자동으로 배포됩니다:'],
  ['What the task is doing cannot be read.', '작업의 진행 기록을 읽을 수 없습니다.'],
  ['Clean it, which mends that; then request again:', '작업을 정리하면 기록이 복구됩니다. 그다음 다시 요청하세요:'],
  [
    'Nothing is to be run: the deployment ends, and cleans up, by itself.',
    '실행할 명령은 없습니다: 배포는 스스로 끝나고 정리됩니다.',
  ],
  ['To undo it now instead:', '대신 지금 되돌리려면:'],
  [
    'Nothing is to be run now: the deployment goes on, and ends by itself.',
    '지금 실행할 명령은 없습니다: 배포는 계속되고 스스로 끝납니다.',
  ],
  ['Once its mail has come, this goes back:', '종료 메일이 온 뒤 이전 버전으로 되돌리려면:'],
  ['Put the request again if it is still meant.', '아직 필요한 요청이라면 다시 보내세요.'],
  ['Clean-up stopped: {1}.', '정리(clean-up)가 멈춘 이유: {1}.'],
  ['Remove that cause.', '그 원인을 제거하세요.'],
  [
    'Remove what keeps clean-up from ending, as bluegreen status shows it.',
    'bluegreen status에 나오는, 정리(clean-up)를 막는 원인을 제거하세요.',
  ],
  [
    'Then clean the task, which takes the deployment back, or finishes it where the new version serves alone.',
    '그다음 작업을 정리하세요. 배포를 되돌리거나, 새 버전만 서비스 중이면 마무리합니다.',
  ],
  [
    'The mail that ends it says which version serves, and how to go back to the other.',
    '마지막 메일이 어느 버전이 서비스 중인지, 다른 버전으로 어떻게 가는지 알려 줍니다.',
  ],
  ['Clean the task, then request the deployment again:', '작업을 정리한 뒤 배포를 다시 요청하세요:'],
  ['What was asked for by {1} waited, and is deployed now.', '{1}의 요청이 대기하고 있었으며 지금 배포됩니다.'],
  ['What was asked for by {1} waits until the task is cleaned.', '{1}의 요청은 작업이 정리될 때까지 대기합니다.'],
  ['To deploy again:', '다시 배포하려면:'],
  [
    'To lift what is held, upload a newer war, which is deployed; or ask for the latest, held or not:',
    '보류를 풀려면 더 새로운 war를 업로드하세요. 자동으로 배포됩니다. 또는 보류 여부와 관계없이 최신 버전을 요청하세요:',
  ],
  [
    'If somebody asked for something by it: put it again with the source {1} and a detail-type that there is.',
    '누군가 이것으로 요청한 것이라면 source를 {1}로 하고 존재하는 detail-type으로 다시 보내세요.',
  ],
  ['The nearest is {1}.', '가장 가까운 것: {1}.'],
  [
    'Do not delete it now: it is healthy on {1}, and may have users. It only costs money, so this can wait.',
    '지금 삭제하지 마세요: {1}에서 정상이며 사용자가 있을 수 있습니다. 비용만 들 뿐이므로 나중에 처리해도 됩니다.',
  ],
  ['Look first whether it serves.', '먼저 서비스 중인지 확인하세요.'],
  [
    'If it serves, name it in the deployment group, so that the next deployment replaces it. If it does not, deregister its instances and wait until they are drained.',
    '서비스 중이라면 배포 그룹에 지정하여 다음 배포가 교체하게 하세요. 아니라면 인스턴스의 등록을 취소하고 연결이 다 빠지기를 기다리세요.',
  ],
  ['Make sure that nothing needs it, then delete it.', '필요한 곳이 없는지 확인한 뒤 삭제하세요.'],
  ['Delete it when it is not needed any more.', '더는 필요하지 않을 때 삭제하세요.'],
  ['Take the protection away, then delete it.', '보호를 해제한 뒤 삭제하세요.'],
  [
    'Nothing, if it is to serve: it is the fleet of the group now.',
    '서비스할 그룹이라면 할 일은 없습니다: 이제 배포 그룹의 서버군입니다.',
  ],
];

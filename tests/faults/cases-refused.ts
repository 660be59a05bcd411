/** Requests that are refused before anything is changed. */
import { CLASSIC, DENIED, type FailureCase, IDLE_TOO, request } from './failure-cases';

/** Found before anything is changed. */
export const REFUSALS: FailureCase[] = [
  {
    code: '500',
    when: 'start may not read instance refreshes',
    async provoke(scene) {
      scene.operator.failCalls('DescribeInstanceRefreshes', 'AccessDenied', DENIED);
      await request(scene);
    },
    says: [/a permission is missing that is needed to decide: User: \S+ is not authorized to perform/],
    ends: 'as before',
  },
  {
    code: '400',
    when: 'there is a second Active group',
    async provoke(scene) {
      await scene.operator.createGroup('second', { taskForDeploy: 'WAS', type: 'Active' });
      await request(scene);
    },
    says: [
      /: 2 groups are tagged Active \([^)]*\): the task WAS needs exactly one Active/,
      /was-blue, second|second, was-blue/,
      /tagged StandBy: was-green/,
    ],
    ends: 'as before',
  },
  {
    code: '400',
    when: 'somebody deleted StandBy',
    async provoke(scene) {
      await scene.operator.deleteGroup('was-green');
      await scene.world.clock.advance(300);
      await request(scene);
    },
    says: [/: no group is tagged StandBy: the task/, /tagged Active: was-blue/, /tagged StandBy: none/],
    ends: 'as before',
  },
  {
    code: '401',
    when: 'StandBy is not empty',
    async provoke(scene) {
      await scene.operator.setSize('was-green', 1, 1, 1);
      await scene.world.clock.advance(120);
      await request(scene);
    },
    says: [/StandBy group was-green is not empty \(desired 1, instances 1\)/],
    ends: 'as before',
  },
  {
    code: '402',
    when: 'the requested version does not exist',
    provoke: (scene) => request(scene, { versions: 'a'.repeat(32) }),
    says: [/key\(app\.war\) versionId\(a{32}\) does not exist/],
    ends: 'as before',
  },
  {
    code: '402',
    when: 'the uploaded war is no zip',
    async provoke({ world }) {
      await world.uploadBytes('app.war', 'no war');
    },
    says: [/key\(app\.war\) versionId\(\S+\) is not a war: not a zip/, /upload of app\.war/],
    ends: 'as before',
  },
  {
    code: '402',
    when: 'a tag names a bucket that is not one of the stack’s',
    async provoke(scene) {
      await scene.operator.tag('was-blue', 'bucket', 'elsewhere');
      await request(scene);
    },
    says: [/the tag bucket of was-blue is elsewhere, which is not one of the stack's war buckets/],
    ends: 'as before',
  },
  {
    code: '403',
    when: 'Active is attached to nothing',
    async provoke(scene) {
      await scene.operator.detach('was-blue', scene.world.fleet.targetGroupArns);
      await scene.world.clock.advance(60);
      await request(scene);
    },
    says: [/was-blue \(Active\) is attached to no load balancer and no target group/],
    ends: 'as before',
  },
  {
    code: '404',
    when: 'Active is on a dummy Classic Load Balancer',
    async provoke(scene) {
      await scene.operator.createClassic('deploycheck-left');
      await scene.operator.attachClassic('was-blue', ['deploycheck-left']);
      await request(scene);
    },
    says: [/was-blue \(Active\) is attached to the dummy load balancer deploycheck-left/],
    ends: 'as before',
  },
  {
    code: '405',
    when: 'Active is on a dummy target group',
    async provoke(scene) {
      await scene.operator.attach('was-blue', [await scene.operator.addTargetGroup('deploycheck-left')]);
      await request(scene);
    },
    says: [/was-blue \(Active\) is attached to the dummy target group deploycheck-left/],
    ends: 'as before',
  },
  {
    code: '406',
    when: 'Active names a Classic Load Balancer that somebody deleted',
    fleet: CLASSIC,
    async provoke(scene) {
      await scene.operator.deleteClassic('was-web');
      await request(scene);
    },
    says: [/was-blue \(Active\) names the load balancer was-web, which does not exist/],
    ends: 'as before',
  },
  {
    code: '408',
    when: 'Active names a target group that somebody deleted',
    fleet: IDLE_TOO,
    async provoke(scene) {
      const [, idle = ''] = scene.world.fleet.targetGroupArns;
      await scene.operator.deleteTargetGroup(idle);
      await request(scene);
    },
    says: [/was-blue \(Active\) names the target group arn:aws:\S+, which does not exist/],
    ends: 'as before',
  },
  {
    code: '413',
    when: 'a target group of Active speaks what no clone can listen to',
    async provoke(scene) {
      scene.operator.answerDifferently('DescribeTargetGroups', (answer) => {
        for (const targetGroup of answer.TargetGroups as { Protocol: string }[]) targetGroup.Protocol = 'GENEVE';
      });
      await request(scene);
    },
    says: [/a copy of each target group, and of was-web-1 \(protocol GENEVE\) none can be made/],
    ends: 'as before',
  },
  {
    code: '414',
    when: 'the request names more versions than there are wars',
    provoke: (scene) => request(scene, { versions: 'v1,v2,v3' }),
    says: [/3 versions for 1 war slot$/m],
    ends: 'as before',
  },
  {
    code: '415',
    when: 'Launch is suspended on StandBy',
    async provoke(scene) {
      await scene.operator.suspend('was-green', ['Launch']);
      await request(scene);
    },
    says: [/on the StandBy group was-green is suspended: Launch/],
    ends: 'as before',
  },
];

/** Deployments whose clean-up stops and asks: every answer that it has for an operator. */
import { AutoScalingClient, PutScheduledUpdateGroupActionCommand } from '@aws-sdk/client-auto-scaling';
import { AwsError, type Call } from '../../local/kernel/service';
import { isInvocationCaller } from '../../local/services/lambda/environment';
import type { Operator } from '../harness/operator';
import type { World, WorldOptions } from '../harness/world';

export type Choice = 'keep' | 'back';

export interface Scene {
  world: World;
  operator: Operator;
  /** Takes away what was denied. */
  allow(): void;
}

export interface BlockedCase {
  when: string;
  fleet?: WorldOptions['fleet'];
  /** Brings a deployment so far that clean-up stops. */
  provoke(scene: Scene): Promise<unknown>;
  /** The ways that there are to free it. */
  choices: Choice[];
  /** What has to be well for this way, as the mail says, and is not by itself. */
  mend?(scene: Omit<Scene, 'allow'>, choice: Choice): Promise<unknown>;
  /** Takes the cause away, but for what was denied. */
  cure?(scene: Omit<Scene, 'allow'>): Promise<unknown>;
  /** What a comment asks for that no command does. */
  helpByHand?(scene: Omit<Scene, 'allow'>, line: string): Promise<unknown>;
}

/** Until `allow`. */
function deny(scene: Scene, isMeant: (call: Call & { of: string }) => boolean): void {
  let isDenied = true;
  scene.allow = () => {
    isDenied = false;
  };
  scene.world.aws.endpoint.intercept(async (call, proceed) => {
    const of = (isInvocationCaller(call.caller) && call.caller.invocation?.function) || '';
    if (!isDenied || of === '' || !isMeant({ ...call, of })) return proceed();
    throw new AwsError('AccessDenied', 'denied', 403);
  });
}

async function deployUntil({ world }: Scene, event: string): Promise<void> {
  await world.upload('app.war', { version: '2' });
  await world.until(event);
}

/** An ill instance stays: the groups do not ask the load balancers. */
const UNATTENDED: WorldOptions['fleet'] = { healthCheckType: 'EC2' };

export const BLOCKED: BlockedCase[] = [
  {
    when: 'retire may not change the size of a group (T009)',
    choices: ['keep', 'back'],
    async provoke(scene) {
      await deployUntil(scene, 'Swapped');
      deny(scene, ({ operation, of }) => operation === 'UpdateAutoScalingGroup' && of === 'retire');
    },
  },
  {
    when: 'retire may not change the size of a group whose instances are protected',
    choices: ['keep', 'back'],
    fleet: { areProtected: true },
    async provoke(scene) {
      await deployUntil(scene, 'Swapped');
      deny(
        scene,
        ({ operation, of }) =>
          of === 'retire' && /^(UpdateAutoScalingGroup|SetInstanceProtection|ResumeProcesses)$/.test(operation),
      );
    },
  },
  {
    when: 'swap may not write the tags (T010)',
    choices: ['keep', 'back'],
    async provoke(scene) {
      await deployUntil(scene, 'Step2Passed');
      deny(scene, ({ operation, of }) => operation === 'CreateOrUpdateTags' && of === 'swap');
    },
  },
  {
    when: 'swap may not move the scheduled actions',
    choices: ['keep', 'back'],
    async provoke(scene) {
      const action = { ScheduledActionName: 'at "night"', Recurrence: '0 3 * * *', MinSize: 2 };
      const command = new PutScheduledUpdateGroupActionCommand({ AutoScalingGroupName: 'was-blue', ...action });
      await scene.world.clock.run(new AutoScalingClient(scene.world.aws.operator).send(command));
      await deployUntil(scene, 'Step2Passed');
      deny(scene, ({ operation, of }) => operation === 'PutScheduledUpdateGroupAction' && of === 'swap');
    },
  },
  {
    when: 'Active is deleted while it drains',
    choices: ['keep'],
    async provoke(scene) {
      await deployUntil(scene, 'Step2Passed');
      await scene.world.until('CheckPending', { after: scene.world.events.length });
      await scene.operator.deleteGroup('was-blue');
    },
    mend: (scene) => makeAnother(scene, 'was-red', 'StandBy'),
    cure: (scene) => makeAnother(scene, 'was-blue', 'Active'),
  },
  {
    when: 'Active falls ill, and only StandBy is healthy',
    choices: ['keep', 'back'],
    fleet: UNATTENDED,
    async provoke(scene) {
      await deployUntil(scene, 'RealAttached');
      await scene.operator.setHealth('was-blue', 503);
      const [ill = ''] = await scene.operator.instanceIds('was-green');
      scene.world.instances.setHealth(ill, 503);
    },
    mend: ({ operator }, choice) => operator.setHealth(choice === 'back' ? 'was-blue' : 'was-green', 200),
    cure: ({ operator }) => operator.setHealth('was-blue', 200),
  },
  {
    when: 'the new version falls ill once Active is at 0/0/0',
    choices: ['keep', 'back'],
    fleet: UNATTENDED,
    async provoke(scene) {
      await deployUntil(scene, 'Swapped');
      deny(scene, ({ operation, of }) => operation === 'ResumeProcesses' && of === 'retire');
      await scene.world.until('Failed');
      await scene.operator.setHealth('was-green', 503);
    },
    async mend({ operator }, choice) {
      if (choice === 'keep') await operator.setHealth('was-green', 200);
    },
    cure: ({ operator }) => operator.setHealth('was-green', 200),
  },
  {
    when: 'the new version falls ill once Active is at 0/0/0, and nobody can mend it',
    choices: ['keep', 'back'],
    fleet: UNATTENDED,
    async provoke(scene) {
      await deployUntil(scene, 'Swapped');
      deny(scene, ({ operation, of }) => operation === 'ResumeProcesses' && of === 'retire');
      await scene.world.until('Failed');
      const [ill = ''] = await scene.operator.instanceIds('was-green');
      scene.world.instances.setHealth(ill, 503);
    },
    cure: ({ operator }) => operator.setHealth('was-green', 200),
  },
  {
    when: 'a load balancer is deleted once Active is at 0/0/0',
    choices: ['keep', 'back'],
    fleet: {
      loadBalancers: [
        { kind: 'application', way: 'traffic-source', isAcrossZones: true, targetGroups: [{ protocol: 'HTTP' }] },
        { kind: 'classic', way: 'traffic-source', isAcrossZones: true, targetGroups: [] },
        { kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] },
      ],
    },
    async provoke(scene) {
      await deployUntil(scene, 'Swapped');
      deny(scene, ({ operation, of }) => operation === 'ResumeProcesses' && of === 'retire');
      await scene.world.until('Failed');
      await scene.operator.deleteClassic('was-web-3');
    },
    cure: ({ operator }) => operator.detachClassic('was-green', ['was-web-3']),
  },
  {
    when: 'StandBy serves in place of Active, and nobody has deployed',
    choices: ['keep', 'back'],
    fleet: { minimum: 2 },
    async provoke({ world, operator }) {
      const { targetGroupArns } = world.fleet;
      await operator.setSize('was-green', 2, 2, 4);
      await operator.attach('was-green', targetGroupArns);
      await world.clock.advance(300);
      await operator.detach('was-blue', targetGroupArns);
      await world.clock.advance(300);
      await world.put('CleanRequested', { task: 'WAS' });
    },
    cure: ({ world, operator }) => operator.attach('was-blue', world.fleet.targetGroupArns),
  },
  {
    when: 'clean-up may not take StandBy to 0/0/0 (T012)',
    choices: ['keep', 'back'],
    async provoke(scene) {
      await deployUntil(scene, 'RealAttached');
      await scene.operator.setHealth('was-green', 503);
      deny(scene, ({ operation, of }) => operation === 'UpdateAutoScalingGroup' && of === 'clean-up');
    },
    async mend({ operator }, choice) {
      if (choice === 'keep') await operator.setHealth('was-green', 200);
    },
  },
  {
    when: 'clean-up dies whenever it changes a size',
    choices: ['back'],
    async provoke(scene) {
      const { aws } = scene.world;
      await deployUntil(scene, 'RealAttached');
      await scene.operator.setHealth('was-green', 503);
      deny(scene, ({ operation, of, caller }) => {
        const isMeant = operation === 'UpdateAutoScalingGroup' && of === 'clean-up';
        if (isMeant && isInvocationCaller(caller) && caller.invocation) aws.lambda.kill(caller.invocation);
        return isMeant;
      });
    },
  },
];

async function makeAnother(
  { world, operator }: Omit<Scene, 'allow'>,
  name: string,
  type: 'Active' | 'StandBy',
): Promise<void> {
  const { Tags = [] } = await world.group('was-green');
  const tags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  await operator.createGroup(name, { ...tags, type });
}

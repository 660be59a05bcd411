/**
 * What happens to deployments, as widely as the permissions of the functions reach: a permission that none of these runs
 * needs is one that no function needs. Whoever grants a new one adds a run that needs it.
 */
import {
  AutoScalingClient,
  PutScheduledUpdateGroupActionCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AwsError, type Call } from '../../../local/kernel/service';
import { throttlingOf } from '../../../local/kernel/throttle';
import { isInvocationCaller } from '../../../local/services/lambda/environment';
import { eventsInto, FLOW, STAGES } from '../../../shared/pipeline/flow';
import { CodeDeployFleet } from '../../harness/codedeploy-fleet';
import { Operator } from '../../harness/operator';
import { makeLoadBalancer } from '../../harness/other-load-balancer';
import { protectLoadBalancers } from '../../harness/protection';
import { World, type WorldOptions } from '../../harness/world';

/** Every kind of load balancer in each way. */
const WIDE: WorldOptions = {
  parameters: { CheckIntervalSeconds: '20' },
  provisioningSeconds: 140,
  settings: { elasticLoadBalancingV2: { networkRegistrationSeconds: 20 } },
  fleet: {
    instances: 1,
    areProtected: true,
    healthCheckIntervalSeconds: 10,
    deregistrationDelaySeconds: 60,
    loadBalancers: [
      {
        kind: 'application',
        way: 'direct',
        isAcrossZones: true,
        targetGroups: [{ protocol: 'HTTP' }, { protocol: 'HTTPS', protocolVersion: 'HTTP2' }],
      },
      { kind: 'network', way: 'traffic-source', isAcrossZones: true, targetGroups: [{ protocol: 'TCP' }] },
      { kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] },
      { kind: 'classic', way: 'traffic-source', isAcrossZones: true, targetGroups: [] },
    ],
  },
};

const WAR = 'app1.war';

/** What the stages of the plain chain tell, in their order. */
const HANDED_ON_BY = new Set(STAGES.flatMap((name) => Object.keys(FLOW[name].passes)));
const TOLD_BY_STAGES = ['Started', ...HANDED_ON_BY, 'Completed'];

/** By name; each answers once everything is over. */
export const runs: Record<string, (watch: (world: World) => void) => Promise<void>> = {
  'an upload deploys while Active grows and another upload waits; the next one’s old group is attached anew; rollbacks':
    async (watch) => {
      const world = await wideWorld(watch, 9);
      await world.upload(WAR, { version: '2' });
      await world.until('DummyAttached');
      await world.upload('app2.war', { version: '2' });
      await world.until('RealAttached');
      await new Operator(world).setDesiredCapacity(world.fleet.activeGroup, 2);
      await world.until('Completed');
      await world.until('Swapped', { after: world.events.length });
      await new Operator(world).createClassic('was-added');
      await new Operator(world).attachClassic(world.fleet.standByGroup, ['was-added']); // which served until now
      await world.until('Completed', { after: world.events.length });
      await new Operator(world).detachClassic(world.fleet.activeGroup, ['was-added']); // whose checks take minutes
      await world.clock.advance(400);
      await world.put('DeployRequested', { task: 'WAS', versions: world.fleet.versionIds.join(',') });
      await world.until('Completed', { after: world.events.length });
      await world.put('DeployRequested', { task: 'WAS', versions: 'n'.repeat(32) });
      await world.until('Refused', { after: world.events.length });
      await world.clock.advance(300);
    },

  'there are more target groups than are looked at': async (watch) => {
    const world = await wideWorld(watch);
    const targetGroups = Array.from({ length: 67 }, () => ({ protocol: 'HTTP' as const }));
    for (const name of ['one', 'two', 'three']) await makeLoadBalancer(world, { name, targetGroups });
    await world.upload(WAR, { version: '2' });
    await world.until('Completed');
  },

  'an instance of Active is held, and does not come into service': async (watch) => {
    const world = await wideWorld(watch);
    const operator = new Operator(world);
    await operator.putLaunchHook(world.fleet.activeGroup, 'held');
    await world.upload(WAR, { version: '2' });
    await world.until('DummyAttached');
    await operator.setSize(world.fleet.activeGroup, 1, 2, 9);
    await world.until('RealAttached');
    await world.clock.advance(1800);
  },

  'an upload waits while the deployment fails': async (watch) => {
    const world = await wideWorld(watch);
    await world.upload(WAR, { health: '500' });
    await world.until('DummyAttached');
    await world.upload(WAR, { health: '500 again' });
    await world.until('Cleaned');
    await world.until('Cleaned', { after: world.events.length });
  },

  'a lifecycle hook holds what is launched, in step 1 and in step 2': async (watch) => {
    const world = await wideWorld(watch);
    const operator = new Operator(world);
    const { standByGroup } = world.fleet;
    await world.upload(WAR, { version: '2' });
    await world.until('RealAttached');
    await operator.putLaunchHook(standByGroup, 'install-agent');
    await operator.setDesiredCapacity(standByGroup, 3);
    await world.until('Cleaned');
    await world.upload(WAR, { version: '3' });
    await world.until('Cleaned', { after: world.events.length });
  },

  'Active is at 0, as its schedule has it, and StandBy has another launch template': async (watch) => {
    const world = await World.quick();
    watch(world);
    const evening = { AutoScalingGroupName: world.fleet.activeGroup, MinSize: 0, DesiredCapacity: 0 };
    const due = { StartTime: new Date(world.clock.now().getTime() + 120_000) };
    const command = new PutScheduledUpdateGroupActionCommand({ ScheduledActionName: 'evening', ...evening, ...due });
    await world.clock.run(new AutoScalingClient(world.aws.operator).send(command));
    await world.clock.advance(300);
    const other = { LaunchTemplate: { LaunchTemplateName: 'tomcat', Version: '1' } };
    const change = { AutoScalingGroupName: world.fleet.standByGroup, ...other };
    const differing = new UpdateAutoScalingGroupCommand(change); // which is asked for, since nothing runs
    await world.clock.run(new AutoScalingClient(world.aws.operator).send(differing));
    await world.upload('app.war', { version: '2' });
    await world.until('Completed');
  },

  'a war that is ill behind the real load balancers': async (watch) => {
    const world = await wideWorld(watch);
    await world.upload(WAR, { version: '2' });
    await world.until('RealAttached');
    await fallIll(world);
    await world.until('Cleaned');
  },

  'StandBy falls ill for a moment before Active is detached, and for good while it drains': async (watch) => {
    const world = await wideWorld(watch);
    await world.upload(WAR, { version: '2' });
    await world.until('Step2Passed');
    await new Operator(world).attach(world.fleet.activeGroup, [await new Operator(world).addTargetGroup('was-added')]);
    await world.until('RealAttached', { after: world.events.length });
    await world.until('Step2Passed', { after: world.events.length });
    await fallIllWhileDraining(world);
    await world.until('Cleaned');
  },

  'StandBy falls ill while Active drains, and swap cannot attach Active again': async (watch) => {
    const world = await wideWorld(watch);
    await world.upload(WAR, { version: '2' });
    await world.until('Step2Passed');
    await replaceOne(world, world.fleet.standByGroup); // which step 2 has not passed with
    await world.until('Step2Passed', { after: world.events.length });
    const isAttaching = (call: Call) => call.operation.startsWith('Attach') && isOf(call.caller, 'swap');
    const stop = refuse(world, isAttaching, 'AccessDenied', 403);
    await fallIllWhileDraining(world);
    await world.until('Cleaned');
    stop();
  },

  'StandBy is attached where users are, before and in step 1': async (watch) => {
    const world = await wideWorld(watch);
    const attach = async () => {
      for (const one of world.fleet.attachments) await new Operator(world).attachAs(world.fleet.standByGroup, one);
    };
    await attach();
    await world.upload(WAR, { version: '2' });
    await world.until('DummyAttached');
    await attach();
    await world.until('Cleaned');
  },

  'a call is refused for good: in start, attach-real, swap and retire': async (watch) => {
    const world = await wideWorld(watch);
    const refused = [
      ['start', 'CreateTargetGroup'],
      ['attach-real', 'SuspendProcesses'],
      ['swap', 'CreateOrUpdateTags'],
      ['retire', 'SetInstanceProtection'],
    ] as const;
    for (const [index, [stage, operation]] of refused.entries()) {
      const stop = refuse(
        world,
        (call) => call.operation === operation && isOf(call.caller, stage),
        'AccessDenied',
        403,
      );
      await world.upload(WAR, { version: String(index) });
      await world.until('Failed', { after: world.events.length });
      stop();
      await world.clock.advance(1800);
    }
  },

  'an operator aborts, asks to clean, and asks for what cannot be': async (watch) => {
    const world = await wideWorld(watch);
    await world.put('AbortRequested', { task: 'WAS' });
    await world.until('Refused');
    await world.clock.advance(30); // what is put within seconds may have been what it meant
    await world.upload(WAR, { version: '2' });
    await world.until('DummyAttached');
    await world.put('AbortRequested', { task: 'WAS' });
    await world.until('Cleaned', { after: world.events.length });
    await world.put('CleanRequested', { task: 'WAS' });
    await world.until('Cleaned', { after: world.events.length });
    await world.put('AbortRequested', { task: 'NOPE' });
    await world.clock.advance(300);
  },

  'a record is damaged, and deleted, and cleaned': async (watch) => {
    const world = await wideWorld(watch);
    await world.upload(WAR, { version: '2' });
    await world.until('DummyAttached');
    const s3 = new S3Client(world.aws.operator);
    const record = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json' };
    await world.clock.run(s3.send(new PutObjectCommand({ ...record, Body: 'no record' })));
    await world.put('CleanRequested', { task: 'WAS' });
    await world.until('Cleaned');
    await world.clock.run(s3.send(new DeleteObjectCommand(record)));
    await world.put('DeployRequested', { task: 'WAS' });
    await world.until('Refused');
  },

  'every stage is told of a deployment that it does not know, or cannot read': async (watch) => {
    const world = await wideWorld(watch);
    await tellEveryStage(world);
    const stop = refuse(world, (call) => call.service === 's3');
    await tellEveryStage(world);
    stop();
  },

  'what a stage has to tell is told by clean-up, when the stage has crashed': async (watch) => {
    const world = await wideWorld(watch);
    await world.upload(WAR, { version: '2' });
    for (const detailType of TOLD_BY_STAGES) await onlyToldBy('clean-up', world, detailType);
  },

  'what nobody else gets to tell is told by the watchdog': async (watch) => {
    const world = await wideWorld(watch);
    await world.upload(WAR, { version: '2' });
    for (const detailType of ['CheckPending', ...TOLD_BY_STAGES]) await onlyToldBy('watchdog', world, detailType);
    await world.clock.advance(900);
    await world.upload(WAR, { health: '500' });
    await world.until('DummyAttached', { after: world.events.length });
    await world.upload(WAR, { health: '500 again' });
    for (const detailType of ['Failed', 'Cleaned']) await onlyToldBy('watchdog', world, detailType);
    await world.until('Cleaned', { after: world.events.length });
    await world.uploadBytes(WAR, 'no zip');
    await onlyToldBy('watchdog', world, 'Refused');
  },

  'clones that account automation protects from deletion': async (watch) => {
    const world = await wideWorld(watch);
    await protectLoadBalancers(world);
    await world.upload(WAR, { version: '2' });
    await world.until('Completed');
    await world.upload(WAR, { health: '500' });
    await world.until('Cleaned');
    await world.upload(WAR, { version: '3' });
    await world.until('DummyAttached', { after: world.events.length });
    const record = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json' };
    await world.clock.run(new S3Client(world.aws.operator).send(new DeleteObjectCommand(record)));
    await world.clock.advance(4800);
  },

  'the clones of a deployment that has lost its record': async (watch) => {
    const world = await wideWorld(watch);
    await world.upload(WAR, { version: '2' });
    await world.until('DummyAttached');
    const record = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json' };
    await world.clock.run(new S3Client(world.aws.operator).send(new DeleteObjectCommand(record)));
    await world.clock.advance(4800);
  },

  'a record that clean-up mends, and that start meets before': async (watch) => {
    const world = await wideWorld(watch);
    await world.upload(WAR, { version: '2' });
    await world.until('DummyAttached');
    const damaged = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json', Body: '{}' };
    await world.clock.run(new S3Client(world.aws.operator).send(new PutObjectCommand(damaged)));
    await world.put('CleanRequested', { task: 'WAS' });
    await world.until('Cleaned');
    const record = { Bucket: damaged.Bucket, Key: damaged.Key };
    await world.clock.run(new S3Client(world.aws.operator).send(new DeleteObjectCommand(record)));
    await world.put('DeployRequested', { task: 'WAS' });
    await world.until('Refused');
  },

  'a record that nobody can read': async (watch) => {
    const world = await wideWorld(watch);
    const record = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/DAMAGED.json', Body: '' };
    await world.clock.run(new S3Client(world.aws.operator).send(new PutObjectCommand(record)));
    await world.clock.advance(400);
  },

  'the end of a deployment is told by the next one': async (watch) => {
    const completed = await wideWorld(watch);
    await completed.upload(WAR, { version: '2' });
    await completed.until('Swapped');
    await keepUntold(completed, 'Completed');
    await completed.upload(WAR, { version: '3' });
    await completed.until('Started', { after: completed.events.length });

    const cleaned = await wideWorld(watch);
    await cleaned.upload(WAR, { health: '500' });
    await cleaned.until('DummyAttached');
    await cleaned.upload('app2.war', { version: '2' });
    await cleaned.until('Failed');
    await keepUntold(cleaned, 'Cleaned');
    await cleaned.upload(WAR, { version: '3' });
    await cleaned.until('Started', { after: cleaned.events.length });

    const refused = await wideWorld(watch);
    await refused.uploadBytes(WAR, 'no zip');
    await keepUntold(refused, 'Refused', 1700); // the watchdog looks later
    await refused.put('CleanRequested', { task: 'WAS' });
    await refused.until('Cleaned', { after: refused.events.length });
  },

  'the new version falls ill after the tags are swapped': async (watch) => {
    const world = await wideWorld(watch);
    await world.upload(WAR, { version: '2' });
    await world.until('Swapped');
    const letRetire = refuse(world, ({ caller }) => isOf(caller, 'retire'));
    await fallIll(world);
    await world.clock.advance(50);
    letRetire();
    await world.until('Cleaned');
  },

  'uploads, mails and rounds of the watchdog that cannot be handled': async (watch) => {
    const world = await wideWorld(watch);
    const stop = refuse(world, ({ caller }) => /^(WarUploaded|Notify|Watchdog)Role$/.test(caller.principal));
    await world.upload(WAR, { version: '2' });
    await world.put('DeployRequested', { task: 'NOPE' });
    await world.clock.advance(900);
    stop();
  },

  'uploads and looks are throttled, and put back': async (watch) => {
    const world = await wideWorld(watch);
    const stop = world.aws.endpoint.intercept((call, proceed) => {
      if (call.service !== 'auto-scaling' || !isInvocationCaller(call.caller)) return proceed();
      throw throttlingOf(call.service);
    });
    await world.upload(WAR, { version: '2' });
    await world.put('DeployRequested', { task: 'WAS' });
    await world.clock.advance(300);
    stop();
    await world.until('Completed');
  },

  'CodeDeploy deployments fail: one leaves its copy, one cannot be looked into': async (watch) => {
    const world = await wideWorld(watch);
    const [name = ''] = world.fleet.targetGroupArns.map((arn) => arn.split('/')[1] ?? '');
    const classic = world.fleet.attachments.filter(({ kind }) => kind === 'classic');
    const codeDeployFleet = await CodeDeployFleet.open(world, {
      loadBalancerInfo: {
        targetGroupInfoList: [{ name }],
        elbInfoList: classic.map(({ identifier }) => ({ name: identifier })),
      },
    });
    await codeDeployFleet.fail();
    refuse(world, ({ operation }) => operation === 'GetDeployment');
    await codeDeployFleet.fail();
    await world.clock.advance(900);
  },
};

/** The first run has as many wars as there can be; two do for the others. */
async function wideWorld(watch: (world: World) => void, wars = 2): Promise<World> {
  const warKeys = Array.from({ length: wars }, (_, index) => `app${index + 1}.war`);
  const world = await World.quick({ ...WIDE, fleet: { ...WIDE.fleet, warKeys } });
  watch(world);
  const nightly = new PutScheduledUpdateGroupActionCommand({
    AutoScalingGroupName: world.fleet.activeGroup,
    ScheduledActionName: 'nightly',
    Recurrence: '0 22 * * *',
    MinSize: 1,
  });
  await world.clock.run(new AutoScalingClient(world.aws.operator).send(nightly));
  return world;
}

async function replaceOne(world: World, groupName: string): Promise<void> {
  const [InstanceId] = await new Operator(world).instanceIds(groupName);
  const command = new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: false });
  await world.clock.run(new AutoScalingClient(world.aws.operator).send(command));
}

/** The new version of the running deployment no longer answers, and its group does not replace it. */
async function fallIll(world: World): Promise<void> {
  const operator = new Operator(world);
  const [started] = world.events.filter((event) => event['detail-type'] === 'Started').slice(-1);
  const newGroup =
    started?.detail.oldGroup === world.fleet.activeGroup ? world.fleet.standByGroup : world.fleet.activeGroup;
  await operator.suspend(newGroup, ['HealthCheck']);
  await operator.setHealth(newGroup, 500);
}

/** Once Active is detached from everything. */
async function fallIllWhileDraining(world: World): Promise<void> {
  await world.until('CheckPending', { after: world.events.length });
  await fallIll(world);
}

/** Lets calls fail that the functions themselves make; the returned function lets them succeed again. */
function refuse(world: World, isMeant: (call: Call) => boolean, code = 'InternalFailure', status = 500): () => void {
  return world.aws.endpoint.intercept(async (call, proceed) => {
    if (!isInvocationCaller(call.caller) || !isMeant(call)) return proceed();
    throw new AwsError(code, 'not now', status);
  });
}

async function tellEveryStage(world: World): Promise<void> {
  const detail = { task: 'NOPE', deploymentId: 'none', seq: 1 };
  for (const stage of STAGES) {
    for (const event of eventsInto(stage)) await world.put(event, { ...detail, next: stage });
  }
  await world.put('CleanRequested', detail);
  await world.put('CheckDue', { ...detail, stage: 'start' });
  await world.clock.advance(900);
}

/** Whoever else has this to tell fails as often as it tries. */
async function onlyToldBy(functionName: string, world: World, detailType: string): Promise<void> {
  const after = world.events.length;
  const listen = refuse(world, (call) => tells(call, detailType) && !isOf(call.caller, functionName));
  await world.until(detailType, { after });
  listen();
}

/** Nobody gets to tell this event for as long as it is tried. */
async function keepUntold(world: World, detailType: string, seconds = 1800): Promise<void> {
  const listen = refuse(world, (call) => tells(call, detailType));
  await world.clock.advance(seconds);
  listen();
}

function tells({ input }: Call, detailType: string): boolean {
  const entries = (input.Entries ?? []) as { DetailType?: string }[];
  return entries.some(({ DetailType }) => DetailType === detailType);
}

function isOf(caller: Call['caller'], stage: string): boolean {
  return isInvocationCaller(caller) && caller.invocation?.function === stage;
}

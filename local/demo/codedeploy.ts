/** `npm run demo -- --codedeploy`: failed CodeDeploy deployments leave copies behind; one goes, the one that serves stays. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
} from '@aws-sdk/client-codedeploy';
import type { RealClock } from '../kernel/clock';
import { until } from './follow';
import type { Screen } from './screen';
import { openSite, type Site } from './site';

const NAMES = { applicationName: 'was', deploymentGroupName: 'was-web' };
const LIMIT_SECONDS = 120;
/** So that one sees users being served after everything. */
const AFTER_SECONDS = 3;

export interface Episode {
  deploymentId: string;
  /** The copied group. */
  copy: string;
  outcome: 'deleted' | 'kept';
  /** Of the mail. */
  subject: string;
  requests: number;
  failedRequests: number;
}

export interface Result {
  unused: Episode;
  serving: Episode;
  /** What was unused is deleted, what serves is kept, and no request failed. */
  isAsExpected: boolean;
}

export async function playCodeDeploy(screen: Screen, clock: RealClock): Promise<Result> {
  screen.paragraphs(
    [
      'CodeDeploy deploys to a fleet by copying its Auto Scaling group. A deployment that',
      'fails leaves the copy behind, which costs money. Instances, load balancers and',
      'users are real, on 127.0.0.1; CodeDeploy is the one of the embedded AWS.',
    ].join('\n'),
  );
  screen.heading('The fleet comes up with version 1');
  const site = await openSite(screen, clock, { acceptable: new Set(['1']), tomcat: false });
  try {
    await createDeploymentGroup(site);
    site.aws.eventBridge.onEvent(({ source, detail }) => {
      if (source === 'aws.codedeploy') screen.line('event', `CodeDeploy ${detail.state}  ${detail.deploymentId}`);
    });
    screen.heading('A deployment fails before any user meets its copy');
    const unused = await failedDeployment(screen, site, 'installation');
    screen.heading('A deployment is marked Failed, although its copy serves');
    const serving = await failedDeployment(screen, site, 'deregistration');
    const hasFailed = unused.failedRequests + serving.failedRequests > 0;
    const isAsExpected = unused.outcome === 'deleted' && serving.outcome === 'kept' && !hasFailed;
    return { unused, serving, isAsExpected };
  } finally {
    site.close();
  }
}

/** Behind every load balancer of the fleet, with its serving group as the one to copy. */
async function createDeploymentGroup({ aws, fleet }: Site): Promise<void> {
  const client = new CodeDeployClient(aws.operator);
  await client.send(new CreateApplicationCommand({ applicationName: NAMES.applicationName }));
  const named = (wanted: 'classic' | 'target-group') =>
    fleet.attachments
      .filter(({ kind }) => kind === wanted)
      .map(({ identifier }) => ({ name: wanted === 'classic' ? identifier : identifier.split('/')[1] }));
  await client.send(
    new CreateDeploymentGroupCommand({
      ...NAMES,
      serviceRoleArn: `arn:aws:iam::${aws.accountId}:role/CodeDeploy`,
      autoScalingGroups: [fleet.activeGroup],
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      blueGreenDeploymentConfiguration: { greenFleetProvisioningOption: { action: 'COPY_AUTO_SCALING_GROUP' } },
      loadBalancerInfo: { targetGroupInfoList: named('target-group'), elbInfoList: named('classic') },
    }),
  );
}

/** Until the mail about its copy has come, and a deleted one is gone. */
async function failedDeployment(
  screen: Screen,
  { clock, aws, prober }: Site,
  fault: 'installation' | 'deregistration',
): Promise<Episode> {
  const tally = prober.startTally();
  const mailsBefore = aws.sns.mails.length;
  aws.codeDeploy.setFault(NAMES.deploymentGroupName, fault);
  screen.line('you', 'aws deploy create-deployment');
  const created = await new CodeDeployClient(aws.operator).send(new CreateDeploymentCommand(NAMES));
  const deploymentId = created.deploymentId ?? '';
  const copy = `CodeDeploy_${NAMES.deploymentGroupName}_${deploymentId}`;
  const mail = () => aws.sns.mails.slice(mailsBefore).find(({ subject }) => subject?.includes('CodeDeploy Clean'));
  await until(clock, () => mail() !== undefined, LIMIT_SECONDS, 'no mail about the copy has come');
  const subject = mail()?.subject ?? '';
  const isDeleted = subject.startsWith('[Success]');
  if (isDeleted) await until(clock, async () => !(await exists(aws, copy)), LIMIT_SECONDS, 'the copy is still there');
  await clock.sleep(AFTER_SECONDS);
  const outcome = (await exists(aws, copy)) ? 'kept' : 'deleted';
  screen.line('requests', `${tally.sent.toLocaleString('en')} sent, ${tally.failed.toLocaleString('en')} failed`);
  return { deploymentId, copy, outcome, subject, requests: tally.sent, failedRequests: tally.failed };
}

async function exists(aws: Site['aws'], name: string): Promise<boolean> {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  return ((await new AutoScalingClient(aws.operator).send(command)).AutoScalingGroups ?? []).length > 0;
}

export function codeDeploySummary({ unused, serving }: Result): string {
  const lines = ({ deploymentId, copy, outcome, requests, failedRequests }: Episode) =>
    [
      `  ${deploymentId}: the copy was ${outcome}`,
      `  ${copy}`,
      `  ${requests.toLocaleString('en')} requests sent, ${failedRequests} failed`,
    ].join('\n');
  return ['Failed before any user met the copy', lines(unused), '', 'Failed, but serves', lines(serving)].join('\n');
}

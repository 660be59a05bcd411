/** What the demo plays: an upload is followed until it serves, then one event rolls back. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { uploadWar } from '../example/fleet';
import type { RealClock } from '../kernel/clock';
import { follow, type Part } from './follow';
import type { Options } from './options';
import type { Screen } from './screen';
import { DURATIONS, openSite, type Site, WAR_KEYS } from './site';

export interface Result {
  deployment: Part;
  /** Only after a deployment that completed. */
  rollback?: Part;
  /** The outcomes are the expected ones, no request failed, and nothing is left over. */
  isAsExpected: boolean;
}

const STATUS_SECONDS = { terminal: 0.5, plain: 2 };
/** So that one sees the first version serve before anything happens. */
const BEFORE_SECONDS = 1;
const NEW_VERSION = '2';
const BROKEN_VERSION = 'broken';
/** So that a Tomcat answers its health check with 500, too, which else serves any entry. */
const BROKEN_ENTRIES = {
  health: '500 broken',
  'broken.jsp': '<% response.sendError(500); %>',
  'WEB-INF/web.xml': `<web-app version="3.0">
  <servlet><servlet-name>broken</servlet-name><jsp-file>/broken.jsp</jsp-file></servlet>
  <servlet-mapping><servlet-name>broken</servlet-name><url-pattern>/health</url-pattern></servlet-mapping>
</web-app>`,
};
/** It is not well behind the load balancers that are made to test it. */
const BROKEN_CODE = 'T001';

export async function play(
  screen: Screen,
  clock: RealClock,
  { war, tomcat }: Pick<Options, 'war' | 'tomcat'>,
): Promise<Result> {
  introduce(screen, tomcat);
  const acceptable = new Set(['1', NEW_VERSION]);
  const site = await openSite(screen, clock, { acceptable, tomcat });
  try {
    const stopStatus = keepStatus(screen, site);
    await clock.sleep(BEFORE_SECONDS);
    const deployment = await follow(site, () => upload(screen, site, war));
    const rollback = deployment.outcome === 'Completed' ? await follow(site, () => rollBack(screen, site)) : undefined;
    stopStatus();
    return { deployment, rollback, isAsExpected: isAsExpected(war, deployment, rollback) };
  } finally {
    site.close();
  }
}

function isAsExpected(war: Options['war'], deployment: Part, rollback: Part | undefined): boolean {
  const parts = [deployment, ...(rollback ? [rollback] : [])];
  const isEnd =
    war === 'well'
      ? rollback?.outcome === 'Completed'
      : deployment.outcome === 'Cleaned' && deployment.code === BROKEN_CODE;
  return (
    isEnd && parts.every((part) => part.failedRequests === 0 && part.standBy === '0/0/0' && part.dummiesLeft === 0)
  );
}

function introduce(screen: Screen, tomcat: boolean): void {
  const seconds = DURATIONS;
  screen.paragraphs(
    [
      'Blue/green deployment of the task WAS: the packaged stack with its functions in',
      ...(tomcat ? ['an embedded AWS. The instances, which are Tomcats started by their user data,'] : []),
      'an embedded AWS. The instances, the load balancers (was-alb, was-nlb, was-clb:',
      'one of each kind) and the users are real, on 127.0.0.1. The users of was-alb',
      'keep their connections; those of was-nlb and was-clb, which balance connections',
      'and not requests, make one for each request.',
      '',
      'All times are real seconds. What takes longer in AWS is short here:',
      `  load balancers are provisioned in ${seconds.provisioningSeconds} s (AWS: 2 to 3 minutes),`,
      `  was-nlb takes in a new target in ${seconds.networkRegistrationSeconds} s (about 2 minutes),`,
      `  ${tomcat ? '' : `instances boot in ${seconds.bootSeconds} s, `}draining takes ${seconds.deregistrationDelaySeconds} s (300 s unless it is set),`,
      `  health is checked every ${seconds.healthCheckIntervalSeconds} s (5 s at least).`,
    ].join('\n'),
  );
  screen.heading('The fleet comes up with version 1');
}

async function upload(screen: Screen, { aws, fleet }: Site, war: Options['war']): Promise<void> {
  const [key = ''] = WAR_KEYS;
  const isWell = war === 'well';
  const version = isWell ? NEW_VERSION : BROKEN_VERSION;
  screen.heading(isWell ? 'A new war is uploaded' : 'A war is uploaded whose health check answers 500');
  screen.line('you', `aws s3 cp ${key} s3://${fleet.bucket}/${key}  (version ${version})`);
  await uploadWar(aws, fleet.bucket, key, { version, ...(isWell ? {} : BROKEN_ENTRIES) });
}

async function rollBack(screen: Screen, { aws, busName, fleet }: Site): Promise<void> {
  const detail = JSON.stringify({ task: fleet.task, versions: fleet.versionIds.join(',') });
  screen.heading('One event rolls back');
  screen.line('you', 'aws events put-events, DeployRequested with');
  screen.quote(detail);
  const entry = { EventBusName: busName, Source: 'bluegreen', DetailType: 'DeployRequested', Detail: detail };
  await new EventBridgeClient(aws.operator).send(new PutEventsCommand({ Entries: [entry] }));
}

/** Shows what the prober counts in the present part, and which versions answered since the last time. */
function keepStatus(screen: Screen, { prober }: Site): () => void {
  let { tally } = prober;
  let last = new Map<string, number>();
  const show = () => {
    if (tally !== prober.tally) last = new Map();
    tally = prober.tally;
    const now = tally.answers;
    const versions = [...now].filter(([answer, count]) => count > (last.get(answer) ?? 0)).map(([answer]) => answer);
    last = new Map(now);
    const counts = `${tally.sent.toLocaleString('en')} sent, ${tally.failed.toLocaleString('en')} failed`;
    screen.showStatus([counts, ...versions.sort().map(shortened)].join('  '));
  };
  const timer = setInterval(show, (screen.isTerminal ? STATUS_SECONDS.terminal : STATUS_SECONDS.plain) * 1000);
  return () => {
    clearInterval(timer);
    screen.endStatus();
  };
}

/** `/app1/version: 2` → `app1: 2`. */
function shortened(answer: string): string {
  return answer.replace(/^\/([^/]+)\/version: /, '$1: ');
}

/** The user data of examples/ as it is, on machines of their own: a real Tomcat, real wars, and AWS over HTTP. */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { EmbeddedAws } from '../embedded-aws';
import { uploadWar } from '../example/fleet';
import { RealClock } from '../kernel/clock';
import { HttpServer } from '../server/http-server';
import { TomcatInstances } from './tomcat-instances';
import { missingForTomcat, type TomcatMachine, USER_DATA } from './tomcat-machine';

const LIMIT_MS = 600_000; // of a machine on which everything else is tested, too
const LOOK_SECONDS = 0.2;
const MAXIMUM_USER_DATA_BYTES = 16_384; // "16 KB, in raw form, before it is base64-encoded" (EC2 user guide, user data)

test('it is small enough for user data', () => {
  expect(readFileSync(USER_DATA).length).toBeLessThan(MAXIMUM_USER_DATA_BYTES);
});

test('a machine that lacks something says what Debian calls it', () => {
  expect(missingForTomcat('/nowhere')).toBe('not installed here: apt-get install tomcat10 awscli curl (Debian)');
});

const missing = missingForTomcat();
const isSkipped = missing !== undefined && process.env.CI !== 'true';
if (isSkipped)
  process.stderr.write(`The user data and the Tomcats of the demo are NOT tested: what they need is ${missing}\n`);

(isSkipped ? describe.skip : describe)('on a machine with Tomcat', () => {
  test('everything that it needs is installed', () => {
    expect(missing).toBeUndefined();
  });

  describe('instances of groups with a lifecycle hook', () => {
    let world: Awaited<ReturnType<typeof openWorld>>;
    beforeAll(async () => {
      world = await openWorld();
      await Promise.all([world.launch('well'), world.launch('broken'), world.launch('missing')]);
    }, LIMIT_MS);
    afterAll(() => world?.close());

    test(
      'serve exactly the versions of their tags, and are gone on with then',
      async () => {
        await world.until(async () => (await world.stateOf('well')) === 'InService');
        const { url } = world.machine('well');
        expect(await textOf(`${url}/health`)).toEqual([200, 'well']);
        expect(await textOf(`${url}/app1/version`)).toEqual([200, 'the first']);
        expect(await textOf(`${url}/app1/sum.jsp`)).toEqual([200, '42']);
        expect(await textOf(`${url}/app2/version`)).toEqual([200, 'from a folder']);
        await world.until(async () => world.console('well').includes('lifecycle hook launching: CONTINUE'));
        expect(world.console('well')).toContain('tags of the instance: slots 1 2');
      },
      LIMIT_MS,
    );

    test('begin a download anew that stops or is damaged, and say so', () => {
      expect(world.faults).toEqual([]);
      expect(world.console('well')).toMatch(/not yet: s3:\/\/wars\/.*timed? ?out/i);
      expect(world.console('well')).toMatch(/not yet: s3:\/\/wars\/.* what came is damaged/);
    });

    test(
      'are ill as soon as one war is',
      async () => {
        const { url, machine } = world.machine('well');
        rmSync(join(machine.root, 'opt/tomcat/webapps/app1/health'));
        await world.until(async () => (await textOf(`${url}/health`))[0] === 503);
        expect((await textOf(`${url}/health`))[1]).toMatch(/^\/app1\/health: 40[34]$/);
      },
      LIMIT_MS,
    );

    test(
      'are given up where a war stays ill: the console tells which, and what Tomcat said',
      async () => {
        await world.until(() => world.isAbandoned('broken'));
        const console = world.console('broken');
        expect(console).toContain('tags of the metadata: slots 1');
        expect(console).toContain('FAILED: after 3 s: /health: /app1/health: 500 (503)');
        expect(console).toMatch(/^tomcat: .*Server startup/m);
      },
      LIMIT_MS,
    );

    test(
      'are given up at once where there is no such version',
      async () => {
        await world.until(() => world.isAbandoned('missing'));
        const console = world.console('missing');
        expect(console).toContain('tags of the group: slots 1');
        expect(console).toMatch(/FAILED: s3:\/\/wars\/app1\.war, version \w+: .*NoSuchVersion/);
        expect(console).not.toContain('starting Tomcat');
      },
      LIMIT_MS,
    );
  });

  test(
    'npm run demo -- --tomcat: a deployment and its rollback, and no failed request',
    async () => {
      const summary = await runDemo(['--tomcat', '--json']);
      const part = { outcome: 'Completed', failedRequests: 0, standBy: '0/0/0', dummiesLeft: 0 };
      expect(summary).toMatchObject({ ...part, rollback: part });
    },
    LIMIT_MS,
  );
});

type Kind = 'well' | 'broken' | 'missing';

async function openWorld() {
  const clock = new RealClock();
  const groupOf = new Map<string, string>();
  const lines: [group: string, line: string][] = [];
  const server = await HttpServer.listen(0, fail);
  const faults: Fault[] = ['stalled', 'damaged'];
  const mayDescribe = (body: string) => ![...groupOf].some(([id, group]) => group === 'missing' && body.includes(id));
  const bucket = await openSlowBucket(server.url, faults, mayDescribe);
  const instances = await TomcatInstances.open({
    clock,
    region: 'eu-central-1',
    awsUrl: bucket.url,
    hasTagsInMetadata: ({ instanceId, tags }) => {
      groupOf.set(instanceId, tags.get('aws:autoscaling:groupName') ?? '');
      return groupOf.get(instanceId) === 'broken';
    },
    settings: ({ instanceId }): Record<string, string> =>
      groupOf.get(instanceId) === 'broken' ? { ILL_SECONDS: '3' } : { READ_SECONDS: '4' },
  });
  instances.onLine((instanceId, line) => lines.push([groupOf.get(instanceId) ?? '', line]));
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0 });
  server.serve(aws);
  aws.s3.createBucket('wars', { versioning: 'Enabled' });
  const client = new AutoScalingClient(aws.operator);

  const groupNamed = async (AutoScalingGroupName: string) => {
    const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] });
    return (await client.send(command)).AutoScalingGroups?.[0];
  };
  const until = async (condition: () => Promise<boolean>) => {
    while (!(await condition())) await clock.sleep(LOOK_SECONDS);
  };
  const launch = async (name: Kind) => {
    const Tags = Object.entries(await tagsOf(name, aws)).map(([Key, Value]) => ({
      Key,
      Value,
      PropagateAtLaunch: true,
    }));
    const named = { AutoScalingGroupName: name };
    const sizes = { MinSize: 0, MaxSize: 1, DesiredCapacity: 0, VPCZoneIdentifier: 'subnet-a' };
    const launchTemplate = { LaunchTemplate: { LaunchTemplateName: 'tomcat' } };
    await client.send(new CreateAutoScalingGroupCommand({ ...named, ...sizes, ...launchTemplate, Tags }));
    const hook = { LifecycleHookName: 'launching', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' };
    await client.send(new PutLifecycleHookCommand({ ...named, ...hook }));
    await client.send(new SetDesiredCapacityCommand({ ...named, DesiredCapacity: 1 }));
    await until(async () => (await groupNamed(name))?.Instances?.length === 1);
    await client.send(new SuspendProcessesCommand({ ...named, ScalingProcesses: ['Launch'] })); // what is given up is enough once
  };
  return {
    ...{ faults, launch, until },
    stateOf: async (name: Kind) => (await groupNamed(name))?.Instances?.[0]?.LifecycleState,
    console: (name: Kind) => lines.flatMap(([group, line]) => (group === name ? [line] : [])).join('\n'),
    async isAbandoned(name: Kind): Promise<boolean> {
      const command = new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name });
      const { Activities = [] } = await client.send(command);
      return Activities.some(({ StatusMessage = '' }) => StatusMessage.endsWith('ABANDON Result'));
    },
    machine(name: Kind): { machine: TomcatMachine; url: string } {
      const [instanceId = ''] = [...groupOf].find(([, group]) => group === name) ?? [];
      const machine = instances.machineOf(instanceId);
      if (!machine) throw new Error(`${name} has no machine`);
      return { machine, url: `http://${machine.address.host}:${machine.address.port}` };
    },
    close() {
      clock.stop();
      instances.terminateAll();
      bucket.close();
      server.close();
    },
  };
}

/** Each kind has wars of its own; of those that are well a newer version is there that nobody asked for. */
async function tagsOf(name: Kind, aws: EmbeddedAws): Promise<Record<string, string>> {
  const common = { bucket: 'wars', appPath1: '/opt/tomcat/webapps/app1.war' };
  if (name === 'missing') return { ...common, appS3Key1: 'app1.war', s3VersionIdApp1: 'f'.repeat(32) };
  if (name === 'broken') {
    const s3VersionIdApp1 = await uploadWar(aws, 'wars', 'broken.war', BROKEN);
    return { ...common, appS3Key1: 'broken.war', s3VersionIdApp1 };
  }
  const s3VersionIdApp1 = await uploadWar(aws, 'wars', 'app1.war', {
    version: 'the first',
    'sum.jsp': '<%= 40 + 2 %>',
  });
  await uploadWar(aws, 'wars', 'app1.war', { version: 'the second' });
  const s3VersionIdApp2 = await uploadWar(aws, 'wars', 'deep/app2.war', { version: 'from a folder' });
  const second = { appS3Key2: 'deep/app2.war', s3VersionIdApp2, appPath2: '/srv/wars/' };
  return { ...common, appS3Key1: 'app1.war', s3VersionIdApp1, ...second };
}

const BROKEN = {
  'ill.jsp': '<% response.sendError(500); %>',
  'WEB-INF/web.xml': `<web-app version="3.0">
  <servlet><servlet-name>ill</servlet-name><jsp-file>/ill.jsp</jsp-file></servlet>
  <servlet-mapping><servlet-name>ill</servlet-name><url-pattern>/health</url-pattern></servlet-mapping>
</web-app>`,
};

/** What happens to a download of app1.war. */
type Fault = 'stalled' | 'damaged';

/**
 * AWS, as some instances see it: the first downloads of app1.war go wrong, one fault after the other, and whoever may
 * not describe tags is told so.
 */
async function openSlowBucket(awsUrl: string, faults: Fault[], mayDescribe: (body: string) => boolean) {
  const target = new URL(awsUrl);
  const server = http.createServer(async (request, response) => {
    const body = await bytesOf(request);
    if (
      body.includes('Action=DescribeTags') &&
      request.headers.authorization?.includes('/ec2/') &&
      !mayDescribe(String(body))
    ) {
      return void response.writeHead(403, { 'content-type': 'text/xml' }).end(DENIED);
    }
    const { method, url, headers } = request;
    const forwarded = http.request(
      { host: target.hostname, port: target.port, method, path: url, headers },
      async (answer) => {
        const bytes = await bytesOf(answer);
        const isDownload = answer.statusCode === 200 && url?.startsWith('/wars/app1.war?') && bytes.length > 0;
        const fault = isDownload ? faults.shift() : undefined;
        const kept = Object.entries(answer.headers).filter(([name]) => !fault || !name.startsWith('x-amz-checksum'));
        response.writeHead(answer.statusCode ?? 500, Object.fromEntries(kept));
        if (fault === 'stalled') return void response.write(bytes.subarray(0, 10)); // and never the rest
        if (fault === 'damaged') bytes[10] = 255 - (bytes[10] ?? 0);
        response.end(bytes);
      },
    );
    forwarded.on('error', fail).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const DENIED = `<Response><Errors><Error><Code>UnauthorizedOperation</Code>
<Message>You are not authorized to perform this operation.</Message></Error></Errors></Response>`;

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Status and text. */
async function textOf(url: string): Promise<[number, string]> {
  const response = await fetch(url);
  return [response.status, (await response.text()).trim()];
}

function fail(error: unknown): never {
  throw error;
}

/** Answers its summary. */
function runDemo(options: string[]): Promise<unknown> {
  const program = ['--import', 'tsx', 'local/demo/main.ts', ...options];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, program, { maxBuffer: 64 * 1024 * 1024 }, (error, output, errors) => {
      const last = output.trim().split('\n').at(-1) ?? '';
      if (last === '') reject(new Error(`the demo printed no summary: ${error?.message} ${errors}`));
      else resolve(JSON.parse(last));
    });
  });
}

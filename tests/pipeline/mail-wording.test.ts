/** The admins are written to in the language and the times that the stack was given, whichever function writes. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CodeDeployFleet } from '../harness/codedeploy-fleet';
import { World } from '../harness/world';

const SEOUL = { MailLanguage: 'ko', TimeZone: 'Asia/Seoul' };

async function mailOf(world: World, subject: RegExp): Promise<string> {
  await world.clock.runUntil(() => world.mails.some((one) => subject.test(one)), 3600);
  return world.mailBody(world.mails.findIndex((one) => subject.test(one)));
}

test('notify', async () => {
  const world = await World.quick({ parameters: SEOUL });
  await world.put('DeployRequested', { task: 'WAS', versions: 'a'.repeat(32), requestedBy: 'jane' });
  const body = await mailOf(world, /^\[Failed\] Deploy Start Failed\(Task : WAS, errCode : 402\)$/);
  expect(body).toMatch(/^이유\n {2}.*key\(app\.war\) versionId\(a{32}\) does not exist/m);
  expect(body).toMatch(/^조치\n {2}/m);
  expect(body).not.toMatch(/^(Why|What to do|Requested by)$/m);
});

test('notify, with the times of the zone, and versions as they are called', async () => {
  const world = await World.quick({ parameters: SEOUL });
  await world.put('AbortRequested', { task: 'WAS' });
  await mailOf(world, /^\[Refused\] Abort/);
  await world.upload('app.war', { version: '2' });
  const body = await mailOf(world, /^\[Deploy\] Start/);
  expect(body).toMatch(/^버전$/m);
  expect(body).toMatch(/uploaded \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(/);
  expect(await mailOf(world, /^\[Success\]/)).toMatch(/\(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+09:00 확인\)/);
});

test('the watchdog', async () => {
  const world = await World.quick({ parameters: SEOUL });
  const record = { Bucket: world.stack.outputs.StateBucketName, Key: 'tasks/WAS.json', Body: '{' };
  await world.clock.run(new S3Client(world.aws.operator).send(new PutObjectCommand(record)));
  expect(await mailOf(world, /^\[Error\] Pipeline/)).toMatch(/^(사용자|The task WAS cannot be looked after\.)$/m);
});

test('the clean-up of CodeDeploy', async () => {
  const world = await World.quick({ parameters: SEOUL });
  await (await CodeDeployFleet.open(world)).fail('installation');
  const body = await mailOf(world, /CodeDeploy Clean/);
  expect(body).toMatch(/^삭제한 것$/m);
  expect(body).toMatch(/ended \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+09:00/);
});

test('with pages where the documentation is', async () => {
  const world = await World.quick({ parameters: { DocumentationUrl: 'https://example.com/docs/' } });
  await world.put('AbortRequested', { task: 'WAS' });
  expect(await mailOf(world, /^\[Refused\] Abort/)).toMatch(
    /\n\nCode 418\n {2}.*\.\n {2}https:\/\/example\.com\/docs\/codes\/418\.md\n$/,
  );
});

test('by default in English and UTC', async () => {
  const world = await World.quick();
  await world.upload('app.war', { version: '2' });
  const body = await mailOf(world, /^\[Deploy\] Start/);
  expect(body).toMatch(/^Versions$/m);
  expect(body).toMatch(/uploaded \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
});

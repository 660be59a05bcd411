/**
 * Sends every command of every mail in the state that produced the mail, and counts: `npx tsx
 * tests/tools/count-mail-commands.ts`. Of the commands below "What to do" it also looks whether they help: whether a
 * deployment goes well afterwards.
 */

import { openScene, request, type Scene } from '../faults/failure-cases';
import { runCommand, wordsOf } from '../harness/aws-command';
import { CommandLine } from '../harness/command';
import type { World } from '../harness/world';
import { CASES, type MailCase, mailsOf } from './mail-cases';

/** What cannot be sent here, and why not. */
const NOT_SENT: [line: RegExp, why: string][] = [
  [/^npx serverless deploy/, 'deploys the stack: needs an account; here the permission is given back instead'],
  [/^aws iam /, 'the embedded AWS changes no role'],
  [/^aws (service-quotas|deploy) /, 'the embedded AWS does not have this service, or not for operators'],
];

/** By hand: either way, and each of its prefixes, is run by tests/faults/blocked.test.ts. */
const OF_EITHER_WAY = 'If that does not help, decide and run by hand';

/** In this order: a request that was refused is put again once what kept it from running is mended. */
const IN_TURN = ['Left over', 'What to do', 'To request again'];

/** Before its time has come clean-up says where the deployment is, as the mail tells. */
const STILL_MOVES = /\b(and moves|runs, in|is in|has changed meanwhile)\b/;

interface Found {
  section: string;
  line: string;
}

interface Sent extends Found {
  mail: string;
  /** Undefined where it was answered. */
  refusal?: string | undefined;
  notSent?: string | undefined;
}

interface Tried {
  mail: string;
  commands: number;
  helped: boolean;
  end: string;
}

/** Commented ones are to be completed first, or are for the case that those before did not help. */
function commandsOf(body: string): Found[] {
  let section = '';
  return body.split('\n').flatMap((line) => {
    if (/^\S/.test(line)) section = line;
    const command = line.trim();
    return /^ +(aws|bluegreen|npx) /.test(line) ? [{ section, line: command }] : [];
  });
}

/** The state in which the mail has just come, as far as the case itself lets time stand still. */
async function sceneAt({ fleet, provoke }: MailCase, index: number): Promise<Scene> {
  const scene = await openScene(fleet);
  await provoke(scene);
  for (let waited = 0; scene.world.aws.sns.mails.length <= index && waited < 3 * 3600; waited += 1) {
    await scene.world.clock.advance(1);
  }
  return scene;
}

async function send({ world }: Scene, line: string): Promise<string | undefined> {
  const words = wordsOf(line);
  try {
    if (words[0] === 'bluegreen') return await runOwn(world, words.slice(1));
    const [, service, verb, , to = ''] = words;
    if (service === 's3' && verb === 'cp') {
      await world.upload(to.replace(/^s3:\/\/[^/]+\//, ''), { version: 'mended' });
    } else if (service === 'logs' && verb === 'tail') {
      await runCommand(world, `aws logs filter-log-events --log-group-name '${words[3]}'`);
    } else await runCommand(world, line);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** Nobody waits for what comes of it. */
async function runOwn(world: World, words: readonly string[]): Promise<string | undefined> {
  const command = await CommandLine.open(world);
  try {
    const { code, errors } = await command.run(words, { answers: [true, true] });
    const isLook = ['doctor', 'status'].includes(words[0] ?? '');
    const isAnswered = code === 0 || code === 5 || isLook || STILL_MOVES.test(errors.replace(/\s+/g, ' '));
    return isAnswered ? undefined : `exit ${code}: ${errors.trim()}`;
  } finally {
    command.close();
  }
}

/** Of two commands that do the same, the product's own and that of AWS, one is enough. */
function onceEach(lines: readonly Found[]): Found[] {
  return lines.filter(({ line }, index) => !(line.startsWith('aws events put-events') && isOwn(lines[index - 1])));
}

function isOwn(found: Found | undefined): boolean {
  return found?.line.startsWith('bluegreen ') ?? false;
}

/** Whatever people alone can give is given; then a deployment has to go well. */
async function helps(scene: Scene): Promise<{ helped: boolean; end: string }> {
  const { world, operator } = scene;
  operator.relent();
  world.aws.eventBridge.deliveryPolicy = () => [0.5];
  if ((await world.groupNames()).includes('was-green')) world.aws.autoScaling.setLaunchFailure('was-green', undefined);
  const since = world.events.length;
  await world.clock.advance(2 * 3600);
  const ended = () => world.events.slice(since).map((event) => event['detail-type']);
  if (!ended().includes('Completed')) {
    await request(scene);
    await world.clock.advance(2 * 3600);
  }
  const story = ended().filter((type) => ['Completed', 'Refused', 'Failed', 'Cleaned'].includes(type));
  return { helped: story.includes('Completed'), end: story.join(', ') };
}

async function main(): Promise<void> {
  const [sent, tried, seen]: [Sent[], Tried[], Set<string>] = [[], [], new Set()];
  for (const one of CASES) {
    const mails = await mailsOf(one);
    for (const [index, { subject, body, when, code }] of mails.entries()) {
      const found = commandsOf(body);
      const mail = `${code ?? ''} ${subject} where ${when}`;
      const key = `${subject}\n${found.map(({ line }) => shapeOf(line)).join('\n')}\n${body.split('\n')[0]}`;
      if (found.length === 0 || seen.has(key)) continue;
      seen.add(key);
      for (const { section, line } of found.filter((command) => !IN_TURN.includes(command.section))) {
        sent.push({ mail, section, line, ...(await sendFresh(one, index, { section, line })) });
      }
      const toDo = onceEach(found.filter(({ section }) => IN_TURN.includes(section)));
      if (toDo.length === 0) continue;
      const scene = await sceneAt(one, index);
      scene.operator.relent();
      for (const { section, line } of toDo) {
        const notSent = NOT_SENT.find(([pattern]) => pattern.test(line))?.[1];
        sent.push({ mail, section, line, notSent, refusal: notSent ? undefined : await send(scene, line) });
      }
      tried.push({ mail, commands: toDo.length, ...(await helps(scene)) });
    }
  }
  print(sent, tried);
}

async function sendFresh(one: MailCase, index: number, { section, line }: Found): Promise<Partial<Sent>> {
  const notSent = section === OF_EITHER_WAY ? 'one of two ways' : NOT_SENT.find(([pattern]) => pattern.test(line))?.[1];
  return notSent ? { notSent } : { refusal: await send(await sceneAt(one, index), line) };
}

function shapeOf(line: string): string {
  return wordsOf(line).slice(0, 3).join(' ');
}

function print(sent: readonly Sent[], tried: readonly Tried[]): void {
  const shapes = [...new Set(sent.map(({ line }) => shapeOf(line).replace(/^(bluegreen \S+).*/, '$1')))].sort();
  process.stdout.write('command                                            in mails   sent  answered\n');
  for (const shape of shapes) {
    const of = sent.filter(({ line }) => line.startsWith(shape));
    const really = of.filter(({ notSent }) => !notSent);
    const answered = really.filter(({ refusal }) => !refusal);
    process.stdout.write(
      `${shape.padEnd(52)}${String(of.length).padStart(7)}${String(really.length).padStart(7)}${String(answered.length).padStart(10)}\n`,
    );
  }
  for (const { mail, section, line, refusal } of sent) {
    if (refusal) process.stdout.write(`REFUSED ${mail}\n  ${section}: ${line}\n  ${refusal}\n`);
  }
  const why = new Map<string, number>();
  for (const { notSent } of sent) if (notSent) why.set(notSent, (why.get(notSent) ?? 0) + 1);
  for (const [reason, count] of why) process.stdout.write(`not sent: ${count}, ${reason}\n`);
  for (const { mail, helped, end } of tried) if (!helped) process.stdout.write(`NO DEPLOYMENT AFTER ${mail}: ${end}\n`);
  const really = sent.filter(({ notSent }) => !notSent);
  process.stdout.write(
    `${sent.length} commands: ${really.length} sent, ${really.filter(({ refusal }) => !refusal).length} answered; after those of ${tried.filter(({ helped }) => helped).length} of ${tried.length} mails a deployment went well\n`,
  );
}

await main();

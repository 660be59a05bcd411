/** Every code that the product can report has its page, in every language, and what the pages give to run can be run. */
import { execFileSync } from 'node:child_process';
import { CATALOG } from '../../events/catalog';
import type { Contract } from '../../events/contract';
import { CODES } from '../../shared/codes/codes';
import { type Command, readCommand, send } from '../harness/aws-command';
import { World } from '../harness/world';
import { commandsIn, filesThere, headOf, LANGUAGES, pages, renewed } from './code-pages';

const PAGES = LANGUAGES.flatMap((language) => pages(language).map((page) => ({ ...page, language })));
const OF_CODES = PAGES.filter(({ file }) => !file.includes('README'));

test('these are all pages, and each has the head or the table that is made for it', () => {
  expect(filesThere().sort()).toEqual(PAGES.map(({ file }) => file).sort());
  expect(PAGES.filter(({ text, renewed: wanted }) => text !== wanted).map(({ file }) => file)).toEqual([]);
});

test('a new head leaves what is written as it is, and a page without one gets it', () => {
  const [english] = LANGUAGES as [(typeof LANGUAGES)[0]];
  const head = headOf('T001', english);
  const page = `${head}\n## By hand\n`;
  expect(renewed(page.replace('Step 1', 'Step one'), head)).toBe(page);
  expect(renewed('## By hand\n', head)).toBe(page);
});

test.each(OF_CODES)('$file says all that is to be said', ({ text, language }) => {
  const sections = [...text.matchAll(/^## (.*)\n\n(.*)/gm)];
  expect(sections.map(([, title]) => title)).toEqual(language.sections);
  for (const [, , first = ''] of sections) expect(first).toMatch(/\S{2}/);
});

test('what a page refers to is there', () => {
  const there = new Set(filesThere());
  const links = PAGES.flatMap(({ file, text }) =>
    [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, to = '']) => ({ file, to: `docs/codes/${to}` })),
  );
  expect(links.length).toBeGreaterThan(Object.keys(CODES).length);
  expect(links.filter(({ to }) => !there.has(to))).toEqual([]);
});

test('a page in another language gives the same to run', () => {
  for (const { file, text, language } of OF_CODES) {
    const english = OF_CODES.find((one) => one.file === file.replace(`.${language.name}.md`, '.md'));
    expect({ file, commands: commandsIn(text) }).toEqual({ file, commands: commandsIn(english?.text ?? '') });
  }
});

describe('every command', () => {
  const commands = [...new Set(OF_CODES.flatMap(({ text }) => commandsIn(text)))];
  let world: World;
  let environment: Record<string, string>;

  beforeAll(async () => {
    world = await World.quick({
      fleet: {
        loadBalancers: [
          { kind: 'classic', way: 'direct', isAcrossZones: true, targetGroups: [] },
          { kind: 'application', way: 'direct', isAcrossZones: true, targetGroups: [{ protocol: 'HTTP' }] },
        ],
      },
    });
    await world.upload('app.war', { version: '2' });
    await world.until('Completed');
    const { StateBucketName = '' } = world.stack.outputs;
    environment = {
      STATE_BUCKET: StateBucketName,
      WAR_BUCKET: world.fleet.bucket,
      TARGET_GROUP_ARN: world.fleet.targetGroupArns[0] ?? '',
      DUMMY_ARN: world.fleet.loadBalancerArn,
      DUMMY_TARGET_GROUP_ARN: world.fleet.targetGroupArns[0] ?? '',
    };
  });

  /** As a shell splits them; a name that nothing is said of ends it. */
  function wordsOf(line: string): string[] {
    const script = `set -u; set -- ${line}; printf '%s\\0' "$@"`;
    return execFileSync('sh', ['-c', script], { env: environment, encoding: 'utf8' }).split('\0').slice(0, -1);
  }

  /** `s3 cp` is what the two calls are that it makes. */
  function commandOf(line: string): Command {
    const words = wordsOf(line);
    const [, Bucket = '', Key = ''] =
      /^s3:\/\/([^/]+)\/(.+)$/.exec(words.find((word) => word.startsWith('s3:')) ?? '') ?? [];
    if (words.slice(0, 3).join(' ') !== 'aws s3 cp') return readCommand(words);
    expect(words).toHaveLength(5);
    return {
      service: 's3api',
      operation: words[3]?.startsWith('s3:') ? 'GetObject' : 'PutObject',
      input: { Bucket, Key },
    };
  }

  test('is one that the command takes', () => {
    expect(commands.length).toBeGreaterThan(50);
    for (const line of commands) expect({ line, command: commandOf(line) }).toMatchObject({ line });
  });

  test('that only looks finds something to look at', async () => {
    const reading = commands.filter((line) => {
      const { service, operation } = commandOf(line);
      return service !== 'logs' && /^(Describe|List|Get)/.test(operation);
    });
    expect(reading.length).toBeGreaterThan(20);
    for (const line of reading) {
      const answer = await send(world, commandOf(line));
      const { $metadata: _, ...found } = answer;
      expect({ line, found: Object.values(found).filter((value) => value !== undefined).length }).not.toEqual({
        line,
        found: 0,
      });
    }
  });

  test('that asks for something is a request that there is', () => {
    const asking = commands.map(commandOf).filter(({ operation }) => operation === 'PutEvents');
    expect(asking.length).toBeGreaterThan(3);
    for (const { input } of asking) {
      const [entry] = input.Entries as { EventBusName: string; Source: string; DetailType: string; Detail: string }[];
      expect(entry).toMatchObject({ EventBusName: world.stack.outputs.EventBusName, Source: 'bluegreen' });
      const contract = CATALOG[entry?.DetailType as keyof typeof CATALOG] as unknown as Contract<string, object>;
      expect(contract.readStrictly(JSON.parse(entry?.Detail ?? ''))).toMatchObject({ success: true });
    }
  });

  test('that reads a log names a function', () => {
    const groups = commands.map(commandOf).filter(({ service }) => service === 'logs');
    const functions = [...world.stack.resources.values()].map(({ physicalId }) => physicalId);
    expect(groups.length).toBeGreaterThan(5);
    for (const { input } of groups) {
      expect(functions).toContain(String(input.logGroupName).replace('/aws/lambda/', ''));
    }
  });
});

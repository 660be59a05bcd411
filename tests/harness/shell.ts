/**
 * Lines of a document as a shell runs them against a world: variables, what a command prints into one, and `aws` commands,
 * `cloudformation deploy` among them. What else a shell can, it refuses.
 */
import type { Parameter } from '@aws-sdk/client-cloudformation';
import { readCommand, send, wordsOf } from './aws-command';
import type { World } from './world';

export class Shell {
  readonly variables = new Map<string, string>();

  constructor(
    private readonly world: World,
    /** What files say, by their names as the lines have them. */
    private readonly files: Readonly<Record<string, string | Uint8Array>>,
  ) {}

  async run(text: string): Promise<void> {
    const lines = text.replace(/ \\\n\s*/g, ' ').split('\n');
    for (const line of lines.filter((one) => one.trim() !== '' && !one.startsWith('#'))) await this.line(line);
  }

  private async line(text: string): Promise<void> {
    const [, name, value = ''] = /^(?:export )?(\w+)=(.*)$/.exec(text) ?? [];
    if (name === undefined) await this.command(text);
    else {
      const [, inner] = /^\$\((.*)\)$/.exec(value) ?? [];
      this.variables.set(name, inner === undefined ? this.expand(value) : await this.command(inner));
    }
  }

  /** Answers what it prints by `--query … --output text`; without them nothing that a line could use. */
  private async command(text: string): Promise<string> {
    const words = wordsOf(this.expand(text));
    const [, service, verb] = words;
    if (service === 'cloudformation' && verb === 'deploy') return this.deploy(words.slice(3));
    const command = readCommand(words);
    const { Body } = command.input;
    if (typeof Body === 'string') command.input.Body = this.file(Body);
    const answer = await send(this.world, command);
    const query = words[words.indexOf('--query') + 1];
    return words.includes('--query') ? queried(answer, query ?? '') : '';
  }

  private expand(text: string): string {
    return text.replace(/\$(\w+)/g, (_, name: string) => {
      const value = this.variables.get(name);
      if (value === undefined) throw new Error(`no line has set $${name}`);
      return value;
    });
  }

  private file(name: string): string | Uint8Array {
    const content = this.files[name];
    if (content === undefined) throw new Error(`there is no file ${name}`);
    return content;
  }

  /** By a change set, in which the parameters that are not given keep what they have (aws-cli, `cloudformation deploy`). */
  private async deploy(args: readonly string[]): Promise<string> {
    const options = optionsOf(args);
    const StackName = options.get('--stack-name')?.[0] ?? '';
    const TemplateBody = String(this.file(options.get('--template-file')?.[0] ?? ''));
    const before = await this.stackOf(StackName);
    const given = (options.get('--parameter-overrides') ?? []).map((pair) => {
      const [, ParameterKey = '', ParameterValue = ''] = /^(\w+)=(.*)$/.exec(pair) ?? [];
      return { ParameterKey, ParameterValue };
    });
    const call = (operation: string, of: object) =>
      send(this.world, { service: 'cloudformation', operation, input: { ...of } });
    const known = before ? ((await call('GetTemplateSummary', { StackName })).Parameters as Parameter[]) : [];
    const kept = known.filter(({ ParameterKey }) => !given.some((one) => one.ParameterKey === ParameterKey));
    const unchanged = kept.map(({ ParameterKey }) => ({ ParameterKey, UsePreviousValue: true }));
    const named = { StackName, ChangeSetName: `deploy-${this.world.clock.now().getTime()}` };
    const Parameters = [...given, ...unchanged];
    const ChangeSetType = before ? 'UPDATE' : 'CREATE';
    const input = { ...named, ChangeSetType, TemplateBody, Parameters, Capabilities: options.get('--capabilities') };
    await call('CreateChangeSet', input);
    const { Status, StatusReason } = await call('DescribeChangeSet', named);
    if (Status !== 'CREATE_COMPLETE') throw new Error(String(StatusReason));
    await call('ExecuteChangeSet', { ...named, DisableRollback: false });
    await this.world.clock.advance(30);
    const { StackStatus, StackStatusReason } = (await this.stackOf(StackName)) ?? {};
    if (!/^(CREATE|UPDATE)_COMPLETE$/.test(StackStatus ?? '')) throw new Error(`${StackStatus}: ${StackStatusReason}`);
    return '';
  }

  private async stackOf(StackName: string): Promise<Stack | undefined> {
    const answer = await send(this.world, { service: 'cloudformation', operation: 'DescribeStacks', input: {} });
    return (answer.Stacks as Stack[]).find((stack) => stack.StackName === StackName);
  }
}

interface Stack {
  StackName: string;
  StackStatus: string;
  StackStatusReason?: string;
  Outputs: { OutputKey: string; OutputValue: string }[];
}

function optionsOf(args: readonly string[]): Map<string, string[]> {
  const options = new Map<string, string[]>();
  let values: string[] = [];
  for (const arg of args) {
    if (arg.startsWith('--')) {
      values = [];
      options.set(arg, values);
    } else values.push(arg);
  }
  return options;
}

/** Of the language of `--query` only what our documents have: a member of the answer, and an output of a stack. */
function queried(answer: Record<string, unknown>, query: string): string {
  const [, key] = /^Stacks\[0\]\.Outputs\[\?OutputKey=='(\w+)'\]\.OutputValue$/.exec(query) ?? [];
  const [stack] = (answer.Stacks ?? []) as Stack[];
  const found =
    key === undefined ? answer[query] : stack?.Outputs.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
  if (typeof found !== 'string') throw new Error(`nothing is found by --query ${query}`);
  return found;
}

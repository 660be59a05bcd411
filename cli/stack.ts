/** The stack that a command speaks to: found by its outputs, and what of the product's own code reads and asks there. */
import {
  CloudFormationClient,
  type Stack as Described,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { loadSharedConfigFiles } from '@smithy/core/config';
import type { Logger } from '@smithy/types';
import { Deadline } from '../shared/aws/deadline';
import { errorCode, errorMessage } from '../shared/aws/errors';
import type { Runtime } from '../shared/aws/runtime';
import { StateBucket } from '../shared/aws/state-bucket';
import { SERVICE } from '../shared/codes/request-lines';
import type { Sources } from '../shared/deployment/planning';
import { Fleet, type Group } from '../shared/fleet/auto-scaling-groups';
import { TraitsReader } from '../shared/fleet/further-traits';
import { LoadBalancers } from '../shared/fleet/load-balancers';
import { ScheduledActions } from '../shared/fleet/scheduled-actions';
import { Wars } from '../shared/fleet/wars';
import { HistoryStore } from '../shared/pipeline/history-store';
import { type FoundRecord, RecordStore, type StoredRecord } from '../shared/pipeline/record-store';
import { Wiring } from '../shared/pipeline/wiring';
import { nearest } from './nearest';
import { type NextCommand, nextCommandAt, type Place } from './next-command';
import { Problem } from './problem';
import { ServerClock } from './server-clock';
import type { Surroundings } from './surroundings';

/** Else the SDK warns of both a profile and keys, in the midst of what the command says. */
const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** What a stage of the stack was given, as far as the command counts with it. */
export interface StackSettings {
  repetitions: number;
  cycleSeconds: number;
  checkIntervalSeconds: number;
  provisioningLimitSeconds: number;
}

export interface StackResource {
  logicalId: string;
  /** As CloudFormation refers to it: the URL of a queue, the name of a rule behind that of its bus. */
  physicalId: string;
  /** `AWS::SQS::Queue` */
  type: string;
}

export class Stack {
  /** To read: only the pipeline writes records. */
  readonly records: Pick<RecordStore, 'find' | 'keys' | 'read'>;
  readonly state: StateBucket;
  readonly history: HistoryStore;
  /** What is looked at of the world. */
  readonly sources: Sources;
  private readonly kept = new Map<unknown, unknown>();

  private constructor(
    readonly name: string,
    readonly outputs: Readonly<Record<string, string>>,
    readonly runtime: Runtime,
    /** What to type next, for this place. */
    readonly command: NextCommand,
  ) {
    const deadline = new Deadline();
    this.state = StateBucket.connect(runtime, deadline, this.output('StateBucketName'));
    this.records = new RecordStore(this.state, runtime.uniqueId);
    this.history = new HistoryStore(this.state);
    this.sources = {
      fleet: Fleet.connect(runtime, deadline),
      loadBalancers: LoadBalancers.connect(runtime, deadline),
      wars: Wars.connect(runtime, deadline, { deploys: false }),
      scheduledActions: ScheduledActions.connect(runtime, deadline),
      traits: TraitsReader.connect(runtime, deadline),
    };
  }

  static async find(place: Place, surroundings: Surroundings): Promise<Stack> {
    const { stage, stack, region, profile } = place;
    const { clientDefaults, now, uniqueId, environment } = surroundings;
    const clock = new ServerClock(now);
    const named = { ...(region && { region }), ...(profile && { profile }) };
    const given = { requestHandler: clock.handler(), logger: SILENT, ...clientDefaults, ...named };
    const client = new CloudFormationClient(given);
    // Those that the first client finds, or that are given: it keeps them until they expire, and so all of them do.
    const shared = { ...given, credentials: client.config.credentials };
    const runtime: Runtime = { environment, clientDefaults: shared, now: () => clock.now(), uniqueId, log: () => {} };
    const name = stack ?? `${SERVICE}-${stage}`;
    const outputs = await outputsOf(name, client).catch(async (error: unknown) => {
      throw (await problemOfProfile(profile ?? environment.AWS_PROFILE, error)) ?? error;
    });
    return new Stack(name, outputs, runtime, nextCommandAt(place));
  }

  /** The same, asked in another way: by a handler that wraps the one that sends its requests. */
  asking(wrap: (handler: never) => object): Stack {
    const { clientDefaults } = this.runtime;
    const requestHandler = wrap((clientDefaults as { requestHandler: never }).requestHandler);
    const runtime = { ...this.runtime, clientDefaults: { ...clientDefaults, requestHandler } };
    return new Stack(this.name, this.outputs, runtime, this.command);
  }

  /** Throws where the stack does not say it: then it is none of ours, or of an earlier version. */
  output(name: string): string {
    const value = this.outputs[name];
    if (value !== undefined) return value;
    throw new Problem(
      `The stack ${this.name} has no output ${name}`,
      'Give --stack the name of a stack of this product, or deploy it again with this version.',
    );
  }

  get warBuckets(): string[] {
    return this.output('WarBucketName').split(',');
  }

  get settings(): StackSettings {
    return JSON.parse(this.output('Settings')) as StackSettings;
  }

  /** One of each kind: it keeps its connections. */
  client<Client>(Kind: new (settings: object) => Client): Client {
    return this.once(Kind, () => new Kind(this.runtime.clientDefaults));
  }

  /** What the stack is made of; listed once. */
  get resources(): Promise<StackResource[]> {
    return this.once('resources', () => resourcesOf(this.name, this.client(CloudFormationClient)));
  }

  /** As it was when the command began: read once, for what is decided by it. Whoever follows it reads anew. */
  recordAtFirst(task: string): Promise<FoundRecord> {
    return this.once(`record ${task}`, () => this.records.find(task));
  }

  /** Likewise, as `RecordStore.read` answers it. */
  async readAtFirst(task: string): Promise<StoredRecord | undefined> {
    const { stored, lost } = await this.recordAtFirst(task);
    return lost?.how === 'damaged' ? this.records.read(task) : stored;
  }

  /** Likewise. */
  groupsAtFirst(task: string): Promise<Group[]> {
    return this.once(`groups ${task}`, () => this.sources.fleet.groupsOfTask(task));
  }

  get wiring(): Wiring {
    return this.once('wiring', () => Wiring.connect(this.runtime, new Deadline(), this.output('EventBusName')));
  }

  private once<Result>(key: unknown, make: () => Result): Result {
    if (!this.kept.has(key)) this.kept.set(key, make());
    return this.kept.get(key) as Result;
  }
}

async function outputsOf(name: string, client: CloudFormationClient): Promise<Record<string, string>> {
  const stack = await described(name, client);
  if (stack) return namedOutputs(stack);
  const others = await othersOf(client);
  const region = await client.config.region();
  const near = nearest(name, others, (one) => `--stack ${one}`);
  throw new Problem(
    `There is no stack ${name} in ${region}`,
    others.length > 0
      ? `${near}There are: ${others.join(', ')}.`
      : 'Deploy it first (README, "Deploy it to an account"), or give --stage, --stack, --region or --profile.',
  );
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
async function described(name: string, client: CloudFormationClient): Promise<Described | undefined> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks[0];
  } catch (error) {
    if (/does not exist/.test(errorMessage(error))) return undefined;
    throw error;
  }
}

/** Stacks that have our outputs. Whoever may not list them all is not told of them. */
async function othersOf(client: CloudFormationClient): Promise<string[]> {
  const names: string[] = [];
  try {
    let NextToken: string | undefined;
    do {
      const page = await client.send(new DescribeStacksCommand({ NextToken }));
      for (const stack of page.Stacks ?? []) if (isOurs(namedOutputs(stack))) names.push(stack.StackName ?? '');
      NextToken = page.NextToken;
    } while (NextToken);
  } catch {
    return [];
  }
  return names;
}

/** Without one there are no credentials and no region: what lacks then is not what is wrong. */
async function problemOfProfile(profile: string | undefined, error: unknown): Promise<Problem | undefined> {
  if (profile === undefined) return undefined;
  if (errorCode(error) !== 'CredentialsProviderError' && !/Region is missing/.test(errorMessage(error)))
    return undefined;
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const known = Object.keys({ ...configFile, ...credentialsFile });
  if (known.includes(profile)) return undefined;
  const there = known.length > 0 ? `There are: ${known.join(', ')}.` : 'There is none: `aws configure` makes one.';
  return new Problem(`There is no profile ${profile}`, `${nearest(profile, known)}${there}`);
}

function isOurs(outputs: Readonly<Record<string, string>>): boolean {
  return ['EventBusName', 'StateBucketName', 'WarBucketName'].every((name) => outputs[name] !== undefined);
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html */
async function resourcesOf(StackName: string, client: CloudFormationClient): Promise<StackResource[]> {
  const resources: StackResource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
    for (const { LogicalResourceId = '', PhysicalResourceId = '', ResourceType = '' } of StackResourceSummaries) {
      resources.push({ logicalId: LogicalResourceId, physicalId: PhysicalResourceId, type: ResourceType });
    }
  }
  return resources;
}

function namedOutputs({ Outputs = [] }: Described): Record<string, string> {
  return Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
}

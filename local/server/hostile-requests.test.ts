import { type Embedded, startEmbedded } from '../../tests/conformance/embedded';
import { type HandResponse, sendSigned } from './signed-by-hand';

/** Far more than any takes, and far less than what grows faster than the request does. */
const LIMIT_MILLISECONDS = 15_000;

const defects: unknown[] = [];
let served: Embedded;

beforeAll(async () => {
  served = await startEmbedded((error) => void defects.push(error));
  served.aws.s3.createBucket('wars', { versioning: 'Enabled', eventBridge: true });
});

afterAll(() => served.close());

/** Each is answered, soon, with an error of AWS or without; and so is the next request, of somebody else. */
async function answered(request: () => Promise<HandResponse>): Promise<HandResponse> {
  const begin = performance.now();
  const answer = await request();
  await served.sleep(60); // for whatever it set going
  expect((await s3('GET', '/wars?list-type=2', '')).status).toBe(200);
  expect(performance.now() - begin).toBeLessThan(LIMIT_MILLISECONDS);
  expect(defects.splice(0)).toEqual([]);
  return answer;
}

function s3(method: string, path: string, body: string, headers = {}): Promise<HandResponse> {
  return sendSigned({ url: served.url + path, method, service: 's3', headers, body });
}

function json(target: string, input: object | string): Promise<HandResponse> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  const service = target.startsWith('AmazonSQS') ? 'sqs' : 'events';
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  return sendSigned({ url: served.url, method: 'POST', service, headers, body });
}

function query(service: string, body: string): Promise<HandResponse> {
  return sendSigned({ url: served.url, method: 'POST', service, body });
}

function putRule(EventPattern: string, Name = 'rule'): Promise<HandResponse> {
  return json('AWSEvents.PutRule', { Name, EventPattern });
}

function putEvent(Detail: string): Promise<HandResponse> {
  return json('AWSEvents.PutEvents', { Entries: [{ Source: 'hostile', DetailType: 'any', Detail }] });
}

const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:123456789012:queue';
const OPEN = { Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' };

function setQueueAttributes(Attributes: Record<string, string>): Promise<HandResponse> {
  return json('AmazonSQS.SetQueueAttributes', { QueueUrl: `${served.url}/123456789012/queue`, Attributes });
}

/** And takes them away. */
async function received(): Promise<string[]> {
  const QueueUrl = `${served.url}/123456789012/queue`;
  const { body } = await json('AmazonSQS.ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
  await json('AmazonSQS.PurgeQueue', { QueueUrl });
  return (JSON.parse(body).Messages ?? []).map(({ Body }: { Body: string }) => Body);
}

function nested(levels: number, open: string, inner: string, close: string): string {
  return open.repeat(levels) + inner + close.repeat(levels);
}

function deletion(count: number): string {
  const objects = Array.from({ length: count }, (_, index) => `<Object><Key>key-${index}</Key></Object>`);
  return `<Delete>${objects.join('')}</Delete>`;
}

function members(count: number): string {
  return Array.from({ length: count }, (_, index) => `AutoScalingGroupNames.member.${index * 7919}=x`).join('&');
}

describe('XML', () => {
  test.each<[string, string]>([
    ['100,000 keys to delete', deletion(100_000)],
    ['1001 keys to delete', deletion(1001)],
    ['no keys to delete', '<Delete></Delete>'],
    ['5,000 levels', nested(5_000, '<a>', 'x', '</a>')],
    ['100,000 levels', nested(100_000, '<a>', 'x', '</a>')],
    ['200 levels in a key', `<Delete>${nested(200, '<Object>', '<Key>k</Key>', '</Object>')}</Delete>`],
    ['5,000 levels in a key', `<Delete>${nested(5_000, '<Object>', '<Key>k</Key>', '</Object>')}</Delete>`],
    ['levels that never end', '<a>'.repeat(100_000)],
    ['names that never end', '<a'.repeat(100_000)],
    ['comments that never end', '<!--'.repeat(100_000)],
    ['texts that never end', `<Delete><Object><Key>${'<![CDATA['.repeat(100_000)}`],
    ['50,000 document types', '<!DOCTYPE a>'.repeat(50_000) + deletion(1)],
    ['entities of entities', `<!DOCTYPE a [<!ENTITY b "${'&c;'.repeat(1_000)}">]><Delete>&b;</Delete>`],
  ])('of %s is malformed', async (_name, body) => {
    const answer = await answered(() => s3('POST', '/wars?delete', body));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('<Code>MalformedXML</Code>');
    expect(served.aws.s3.readObject('wars', 'k')).toBeUndefined();
  });

  test('of 1000 keys deletes them', async () => {
    const { status, body } = await answered(() => s3('POST', '/wars?delete', deletion(1000)));
    expect([status, body.match(/<Deleted>/g)?.length]).toEqual([200, 1000]);
  });

  test('of 100,000 parts names parts that are not there', async () => {
    const { body: begun } = await s3('POST', '/wars/k?uploads=', '');
    const parts = Array.from(
      { length: 100_000 },
      (_, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>x</ETag></Part>`,
    );
    const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
    const id = begun.match(/<UploadId>(.*)<\/UploadId>/)?.[1];
    const answer = await answered(() => s3('POST', `/wars/k?uploadId=${id}`, body));
    expect(answer.body).toContain('<Code>InvalidPart</Code>');
  });
});

test.each<[string, string]>([
  ['back to themselves', '-6\r\nabc'],
  ['nowhere', '-0\r\n'],
  ['by a sign', '+3\r\nabc\r\n0\r\n\r\n'],
  ['from a blank', ' 3\r\nabc\r\n0\r\n\r\n'],
  ['beyond the end', '3\r\nabcdef'],
  ['to no last one', '1\r\na\r\n'.repeat(100_000)],
])('chunks that lead %s are an incomplete body', async (_name, body) => {
  const answer = await answered(() => s3('PUT', '/wars/k', body, { 'content-encoding': 'aws-chunked' }));
  expect(answer.body).toContain('<Code>IncompleteBody</Code>');
});

describe('JSON', () => {
  test.each<[string, string, string]>([
    ['a request', nested(5_000, '{"Entries":', '1', '}'), 'SerializationException'],
    ['a list', `{"Entries":${nested(100_000, '[', '', ']')}}`, 'SerializationException'],
    ['nothing at all', 'null', 'SerializationException'],
  ])('of too many levels in %s is refused', async (_name, body, code) => {
    const answer = await answered(() => json('AWSEvents.PutEvents', body));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).__type).toBe(code);
  });

  test.each<[string, string]>([
    ['objects', nested(5_000, '{"a":', '1', '}')],
    ['objects that fill the request', nested(150_000, '{"a":', '1', '}')],
    ['lists', `{"a":${nested(5_000, '[', '', ']')}}`],
    ['objects in lists', nested(2_500, '{"a":[', '1', ']}')],
  ])('of too many levels in an event is malformed: %s', async (_name, detail) => {
    const { body } = await answered(() => putEvent(detail));
    expect(JSON.parse(body).Entries).toMatchObject([{ ErrorCode: 'MalformedDetail' }]);
  });
});

describe('an event pattern', () => {
  test.each<[string, string]>([
    ['5,000 levels', nested(5_000, '{"a":', '["x"]', '}')],
    ['5,000 levels of choices', nested(5_000, '{"$or":[', '{"a":["x"]}', ']}')],
    ['5,000 levels in an operator', `{"a":[{"anything-but":${nested(5_000, '[', '', ']')}}]}`],
    ['levels for as long as one may be', `{"a":[{"anything-but":${nested(2_000, '[', '', ']')}}]}`],
    ['5,000 levels of a prefix', `{"a":[{"prefix":${nested(5_000, '{"equals-ignore-case":', '"x"', '}')}}]}`],
    ['2^40 choices', `{${Array.from({ length: 40 }, (_, at) => `"k${at}":{"$or":[{"a":[1]},{"b":[2]}]}`).join()}}`],
    ['no object', '[1]'],
    ['nothing', 'null'],
    ['a choice of nothing', '{"$or":[null]}'],
  ])('of %s is refused', async (_name, pattern) => {
    const answer = await answered(() => putRule(pattern));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).__type).toBe('InvalidEventPatternException');
  });

  test('of 40 wildcards, or on six long lists, judges what comes', async () => {
    const wildcard = { a: [{ wildcard: `${'*a'.repeat(40)}b` }] };
    const lists = Object.fromEntries(['b', 'c', 'd', 'e', 'f', 'g'].map((key) => [key, ['x']]));
    expect((await putRule(JSON.stringify({ detail: wildcard }))).status).toBe(200);
    expect((await putRule(JSON.stringify({ detail: { ...lists, h: ['x'] } }), 'other')).status).toBe(200);
    const long = Object.fromEntries(Object.keys(lists).map((key) => [key, Array(1_000).fill('x')]));
    const detail = { a: 'a'.repeat(10_000), ...long, h: 'y' };
    const { body } = await answered(() => putEvent(JSON.stringify(detail)));
    expect(JSON.parse(body).FailedEntryCount).toBe(0);
  });
});

describe('a policy of a queue', () => {
  beforeAll(() => json('AmazonSQS.CreateQueue', { QueueName: 'queue' }));

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a number', 5],
    ['a list', []],
    ['an object', {}],
    ['a statement of nothing', { Statement: null }],
    ['statements of nothing', { Statement: [null] }],
    ['a statement without an action', { Statement: { Effect: 'Allow', Principal: '*' } }],
    ['an effect of no kind', { Statement: { ...OPEN, Effect: 'Maybe' } }],
    ['lists of lists of actions', { Statement: { ...OPEN, Action: [['sqs:*']] } }],
    ['a service that is none', { Statement: { ...OPEN, Principal: { Service: null } } }],
    ['all resources but one', { Statement: { ...OPEN, NotResource: '*' } }],
    ['a condition of nothing', { Statement: { ...OPEN, Condition: { StringLike: null } } }],
    ['a name of every object', { Statement: { ...OPEN, Condition: { constructor: { 'aws:SourceArn': 'x' } } } }],
  ])('that is %s is refused', async (_name, policy) => {
    const Policy = JSON.stringify(policy);
    expect((await answered(() => setQueueAttributes({ Policy }))).status).toBe(400);
  });

  test.each<[string, string]>([
    ['nothing', 'null'],
    ['a number', '5'],
    ['a list', '[]'],
    ['5,000 levels', nested(5_000, '{"a":', '1', '}')],
  ])('for redrive that is %s is refused', async (_name, RedrivePolicy) => {
    const answer = await answered(() => setQueueAttributes({ RedrivePolicy }));
    expect(JSON.parse(answer.body).__type).toBe('InvalidAttributeValue');
  });

  test('of 40 wildcards lets in whom it names, and nobody else', async () => {
    const name = 'a'.repeat(64);
    await putRule('{"source":["hostile"]}', name);
    await json('AWSEvents.PutTargets', { Rule: name, Targets: [{ Id: '1', Arn: QUEUE_ARN }] });
    for (const [last, messages] of [
      ['b', 0],
      ['', 1],
    ] as const) {
      const Condition = { ArnLike: { 'aws:SourceArn': `${'*a'.repeat(40)}${last}` } };
      await setQueueAttributes({ Policy: JSON.stringify({ Statement: { ...OPEN, Condition } }) });
      await answered(() => putEvent('{}'));
      expect(await received()).toHaveLength(messages);
    }
  });
});

describe('the input of a target', () => {
  beforeAll(async () => {
    await json('AmazonSQS.CreateQueue', { QueueName: 'queue' });
    await setQueueAttributes({ Policy: JSON.stringify({ Statement: OPEN }) });
    await putRule('{"source":["hostile"]}', 'input');
  });

  const putTarget = (target: object) => {
    return json('AWSEvents.PutTargets', { Rule: 'input', Targets: [{ Id: '1', Arn: QUEUE_ARN, ...target }] });
  };

  test.each<[string, object]>([
    ['5,000 levels', { Input: nested(5_000, '[', '', ']') }],
    ['no JSON', { Input: 'text' }],
    ['a path of no form', { InputPath: '$..a' }],
    ['a template of 5,000 levels', { InputTransformer: { InputTemplate: nested(5_000, '[', '', ']') } }],
    ['a template of names that never end', { InputTransformer: { InputTemplate: '<a'.repeat(100_000) } }],
    ['a template of a quote that never ends', { InputTransformer: { InputTemplate: `"${' '.repeat(200_000)}x` } }],
    ['a template of a name of every object', { InputTransformer: { InputTemplate: '"<constructor>"' } }],
  ])('is refused: %s', async (_name, target) => {
    const answer = await answered(() => putTarget(target));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).__type).toBe('ValidationError');
  });

  test.each<[object, string[]]>([
    [{ InputPath: '$.detail.constructor' }, ['null']],
    [{ InputPath: '$.detail.a.__proto__' }, ['null']],
    [{ InputPath: '$.detail' }, [nested(998, '{"a":', '1', '}')]],
    [{ InputTransformer: { InputPathsMap: { d: '$.detail' }, InputTemplate: '"it is <d>"' } }, []],
  ])('finds what is in the event, and nothing else: %j', async (target, messages) => {
    expect((await putTarget(target)).status).toBe(200);
    await answered(() => putEvent(nested(998, '{"a":', '1', '}')));
    const arrived = await received();
    expect(arrived.filter((message) => !message.includes('"detail-type"'))).toEqual(messages);
  });
});

describe('a query', () => {
  test.each<[string, string, number]>([
    ['a list whose first item is number 999999999', 'AutoScalingGroupNames.member.999999999=x', 200],
    ['100,000 items', members(100_000), 200],
    ['names of 500,000 parts', `${'a.'.repeat(500_000)}=x`, 200],
    ['names of every object', '__proto__.member.1=x&constructor.prototype.member.1=x', 200],
    ['items that are their own list', 'AutoScalingGroupNames.member.1=x&AutoScalingGroupNames.member.1.a=x', 400],
    ['a number without end', 'MaxRecords=Infinity', 400],
  ])('of %s is answered', async (_name, parameters, status) => {
    const answer = await answered(() => query('autoscaling', `Action=DescribeAutoScalingGroups&${parameters}`));
    expect(answer.status).toBe(status);
  });

  test('for a group of a billion instances launches none', async () => {
    const zones = 'AvailabilityZones.member.1=eu-central-1a&LaunchTemplate.LaunchTemplateName=tomcat';
    const sizes = 'MinSize=1000000000&MaxSize=1000000000';
    const answer = await answered(() =>
      query('autoscaling', `Action=CreateAutoScalingGroup&AutoScalingGroupName=g&${sizes}&${zones}`),
    );
    expect(answer.status).toBe(200);
    const { body } = await query('autoscaling', 'Action=DescribeAutoScalingGroups');
    expect(body).toContain('<Instances/>');
    await query('autoscaling', 'Action=DeleteAutoScalingGroup&AutoScalingGroupName=g&ForceDelete=true');
  });
});

test('a page of no queues is refused', async () => {
  const answer = await answered(() => json('AmazonSQS.ListQueues', { MaxResults: 0 }));
  expect(JSON.parse(answer.body).__type).toBe('InvalidParameterValue');
});

test('headers that are too large are refused', async () => {
  const answer = await answered(() => s3('GET', '/wars/k', '', { 'x-amz-meta-a': 'a'.repeat(20_000) }));
  expect(answer.status).toBe(431);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTemplate } from '../../local/cloudformation/template-text';
import { type Block, listOf, readHcl } from '../harness/hcl';
import { SCRIPT } from '../tools/user-data';

const FOLDER = 'examples/fleet/terraform';
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.tf'));
const blocks = files.flatMap((name) => readHcl(readFileSync(join(FOLDER, name), 'utf8')));
const { Resources } = readTemplate(readFileSync('examples/fleet/fleet.yml', 'utf8'));

const resources = (type: string) => blocks.filter(({ labels: [first] }) => first === type);
const within = ({ blocks: inner }: Block, type: string) => inner.filter((block) => block.type === type);
const unquoted = (written = '') => written.replace(/^"(.*)"$/, '$1');

function only(found: readonly Block[]): Block {
  const [block, ...others] = found;
  if (!block || others.length > 0) throw new Error(`${found.length} blocks instead of one`);
  return block;
}

// biome-ignore lint/suspicious/noExplicitAny: every type of resource has properties of its own
const properties = (id: string): any => Resources[id]?.Properties;

test.each(['blue', 'green'])('what deployments change of %s is ignored, all of it', (color) => {
  const group = only(resources('aws_autoscaling_group').filter(({ labels }) => labels[1] === color));
  const ignored = listOf(only(within(group, 'lifecycle')).attributes.get('ignore_changes'));
  expect(ignored.sort()).toEqual([
    ...['desired_capacity', 'load_balancers', 'max_size', 'min_size', 'suspended_processes', 'tag'],
    ...['target_group_arns', 'traffic_source'],
  ]);
  expect(within(group, 'instance_refresh')).toEqual([]);
});

test('nothing attaches a group again that a deployment has detached', () => {
  expect(resources('aws_autoscaling_attachment')).toEqual([]);
  expect(resources('aws_autoscaling_traffic_source_attachment')).toEqual([]);
});

test('groups are made with their first roles, and the static tags have resources of their own', () => {
  const tags = resources('aws_autoscaling_group').map((group) =>
    within(group, 'tag').map(({ attributes }) => [...attributes.values()].map(unquoted)),
  );
  expect(tags).toEqual([
    [
      ['type', 'Active', 'false'],
      ['s3versionidapp1', 'var.war_version_id', 'true'],
    ],
    [
      ['type', 'StandBy', 'false'],
      ['s3versionidapp1', 'var.war_version_id', 'true'],
    ],
  ]);
  const [locals] = blocks.filter(({ type }) => type === 'locals');
  const keys = [...(locals?.attributes.get('static_tags') ?? '').matchAll(/(\w+) = /g)].map(([, key]) => key);
  const ofTemplate = properties('BlueGroup').Tags.map(({ Key }: { Key: string }) => Key);
  expect(keys).toEqual(ofTemplate);
  const tagged = resources('aws_autoscaling_group_tag').map(({ attributes }) => Object.fromEntries(attributes));
  expect(tagged).toEqual(
    ['blue', 'green'].map((color) => ({
      for_each: 'local.static_tags',
      autoscaling_group_name: `aws_autoscaling_group.${color}.name`,
    })),
  );
});

test('instances are those of the CloudFormation template: encrypted, by tokens alone, with tags and the user data', () => {
  const template = only(resources('aws_launch_template'));
  const values = (block: Block) =>
    Object.fromEntries([...block.attributes].map(([key, value]) => [key, unquoted(value)]));
  const { BlockDeviceMappings, MetadataOptions } = properties('LaunchTemplate').LaunchTemplateData;
  const { Ebs } = BlockDeviceMappings[0];
  expect(values(only(within(only(within(template, 'block_device_mappings')), 'ebs')))).toEqual({
    encrypted: String(Ebs.Encrypted),
    volume_type: Ebs.VolumeType,
    volume_size: String(Ebs.VolumeSize),
    delete_on_termination: String(Ebs.DeleteOnTermination),
  });
  expect(values(only(within(template, 'metadata_options')))).toEqual({
    http_endpoint: MetadataOptions.HttpEndpoint,
    http_tokens: MetadataOptions.HttpTokens,
    http_put_response_hop_limit: String(MetadataOptions.HttpPutResponseHopLimit),
    instance_metadata_tags: MetadataOptions.InstanceMetadataTags,
  });
  expect([Ebs.Encrypted, MetadataOptions.HttpTokens]).toEqual([true, 'required']);
  const script = '../../user-data/user-data.sh';
  expect(template.attributes.get('user_data')).toBe(`filebase64 ( "\${path.module}/${script}" )`);
  expect(join(FOLDER, script)).toBe(SCRIPT);
});

test('an instance may do what one of the CloudFormation template may', () => {
  const document = only(resources('aws_iam_policy_document').filter(({ labels }) => labels[1] === 'instance'));
  const actions = within(document, 'statement').flatMap(({ attributes }) => listOf(attributes.get('actions')));
  const { Statement } = properties('InstanceRole').Policies[0].PolicyDocument;
  expect(actions.map(unquoted).sort()).toEqual(Statement.flatMap(({ Action }: { Action: string[] }) => Action).sort());
});

test('its language is read with comments and texts that look like the rest of it', () => {
  const read = readHcl(
    'a "b" "c" {\n  d = "# } ${e["f"]}" # g = 1\n  h {\n    i = [\n      1,\n      j(2),\n    ]\n  }\n}\n',
  );
  expect(read).toEqual([
    {
      ...{ type: 'a', labels: ['b', 'c'], attributes: new Map([['d', '"# } ${e["f"]}"']]) },
      blocks: [{ type: 'h', labels: [], attributes: new Map([['i', '[1, j ( 2 ),]']]), blocks: [] }],
    },
  ]);
  for (const broken of ['a {', 'a = 1', 'a {\n b = 1\n b = 2\n}', 'a {\n b = <<E\nE\n}']) {
    expect(() => readHcl(broken)).toThrow();
  }
});

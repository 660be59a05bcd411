/** The command line of `npm run conformance`. */
import { parseOptions } from '../../local/terminal/command-line';
import { ACCOUNT, EMBEDDED, type Given } from './given';

/** `embedded`: one that the runner starts itself. `account`: wherever the SDK's default chain leads. */
export type Target = { is: 'embedded' } | { is: 'endpoint'; url: string } | { is: 'account' };

export interface Options {
  target: Target;
  given: Given;
  /** How many times as fast as this machine's the clock of the endpoint runs. */
  speed: number;
  /** Cases whose service or name has this text in it, whatever the case of its letters. */
  only: string;
  list: boolean;
  json: boolean;
}

export const USAGE = `npm run conformance [-- options]

Runs the table of AWS's behaviours that this product builds on, by unmodified
clients of the SDK, and takes away what it makes (names: conformance-...).
Without --endpoint, AWS_ENDPOINT_URL and --aws it runs against an embedded AWS
that it starts itself, and takes seconds.

  --endpoint URL          run against this one (also: AWS_ENDPOINT_URL)
  --speed N               its clock runs N times as fast (npm run local)
  --aws                   run against the account of your credentials

  --only TEXT             only cases with this text in service or name
  --list                  print the table, and run nothing
  --json                  print one JSON object instead of lines

What cases need, each for those that need it. An endpoint is taken to have what
npm run local has; an account, nothing:

  --vpc ID  --subnets A,B,C  --security-group ID
  --launch-template NAME  --port N   its instances answer HTTP there, status
                                     200 to 499 (8080)
  --instance-type TYPE               of weighted groups (t3.small)
  --certificate ARN  --service-role ARN (of CodeDeploy)
  --mail-role ARN         EventBridge may take it, and it may publish to topics
  --stack NAME            a CloudFormation stack with outputs and a role
  --instances             may launch instances: costs
  --load-balancers        may create load balancers: costs
  --minutes               may wait for minutes, again and again

What is skipped is said, with what it needs. Ctrl-C takes away what was made
first. Exit code: 0 if nothing failed, 1 if something did, 2 if the options are
not understood.
`;

/** Throws an error that says which option is not understood. */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const values = parseOptions(args, {
    ...{ endpoint: text, speed: text, aws: flag, only: text, list: flag, json: flag },
    ...{ vpc: text, subnets: text, 'security-group': text, 'launch-template': text, port: text },
    ...{
      certificate: text,
      'service-role': text,
      'mail-role': text,
      stack: text,
      'instance-type': text,
      instances: flag,
      'load-balancers': flag,
      minutes: flag,
    },
  });
  const target = targetOf(values, environment);
  const base = target.is === 'account' ? ACCOUNT : EMBEDDED;
  const given: Given = {
    vpcId: values.vpc ?? base.vpcId,
    subnetIds: values.subnets?.split(',').filter(Boolean) ?? base.subnetIds,
    securityGroupId: values['security-group'],
    launchTemplateName: values['launch-template'] ?? base.launchTemplateName,
    port: number('port', values.port, base.port),
    instanceType: values['instance-type'] ?? base.instanceType,
    certificateArn: values.certificate ?? base.certificateArn,
    serviceRoleArn: values['service-role'] ?? base.serviceRoleArn,
    mailRoleArn: values['mail-role'] ?? base.mailRoleArn,
    stackName: values.stack ?? base.stackName,
    mayLaunchInstances: values.instances || base.mayLaunchInstances,
    mayCreateLoadBalancers: values['load-balancers'] || base.mayCreateLoadBalancers,
    mayTakeMinutes: values.minutes || base.mayTakeMinutes,
  };
  const { only = '', list, json } = values;
  return { target, given, speed: number('speed', values.speed, 1), only, list, json };
}

function targetOf({ endpoint, aws }: { endpoint?: string; aws: boolean }, environment: NodeJS.ProcessEnv): Target {
  const url = endpoint ?? environment.AWS_ENDPOINT_URL;
  if (aws && url) throw new Error(`--aws is a real account, ${url} is not: leave one of them out`);
  if (aws) return { is: 'account' };
  if (!url) return { is: 'embedded' };
  if (!URL.canParse(url)) throw new Error(`--endpoint is a URL, not "${url}"`);
  return { is: 'endpoint', url };
}

function number(name: string, given: string | undefined, standard: number): number {
  if (given === undefined) return standard;
  if (!/^\d+(\.\d+)?$/.test(given) || Number(given) <= 0) throw new Error(`--${name} is a number, not "${given}"`);
  return Number(given);
}

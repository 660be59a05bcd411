/** What a deployment has failed by and clean-up does not mend: as it stands, and not as what had happened. */
import { lackOf } from './causes';

interface Failure {
  code: string;
  message: string;
}

/** One line each; nothing where the cause is gone with the deployment, or where nobody knows. */
export function standingCauses({ code, message }: Failure): string[] {
  const lack = lackOf(message);
  return lack ? [lack] : [...takenNames(code, message), ...shortages(code, message), ...unmended(code, message)];
}

/** What nobody has mended yet, as far as anybody knows. */
function unmended(code: string, message: string): string[] {
  if (code === 'T001' && LAUNCH_FAILED.test(message)) return ['What kept instances from being launched.'];
  const [, stage] = (code === 'T014' && /^the stage (\S+) did not move /.exec(message)) || [];
  if (stage) return [`What kept the stage ${stage} from moving: it is not known.`];
  const [, functionName] = /^the function (\S+) broke off on every attempt/.exec(message) ?? [];
  return functionName ? [`What made the function ${functionName} break off: its log says it.`] : [];
}

const LAUNCH_FAILED = /no instance came: Launching a new EC2 instance failed/;

function takenNames(code: string, message: string): string[] {
  const [, names] = /names for a clone of \S+ is free: (.+?)(?: \(|$)/.exec(message) ?? [];
  const kind = KINDS[code];
  return names === undefined || kind === undefined
    ? []
    : [`${kind} that were there before have these names: ${names}.`];
}

const KINDS: Partial<Record<string, string>> = {
  '407': 'Classic Load Balancers',
  '409': 'Target groups',
  '410': 'Load balancers',
};

function shortages(code: string, message: string): string[] {
  if (code !== '413') return [];
  const limit = limitIn(message);
  if (limit) return [`The account is at its limit of ${limit}.`];
  return isOfSubnets(message) ? ['AWS has no room for another load balancer in the subnets.'] : [];
}

/** By the names of the errors of both services, `TooManyLoadBalancers`: what there are too many of, in words. */
export function limitIn(message: string): string | undefined {
  const [, counted] = /\bTooMany([A-Z]\w*?)(?:Exception)?\b/.exec(message) ?? [];
  return counted
    ?.replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace('Unique Target Groups Per Load Balancer', 'target groups per load balancer')
    .toLowerCase();
}

/** Too few addresses are free there, mostly (https://repost.aws/knowledge-center/subnet-insufficient-ips). */
export function isOfSubnets(message: string): boolean {
  return /\bInvalidSubnet/.test(message);
}

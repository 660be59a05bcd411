/** The health of instances on a Classic Load Balancer: how it is checked and how it is described. */
import type { HealthCheck as HealthCheckDescription, InstanceState } from '@aws-sdk/client-elastic-load-balancing';
import type { HealthCheck, HealthCheckSettings } from '../../fleet/health-check';
import type { HealthProbe } from '../../fleet/instances';
import type { Timer } from '../../kernel/clock';
import { AwsError, validationError } from '../../kernel/service';

export interface Registration {
  check: HealthCheck;
  /** Set while it is deregistered but keeps its connections. */
  draining: Timer | undefined;
  /** The state that was announced last. */
  announced: string | undefined;
}

/** As DescribeInstanceHealth answers it, with the reason codes and wording of AWS. */
export function instanceState(InstanceId: string, registration: Registration | undefined): InstanceState {
  if (!registration) throw new AwsError('InvalidInstance', `Could not find EC2 instance ${InstanceId}.`);
  const { check, draining } = registration;
  if (draining) {
    const Description = 'Instance deregistration currently in progress.';
    return { InstanceId, State: 'InService', ReasonCode: 'N/A', Description };
  }
  if (check.verdict === 'healthy') return { InstanceId, State: 'InService', ReasonCode: 'N/A', Description: 'N/A' };
  if (check.verdict === 'initial') {
    const Description = 'Instance registration is still in progress.';
    return { InstanceId, State: 'OutOfService', ReasonCode: 'ELB', Description };
  }
  const Description = 'Instance has failed at least the UnhealthyThreshold number of health checks consecutively.';
  return { InstanceId, State: 'OutOfService', ReasonCode: 'Instance', Description };
}

export function checkSettings(description: HealthCheckDescription): HealthCheckSettings {
  return {
    probe: probeOf(description),
    intervalSeconds: description.Interval as number,
    healthyThreshold: description.HealthyThreshold as number,
    unhealthyThreshold: description.UnhealthyThreshold as number,
    oneSuccessIsEnoughAtFirst: false,
    passes: (answer) => 'connected' in answer || ('status' in answer && answer.status === 200),
  };
}

/** `Target` is `TCP:port`, `SSL:port`, `HTTP:port/path` or `HTTPS:port/path`; of HTTP only 200 is healthy. */
export function probeOf({ Target = '', Timeout }: HealthCheckDescription): HealthProbe {
  const match = Target.match(/^(TCP|SSL|HTTP|HTTPS):(\d+)(\/.*)?$/);
  const isHttp = match?.[1]?.startsWith('HTTP') ?? false;
  if (!match || isHttp !== (match[3] !== undefined)) {
    throw validationError(
      `HealthCheck target '${Target}' must be TCP:port, SSL:port, HTTP:port/path or HTTPS:port/path`,
    );
  }
  return {
    protocol: match[1] as HealthProbe['protocol'],
    port: Number(match[2]),
    path: match[3],
    timeoutSeconds: Timeout as number,
  };
}

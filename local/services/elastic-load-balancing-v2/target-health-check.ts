/** How a target group's settings become a health check, and a failed check AWS's reason and description. */
import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HealthCheckSettings } from '../../fleet/health-check';
import type { HealthProbe, ProbeAnswer } from '../../fleet/instances';
import type { LoadBalancer, Target, TargetGroup } from './account';

/**
 * "After your target is registered, it must pass one health check to be considered healthy" is said of Application
 * Load Balancers only (user guide); on Network Load Balancers a new target needs the whole threshold.
 */
export function healthCheckSettings(
  { description }: TargetGroup,
  target: Target,
  kind: LoadBalancer['kind'],
): HealthCheckSettings {
  const { HealthCheckPort, Matcher } = description;
  return {
    probe: {
      protocol: description.HealthCheckProtocol as HealthProbe['protocol'],
      port: HealthCheckPort === 'traffic-port' ? target.port : Number(HealthCheckPort),
      path: description.HealthCheckPath,
      timeoutSeconds: description.HealthCheckTimeoutSeconds as number,
    },
    intervalSeconds: description.HealthCheckIntervalSeconds as number,
    healthyThreshold: description.HealthyThresholdCount as number,
    unhealthyThreshold: description.UnhealthyThresholdCount as number,
    oneSuccessIsEnoughAtFirst: kind === 'application',
    passes: (answer) => {
      if (!('status' in answer)) return 'connected' in answer;
      const { GrpcCode, HttpCode = '200' } = Matcher ?? {};
      return GrpcCode === undefined ? matches(HttpCode, answer.status) : matches(GrpcCode, grpcCodeOf(answer.status));
    },
  };
}

const GRPC_OK = 0;
const GRPC_UNAVAILABLE = 14;

/** The machines speak plain HTTP: what they answer is taken for the gRPC status that it would be. */
function grpcCodeOf(httpStatus: number): number {
  return httpStatus === 200 ? GRPC_OK : GRPC_UNAVAILABLE;
}

/** `codes` is a matcher: `200`, `200,302`, `200-299`, or a list of both forms. */
export function matches(codes: string, status: number): boolean {
  return codes.split(',').some((part) => {
    const [low, high = low] = part.split('-').map(Number);
    return low !== undefined && high !== undefined && status >= low && status <= high;
  });
}

export function failureOf(targetGroup: TargetGroup, answer: ProbeAnswer | undefined): Omit<TargetHealth, 'State'> {
  const isHttp = targetGroup.description.Protocol?.startsWith('HTTP');
  if (isHttp && answer && 'status' in answer) {
    return {
      Reason: 'Target.ResponseCodeMismatch',
      Description: `Health checks failed with these codes: [${answer.status}]`,
    };
  }
  if (isHttp && answer && 'failed' in answer && answer.failed === 'timeout') {
    return { Reason: 'Target.Timeout', Description: 'Request timed out' };
  }
  return { Reason: 'Target.FailedHealthChecks', Description: 'Health checks failed' };
}

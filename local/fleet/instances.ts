/** What runs on an EC2 instance, as the Auto Scaling group that launches it and the load balancers that probe it see it. */

export interface LaunchedInstance {
  instanceId: string;
  availabilityZone: string;
  privateIp: string;
  /** The group's tags with PropagateAtLaunch, as they were at the launch. */
  tags: ReadonlyMap<string, string>;
}

export interface HealthProbe {
  protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'SSL';
  port: number;
  /** Only of HTTP and HTTPS probes. */
  path?: string;
  timeoutSeconds: number;
}

/** `status` of an HTTP probe, or that a connection was made (TCP); else why there was no answer. */
export type ProbeAnswer = { status: number } | { connected: true } | { failed: 'timeout' | 'refused' };

/** The machines: virtual ones in tests, real HTTP servers in the demo. */
export interface InstanceHost {
  launch(instance: LaunchedInstance): void;
  /** May be answered at once, or later (a real HTTP request). */
  probe(instanceId: string, probe: HealthProbe): ProbeAnswer | Promise<ProbeAnswer>;
  terminate(instanceId: string): void;
}

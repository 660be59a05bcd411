/** What an Auto Scaling group can be attached to: target groups (by ARN) and Classic Load Balancers (by name). */

/** `draining`: deregistered, but open connections may still be served. Undefined: not registered. */
export type RegistrationState = 'healthy' | 'unhealthy' | 'other' | 'draining' | undefined;

export interface Attachable {
  exists(identifier: string): boolean;
  /** Whether its targets are instances, by their ids. */
  takesInstances(identifier: string): boolean;
  register(identifier: string, instanceIds: string[]): void;
  deregister(identifier: string, instanceIds: string[]): void;
  stateOf(identifier: string, instanceId: string): RegistrationState;
  /** Calls back after the state of a registered instance has changed, or it is gone. */
  onRegistrationChange(listener: (identifier: string, instanceId: string) => void): void;
  /** Tells where instances are, and whose a private address is; undefined where there is none (any more). */
  locateInstancesWith(
    zoneOf: (instanceId: string) => string | undefined,
    instanceAt?: (address: string) => string | undefined,
  ): void;
}

/** What load balancers say of the targets that are registered with them. */

export interface TargetState {
  /** `healthy`, or what else the load balancer says of the target. */
  state: string;
  reasonCode?: string;
  description?: string;
}

/** What one target group, or one Classic Load Balancer, says of every target that is registered with it. */
export interface TargetHealth {
  name: string;
  /** Cross-zone is off: the traffic of a zone goes to the targets in it alone. */
  isZonal: boolean;
  targets: ReadonlyMap<string, TargetState>;
}

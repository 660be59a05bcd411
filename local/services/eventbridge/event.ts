/** An event as rules and targets see it. */
export interface BusEvent {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  /** In whole seconds: `2030-01-01T00:00:00Z`. */
  time: string;
  region: string;
  resources: string[];
  'replay-name'?: string;
  detail: Record<string, unknown>;
}

/** An embedded AWS of the runner's own, over HTTP on a free port, in virtual time: it passes only while a case waits. */
import type { Template } from '../../local/cloudformation/template';
import { EmbeddedAws } from '../../local/embedded-aws';
import { VirtualInstances } from '../../local/fleet/virtual-instances';
import { VirtualClock } from '../../local/kernel/clock';
import { HttpServer } from '../../local/server/http-server';
import { EMBEDDED } from './given';

export interface Embedded {
  url: string;
  aws: EmbeddedAws;
  sleep: (seconds: number) => Promise<void>;
  close: () => void;
}

/** `onDefect` gets errors of the embedded AWS itself. */
export async function startEmbedded(onDefect: (error: unknown) => void): Promise<Embedded> {
  const clock = new VirtualClock(new Date());
  const instances = new VirtualInstances({ clock, bootSeconds: 30, application: () => 200 });
  const server = await HttpServer.listen(0, onDefect);
  // Without latency nothing that is asked waits for the clock: what a case has sent is answered before it waits itself.
  const aws = new EmbeddedAws({ clock, instances, latencySeconds: 0, queueOrigin: server.url });
  aws.deploy(STACK, { stackName: EMBEDDED.stackName });
  server.serve(aws);
  return { url: server.url, aws, sleep: (seconds) => clock.advance(seconds), close: () => server.close() };
}

/** What cases may read: nothing that they, or whoever looks at what they left, would meet among what they made. */
const STACK: Template = {
  Resources: {
    Role: { Type: 'AWS::IAM::Role' },
    LogGroup: { Type: 'AWS::Logs::LogGroup' },
  },
  Outputs: { RoleArn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] }, Description: 'of a role that may do nothing' } },
};

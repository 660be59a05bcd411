/** `npm run conformance`: runs the table of AWS's behaviours against an embedded AWS, another implementation, or AWS. */
import { runCommand } from './command';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // it runs on Node 20 too

// Whatever ends it, what it made in an account is taken away first; a second signal ends it at once.
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interruption.abort(new Error('it was interrupted')));
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  interruption.abort(new Error('nobody reads on')); // as with `| head`
});

process.exitCode = await runCommand(process.argv.slice(2), {
  environment: process.env,
  output: (text) => void process.stdout.write(text),
  errors: (text) => void process.stderr.write(text),
  signal: interruption.signal,
});

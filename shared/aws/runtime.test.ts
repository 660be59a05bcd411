import { onLambda, type Runtime } from './runtime';

/** What is written to the standard output meanwhile. */
async function written(program: () => Promise<unknown>): Promise<string> {
  const { write } = process.stdout;
  let text = '';
  process.stdout.write = ((chunk: string) => {
    text += chunk;
    return true;
  }) as typeof write;
  try {
    await program();
  } finally {
    process.stdout.write = write;
  }
  return text;
}

test('a line is written as it is: conditions on fields find only lines that are JSON from end to end', async () => {
  const handle = onLambda((runtime: Runtime) => async () => runtime.log('{"message":"one"}'));
  const invocation = { functionName: 'start', awsRequestId: '1', getRemainingTimeInMillis: () => 1000 };
  const globalLog = console.log;
  console.log = (line: string) => void process.stdout.write(`2030-01-01T00:00:00.000Z\t1\tINFO\t${line}\n`); // as Lambda's does
  try {
    expect(await written(() => handle({}, invocation))).toBe('{"message":"one"}\n');
  } finally {
    console.log = globalLog;
  }
});

test('a runtime knows which invocation runs', async () => {
  const handle = onLambda(
    ({ invocationId }: Runtime) =>
      async () =>
        invocationId?.(),
  );
  const invocation = { functionName: 'start', getRemainingTimeInMillis: () => 1000 };
  expect(await handle({}, { ...invocation, awsRequestId: 'one' })).toBe('one');
  expect(await handle({}, { ...invocation, awsRequestId: 'another' })).toBe('another');
});

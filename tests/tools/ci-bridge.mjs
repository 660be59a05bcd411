/** Stands for the command `bluegreen` where a script calls it: the test that runs the script runs the command, in virtual time. */
const answer = await fetch(process.env.BLUEGREEN_BRIDGE, {
  method: 'POST',
  body: JSON.stringify({ words: process.argv.slice(2), environment: process.env }),
});
const { code, output, errors } = await answer.json();
process.stdout.write(output);
process.stderr.write(errors);
process.exitCode = code;

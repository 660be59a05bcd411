import { findingsOf, well } from './finding';

function checkThat(look: () => Promise<never>) {
  return [
    { area: 'rules', question: 'Whether it is so', look },
    { area: 'mail', question: 'Who gets mail', look: async () => [well('All do.')] },
  ];
}

test('what AWS does not answer is unknown, and takes nothing else with it', async () => {
  const refusal = Object.assign(new Error('not today'), { name: 'ValidationException', $fault: 'client' });
  const findings = await findingsOf(checkThat(() => Promise.reject(refusal)));
  expect(findings.map(({ area, verdict }) => [area, verdict])).toEqual([
    ['rules', 'unknown'],
    ['mail', 'well'],
  ]);
});

test('a defect of the command is no finding', async () => {
  const look = () => Promise.reject(new TypeError('x is not a function'));
  await expect(findingsOf(checkThat(look))).rejects.toThrow(TypeError);
});

/** What turns the direction of a text, or cannot be seen in it, reaches no terminal and no mail, whatever it stands in. */
import * as fc from 'fast-check';
import { plain, wrap } from '../local/terminal/lines';
import { CommandLine } from '../tests/harness/command';
import { tourOf } from '../tests/harness/command-tour';
import { World } from '../tests/harness/world';

/** Joiners stay: some letters and emoji are written with them. */
const UNSEEN = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const ODD = '\u202e\u2066\u200b\u{e0041}';

test('none of the command, nor of its JSON, nor of the mails', async () => {
  const world = await World.quick({ fleet: { warKeys: [`a${ODD}b.war`] } });
  const command = await CommandLine.open(world);
  try {
    const names = { version: `2.0${ODD}x`, reason: `not${ODD}today` };
    const runs = await tourOf(world, command, names);
    const told = [...runs, await command.run('status WAS --json'), await command.run('history WAS --json')];
    expect(told.filter(({ code }) => [2, 3, 6].includes(code))).toEqual([]);
    expect(told.flatMap(({ screen }) => screen.split('\n').filter((line) => UNSEEN.test(line)))).toEqual([]);
    const mails = world.aws.sns.mails.map(({ subject = '', body }) => `${subject}\n${body}`);
    expect(mails.length).toBeGreaterThan(10);
    expect(mails.flatMap((mail) => mail.split('\n').filter((line) => UNSEEN.test(line)))).toEqual([]);
  } finally {
    command.close();
  }
});

test('of any text', async () => {
  await fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...ODD), (text, odd) => {
      for (const line of [plain(text + odd + text), ...wrap(text + odd + text, 40)]) expect(line).not.toMatch(UNSEEN);
    }),
  );
});

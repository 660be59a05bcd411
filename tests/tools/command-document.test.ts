/** What the documents say of the command is what it does. */
import { readFileSync } from 'node:fs';
import { commandDocuments, TOUR_FILE, withoutChance } from './command-document';

test('the documents show the command as it is: npm run documents -- commands', async () => {
  for (const [path, text] of await commandDocuments(readFileSync(TOUR_FILE, 'utf8'))) {
    expect(withoutChance(readFileSync(path, 'utf8'))).toBe(withoutChance(text));
  }
});

/** Writes the user data script into the template of the example fleet: `npx tsx tests/tools/embed-user-data.ts`. */
import { writeFileSync } from 'node:fs';
import { TEMPLATE, templateWithUserData } from './user-data';

writeFileSync(TEMPLATE, templateWithUserData());

/** Two wars to try it with, as files: one that is well, one whose health check answers 500. They go with the server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWar } from '../fleet/war';

export class WarFolder {
  private constructor(readonly path: string) {}

  static make(): WarFolder {
    const folder = new WarFolder(mkdtempSync(join(tmpdir(), 'bluegreen-wars-')));
    writeFileSync(join(folder.path, 'app.war'), buildWar({ health: '200 well', 'index.html': 'a new version' }));
    writeFileSync(join(folder.path, 'broken.war'), buildWar({ health: '500 ill', 'index.html': 'a broken one' }));
    return folder;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Writes what command-document.ts makes. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { commandDocuments, FOLDER, TOUR_FILE } from './command-document';

mkdirSync(FOLDER, { recursive: true });
for (const [path, text] of await commandDocuments(readFileSync(TOUR_FILE, 'utf8'))) writeFileSync(path, text);

import { readFileSync, writeFileSync } from 'node:fs';
import { COSTS_FILE, measured, parts } from './readme';

const { before, after } = parts(readFileSync(COSTS_FILE, 'utf8'));
writeFileSync(COSTS_FILE, `${before}\n${await measured()}${after}`);

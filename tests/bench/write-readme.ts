import { readFileSync, writeFileSync } from 'node:fs';
import { measured, parts } from './readme';

const { before, after } = parts(readFileSync('README.md', 'utf8'));
writeFileSync('README.md', `${before}\n${await measured()}${after}`);

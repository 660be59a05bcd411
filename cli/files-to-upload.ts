/** Which war each file is that somebody wants to upload, and under which name: found out before anything is sent. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { WarSlot } from '../shared/fleet/tags';
import { NAME_BYTES } from '../shared/fleet/war-name';
import { headerText } from './object-upload';
import { Problem } from './problem';
import type { Session } from './session';
import type { TaskNow } from './task';
import { fileNameOf, slotCalled } from './versions';
import { readWarFile, type WarFile } from './war-file';

export interface Intended {
  slot: WarSlot;
  file: WarFile;
}

/** Every file is looked at before the first is sent. `others` are those that were given before it. */
export async function fileMeant(
  session: Session,
  now: TaskNow,
  typed: string,
  others: readonly Intended[],
): Promise<Intended> {
  const { name, path } = nameAndPath(typed);
  const file = await readWarFile(path);
  try {
    const slot = name === undefined ? slotOfFile(session, now, path) : slotCalled(now.slots, name, now.task);
    for (const other of others) assertApart({ slot, file }, other);
    return { slot, file };
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

/** A war that two slots have is uploaded once, for both. */
function assertApart({ slot: { key }, file }: Intended, other: Intended): void {
  const isSameFile = file.stats.dev === other.file.stats.dev && file.stats.ino === other.file.stats.ino;
  if (key === other.slot.key) {
    if (isSameFile) throw new Problem(`${key} is given twice, as ${file.path}`, 'Give it once.');
    throw new Problem(`${key} is given two files: ${other.file.path} and ${file.path}`, 'Give each war one.');
  }
  if (!isSameFile) return;
  const message = `${file.path} is given for two wars: ${other.slot.key} and ${key}`;
  throw new Problem(message, 'Give each war a file of its own. Where they are to be the same, give it a copy.');
}

/** `WAR=FILE`, unless there is a file that is called so. */
function nameAndPath(typed: string): { name?: string; path: string } {
  const [, name, path] = /^([^=]+)=(.*)$/s.exec(typed) ?? [];
  return name === undefined || path === undefined || existsSync(typed) ? { path: typed } : { name, path };
}

function slotOfFile(session: Session, { task, slots }: TaskNow, path: string): WarSlot {
  const fitting = slots.filter(({ key }) => fileNameOf(key) === basename(path));
  const keys = [...new Set(fitting.map(({ key }) => key))];
  const [slot] = fitting;
  if (slot && keys.length === 1) return slot;
  const known = slots.map((one) => `${one.slot} (${one.key})`).join(', ');
  const why = slot ? `${keys.length} wars of ${task} are called so` : `no war of ${task} is called so`;
  const example = session.commandLine('upload', task, `${(slot ?? slots[0])?.slot ?? 1}=${path}`);
  throw new Problem(`Which war ${path} is, is not clear: ${why}`, `There are: ${known}. Say which:${example}`);
}

/** As it goes with the object. */
export function metadataOf(name: string | undefined, commit: string | undefined): Record<string, string> {
  const given = { version: name?.trim(), commit: commit?.trim() };
  for (const [option, text] of Object.entries({ '--name': given.version, '--commit': given.commit })) {
    if (text === '') throw new Problem(`${option} says nothing`, 'Leave it out, or give it a value.');
    if (text !== undefined && /\p{Cc}/u.test(text)) throw new Problem(`${option} has more than one line`, 'Give one.');
  }
  if (Buffer.byteLength(given.version ?? '') > NAME_BYTES) {
    throw new Problem(`The name has more than ${NAME_BYTES} bytes`, 'Give a shorter one: no mail would show the rest.');
  }
  const { version, commit: built } = given;
  return {
    ...(version !== undefined && { version: headerText(version) }),
    ...(built !== undefined && { commit: headerText(built) }),
  };
}

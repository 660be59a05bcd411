import type { Attachment, AttachmentState } from './attachment';
import { batchesOf, toAttach, toDetach } from './motion';

function named(from: number, to: number): Attachment[] {
  return Array.from({ length: to - from }, (_, index) => ({
    kind: 'target-group',
    way: 'direct',
    identifier: `group-${from + index}`,
  }));
}

function listed(from: number, to: number, state: string): AttachmentState[] {
  return named(from, to).map((attachment) => ({ ...attachment, state }));
}

/** The first and the last, and how many: all of them in a row. */
function rangeOf(attachments: Attachment[]): string {
  const numbers = attachments.map(({ identifier }) => identifier.replace('group-', ''));
  return numbers.length > 0 ? `${numbers[0]}-${numbers.at(-1)}: ${numbers.length}` : 'none';
}

test.each([
  [0, 1],
  [1, 1],
  [10, 1],
  [11, 2],
  [50, 5],
])('%i attachments are %i batches', (attachments, batches) => {
  expect(batchesOf(attachments)).toBe(batches);
});

test.each<[string, AttachmentState[], number, string, boolean, string]>([
  ['few, at once', [], 10, '0-9: 10', true, ''],
  ['many: the first ten', [], 25, '0-9: 10', false, ' (batch 1 of 3)'],
  ['as many as have places', listed(0, 7, 'Adding'), 25, '7-9: 3', false, ' (batch 1 of 3)'],
  ['none while ten are moving', listed(0, 10, 'Adding'), 25, 'none', false, ' (batch 1 of 3)'],
  ['the next ones', listed(0, 10, 'Added'), 25, '10-19: 10', false, ' (batch 2 of 3)'],
  ['the last ones', listed(0, 20, 'InService'), 25, '20-24: 5', true, ' (batch 3 of 3)'],
  ['nothing once all are', listed(0, 25, 'InService'), 25, 'none', true, ' (batch 3 of 3)'],
  ['what is being left, in no place', listed(0, 10, 'Removing'), 10, '0-9: 10', false, ''],
  ['others that move', listed(90, 95, 'Removing'), 10, '0-4: 5', false, ''],
])('to attach: %s', (_, attachments, count, next, isLast, name) => {
  const batch = toAttach(attachments, named(0, count));
  expect({ ...batch, attachments: rangeOf(batch.attachments) }).toEqual({ attachments: next, isLast, name });
});

test.each<[string, AttachmentState[], number, string, boolean, string]>([
  ['few, at once', listed(0, 10, 'InService'), 10, '0-9: 10', true, ''],
  ['many: the first ten', listed(0, 25, 'InService'), 25, '0-9: 10', false, ' (batch 1 of 3)'],
  [
    'none while ten are moving',
    [...listed(0, 10, 'Removing'), ...listed(10, 25, 'Added')],
    25,
    'none',
    false,
    ' (batch 1 of 3)',
  ],
  [
    'as many as have gone',
    [...listed(4, 10, 'Removing'), ...listed(10, 25, 'Added')],
    25,
    '10-13: 4',
    false,
    ' (batch 2 of 3)',
  ],
  ['the last ones', listed(20, 25, 'Added'), 25, '20-24: 5', true, ' (batch 3 of 3)'],
  ['nothing once all are', [], 25, 'none', true, ' (batch 3 of 3)'],
])('to detach: %s', (_, attachments, count, next, isLast, name) => {
  const batch = toDetach(attachments, named(0, count));
  expect({ ...batch, attachments: rangeOf(batch.attachments) }).toEqual({ attachments: next, isLast, name });
});

test('what may not be detached yet makes no batch the last', () => {
  const attached = listed(0, 5, 'InService');
  expect(toDetach(attached, named(0, 2), named(0, 5))).toMatchObject({
    isLast: false,
    attachments: attached.slice(0, 2),
  });
});

/** Why clean-up has stopped, as the event told that stands in the outbox: the record itself does not say. */
import { Cleaned } from '../../events/cleaned';
import type { Remedy } from '../deployment/refusal';
import type { DeploymentRecord } from './record';

export function cleanAgain({ outbox }: DeploymentRecord): Extract<Remedy, { kind: 'clean-again' }> {
  const event = outbox.events.find(({ detailType }) => detailType === Cleaned.detailType);
  const read = event && Cleaned.read(event.detail);
  if (!read?.success) return { kind: 'clean-again' };
  const { summary, message = '' } = read.detail;
  const [first = ''] = message.split('; ');
  const whole = summary.includes(first) ? summary : `${summary.replace(/[.:]$/, '')}: ${first}`;
  return { kind: 'clean-again', why: whole.replace(/[.:]$/, '') };
}

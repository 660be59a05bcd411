/** What is said of users: what was seen, and nothing else. */
import type { Users } from '../../events/contract';
import { named } from '../aws/findings';
import { areDown } from '../deployment/users';

/** One sentence; without `users` nobody has looked. */
export function usersSentence(users: Users | undefined): string {
  return users ? [servedSentence(users), ...otherSentences(users)].join(' ') : 'Who serves was not looked at.';
}

/** What is said before everything else; nothing where nobody has seen that users are down. */
export function alarmSentence(users: Users | undefined): string | undefined {
  return users && areDown(users) ? servedSentence(users) : undefined;
}

/** Below that: only what is new. */
export function usersBelowAlarm(users: Users | undefined): string {
  return users && areDown(users) ? ['See above.', ...otherSentences(users)].join(' ') : usersSentence(users);
}

function otherSentences({ apart, met, hadMet, outage }: Users): string[] {
  return [
    ...(outage?.until
      ? [`They were down on ${named(shown(outage.on))} from ${outage.since} to ${outage.until}, as far as was seen.`]
      : []),
    ...(apart ? [`No instance of ${apart} is registered there.`] : []),
    ...(met ? [metSentence(met)] : []),
    ...(hadMet ? [hadMetSentence(hadMet)] : []),
  ];
}

function servedSentence(users: Users): string {
  const { seenAt, group, loadBalancers, serving, down, downSince = seenAt, isIdle } = users;
  if (isIdle) return `Whether users are served cannot be seen: no listener refers to what ${group} is attached to.`;
  if (loadBalancers === 0) return `Nobody is served: ${group} is behind no load balancer (seen at ${seenAt}).`;
  if (down.length === 0) return `${servingText(serving ?? [])} on ${everywhere(users)} (seen at ${seenAt}).`;
  if (users.isBySchedule) return `Nobody is served: ${group} is at 0, as its schedule has it (seen at ${seenAt}).`;
  const others =
    serving && down.length < loadBalancers ? `; on the other ${loadBalancers - down.length} they are served` : '';
  return `USERS ARE DOWN on ${named(shown(down))}, since ${downSince} at the latest: ${whyDown(users)}${others}.`;
}

function whyDown({ group, serving, isEmpty, because, down }: Users): string {
  if (because === 'gone') return `${down.length > 1 ? 'these do' : 'it does'} not exist any more`;
  if (because === 'unattached' || !serving) return `${group} is not attached there`;
  return isEmpty ? `${group} is at 0` : `no target of ${group} is healthy there`;
}

function servingText(serving: readonly string[]): string {
  if (serving.length === 0) return 'Targets of neither group serve';
  return serving.length > 1 ? `${serving.join(' and ')} serve` : `${serving[0]} serves`;
}

/** What no plan knows is called by its ARN: people know it by its name. */
function shown(names: readonly string[]): string[] {
  return names.map((name) => name.replace(/^arn:\S+:targetgroup\/([^/]+)\/\w+$/, '$1'));
}

function everywhere({ loadBalancers, on = [] }: Users): string {
  const [only = 'the load balancer'] = shown(on);
  if (loadBalancers === 1) return only;
  const more = loadBalancers > on.length ? ` and ${loadBalancers - on.length} more` : '';
  const names = on.length > 0 ? `: ${shown(on).join(', ')}${more}` : '';
  return `all ${loadBalancers} load balancers and target groups${names}`;
}

function metSentence({ group, since, on, targets, ofTargets }: NonNullable<Users['met']>): string {
  return `Since ${since} users could meet ${group} on ${named(shown(on))}: ${targets} of ${ofTargets} targets there are its own.`;
}

function hadMetSentence({ group, since, until, on }: NonNullable<Users['hadMet']>): string {
  return `From ${since} to ${until} at the latest they could meet ${group}, too, on ${named(shown(on))}.`;
}

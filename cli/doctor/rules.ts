/** Whether what the stack listens by is there and enabled: the rules of its bus, and its own of the default bus. */
import { EventBridgeClient, ListRulesCommand, type Rule } from '@aws-sdk/client-eventbridge';
import { deployStackCommand, enableRuleCommand } from '../../shared/codes/commands';
import type { Stack, StackResource } from '../stack';
import { broken, type Check, doubtful, refused, type Said, well } from './finding';

const DEFAULT_BUS = 'default';

/** What `CodeDeployCleanUp: off` disables. */
const OF_CODE_DEPLOY = /CodeDeploy|codedeploy/;

interface StackRule {
  busName: string;
  name: string;
}

export function rulesCheck(stack: Stack): Check {
  return {
    area: 'rules',
    question: 'Whether the rules of the stack are enabled',
    async look() {
      const refusal = await stack.wiring.refusal();
      const own = (await stack.resources).filter(({ type }) => type === 'AWS::Events::Rule').map(ruleOf);
      const buses = [...new Set(own.map(({ busName }) => busName))];
      const found = new Map<string, Rule>();
      for (const busName of buses) {
        for (const rule of await rulesOf(busName, stack)) found.set(keyOf({ busName, name: rule.Name ?? '' }), rule);
      }
      const told = refusal?.remedy?.kind === 'enable-rules' ? refusal.remedy.rules : [];
      const others = own.filter(({ name }) => !told.includes(name)).flatMap((rule) => saidOf(rule, found, stack));
      const said = [...(refusal ? [refused(refusal, '', stack)] : []), ...others];
      return said.length > 0 ? said : [well(`All ${own.length} rules of the stack are there and enabled.`)];
    },
  };
}

/** `bus|name`; the name alone on the default bus. */
function ruleOf({ physicalId }: StackResource): StackRule {
  const [first = '', name] = physicalId.split('|');
  return name === undefined ? { busName: DEFAULT_BUS, name: first } : { busName: first, name };
}

function keyOf({ busName, name }: StackRule): string {
  return `${busName}|${name}`;
}

/** Those that may be of the stack: rules are called as its bus is, or as the stack itself. */
async function rulesOf(busName: string, stack: Stack): Promise<Rule[]> {
  const client = stack.client(EventBridgeClient);
  const prefixes = [...new Set([stack.output('EventBusName'), stack.name])];
  const rules: Rule[] = [];
  for (const NamePrefix of prefixes) {
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListRulesCommand({ EventBusName: busName, NamePrefix, NextToken }));
      rules.push(...(page.Rules ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
  }
  return rules;
}

function saidOf(rule: StackRule, found: ReadonlyMap<string, Rule>, stack: Stack): Said[] {
  const { busName, name } = rule;
  const there = found.get(keyOf(rule));
  const where = `the rule ${name} of the bus ${busName}`;
  if (!there) return [broken(`There is no longer ${where}.`, [deployStackCommand(stack.output('EventBusName'))])];
  if (there.State !== 'DISABLED') return [];
  const enable = [enableRuleCommand(busName, name)];
  if (OF_CODE_DEPLOY.test(name)) {
    return [doubtful(`Disabled is ${where}: meant, where the stack was given CodeDeployCleanUp: off.`, enable)];
  }
  return [broken(`Disabled is ${where}: what it is for does not happen.`, enable)];
}

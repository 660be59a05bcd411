/** Listeners and their rules: what refers to a target group puts it in use. */
import type {
  Action,
  Certificate,
  CreateListenerInput,
  CreateRuleInput,
  DeleteListenerInput,
  DeleteRuleInput,
  DescribeListenerCertificatesInput,
  DescribeListenersInput,
  DescribeRulesInput,
  Listener as ListenerDescription,
  ModifyListenerInput,
  Rule as RuleDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { pageOf, pageSize } from '../../kernel/paging';
import { refuseUnsupported } from '../../kernel/refusal';
import { AwsError, type Operations, validationError } from '../../kernel/service';
import { type Account, type Listener, type LoadBalancer, type Rule, targetGroupsOf } from './account';
import { checkListener, checkRule } from './limits';
import { setTags } from './tags';
import type { Targets } from './targets';

const PAGE_SIZE = 400;
const HIGHEST_PRIORITY = 50_000;
const STANDARD_SECURITY_POLICY = 'ELBSecurityPolicy-2016-08';

export function listenerOperations(account: Account, targets: Targets): Operations {
  return {
    CreateListener: (input: CreateListenerInput) => {
      const listener = createListener(account, input);
      targets.refreshAll();
      return { Listeners: [describeListener(account, listener)] };
    },
    DescribeListeners: (input: DescribeListenersInput) => {
      const size = pageSize(input.PageSize, 'pageSize', PAGE_SIZE, PAGE_SIZE);
      const { items, next } = pageOf(selectListeners(account, input), input.Marker, size, 'ValidationError');
      return { Listeners: items.map((listener) => describeListener(account, listener)), NextMarker: next };
    },
    DescribeListenerCertificates: (input: DescribeListenerCertificatesInput) => ({
      Certificates: (account.listener(input.ListenerArn as string).certificates ?? []).map((certificate) => ({
        ...certificate,
        IsDefault: true,
      })),
    }),
    ModifyListener: (input: ModifyListenerInput) => {
      const listener = modifyListener(account, input);
      targets.refreshAll();
      return { Listeners: [describeListener(account, listener)] };
    },
    DeleteListener: (input: DeleteListenerInput) => {
      const { arn } = account.listener(input.ListenerArn as string);
      for (const rule of account.rulesOf(arn)) deleteRule(account, rule);
      account.listeners.delete(arn);
      account.tags.delete(arn);
      targets.refreshAll();
    },
    CreateRule: (input: CreateRuleInput) => {
      const rule = createRule(account, input);
      targets.refreshAll();
      return { Rules: [describeRule(rule)] };
    },
    DescribeRules: (input: DescribeRulesInput) => {
      const size = pageSize(input.PageSize, 'pageSize', PAGE_SIZE, PAGE_SIZE);
      const { items, next } = pageOf(selectRules(account, input), input.Marker, size, 'ValidationError');
      return { Rules: items.map(describeRule), NextMarker: next };
    },
    DeleteRule: (input: DeleteRuleInput) => {
      const rule = existingRule(account, input.RuleArn as string);
      if (rule.priority === 'default') {
        throw new AwsError('OperationNotPermitted', `Default rule '${rule.arn}' cannot be deleted`);
      }
      deleteRule(account, rule);
      targets.refreshAll();
    },
  };
}

function createListener(account: Account, input: CreateListenerInput): Listener {
  refuseUnsupported(input, [
    'LoadBalancerArn',
    'Protocol',
    'Port',
    'SslPolicy',
    'Certificates',
    'DefaultActions',
    'Tags',
  ]);
  const loadBalancer = account.loadBalancer(input.LoadBalancerArn as string);
  const { Protocol: protocol, Port: port, Certificates: certificates } = input;
  if (!protocol) throw validationError('A listener protocol must be specified');
  if (!port) throw validationError('A listener port must be specified');
  const isSecure = checkProtocol(loadBalancer, protocol);
  checkCertificates(protocol, isSecure, certificates);
  checkPort(account, loadBalancer, port, undefined);
  const actions = checkedActions(account, loadBalancer, protocol, input.DefaultActions ?? []);
  checkListener(account, loadBalancer, targetGroupsOf(actions));
  const arn = `${loadBalancer.arn.replace(':loadbalancer/', ':listener/')}/${account.uniqueId()}`;
  const listener: Listener = {
    arn,
    loadBalancerArn: loadBalancer.arn,
    port,
    protocol,
    sslPolicy: isSecure ? (input.SslPolicy ?? STANDARD_SECURITY_POLICY) : undefined,
    certificates,
  };
  setTags(account, arn, input.Tags ?? []);
  account.listeners.set(arn, listener);
  addRule(account, { listenerArn: arn, priority: 'default', conditions: [], actions });
  return listener;
}

/** What is not given stays as it is, and given actions take the place of the default ones (API reference, ModifyListener). */
function modifyListener(account: Account, input: ModifyListenerInput): Listener {
  refuseUnsupported(input, ['ListenerArn', 'Protocol', 'Port', 'SslPolicy', 'Certificates', 'DefaultActions']);
  const listener = account.listener(input.ListenerArn as string);
  const loadBalancer = account.loadBalancer(listener.loadBalancerArn);
  const { Protocol: protocol = listener.protocol, Port: port = listener.port } = input;
  const isSecure = checkProtocol(loadBalancer, protocol);
  const certificates = isSecure ? (input.Certificates ?? listener.certificates) : input.Certificates;
  checkCertificates(protocol, isSecure, certificates);
  checkPort(account, loadBalancer, port, listener);
  const byDefault = account.rulesOf(listener.arn).find(({ priority }) => priority === 'default') as Rule;
  const actions = checkedActions(account, loadBalancer, protocol, input.DefaultActions ?? byDefault.actions);
  const sslPolicy = isSecure ? (input.SslPolicy ?? listener.sslPolicy ?? STANDARD_SECURITY_POLICY) : undefined;
  Object.assign(byDefault, { actions, targetGroupArns: targetGroupsOf(actions) });
  return Object.assign(listener, { protocol, port, certificates, sslPolicy });
}

function checkCertificates(protocol: string, isSecure: boolean, certificates: Certificate[] | undefined): void {
  if (isSecure && !certificates?.length) {
    throw new AwsError('CertificateNotFound', `A certificate must be specified for ${protocol} listeners`);
  }
  if (!isSecure && certificates?.length) {
    throw new AwsError('InvalidConfigurationRequest', `A certificate cannot be specified for ${protocol} listeners`);
  }
}

/**
 * The reference says that a repeated create with the same settings succeeds. Callers report that it is refused all the same;
 * who is right with the refusal is right either way.
 */
function checkPort(account: Account, loadBalancer: LoadBalancer, port: number, own: Listener | undefined): void {
  if (account.listenersOf(loadBalancer.arn).some((listener) => listener.port === port && listener !== own)) {
    throw new AwsError('DuplicateListener', 'A listener already exists on this port for this load balancer');
  }
}

/** True for the protocols that need a certificate. */
function checkProtocol(loadBalancer: LoadBalancer, protocol: string): boolean {
  const { IpAddressType, EnablePrefixForIpv6SourceNat } = loadBalancer.description;
  if (protocol.endsWith('UDP') && IpAddressType === 'dualstack' && EnablePrefixForIpv6SourceNat !== 'on') {
    const message = 'UDP listeners of a dualstack load balancer need a prefix for source NAT of IPv6';
    throw new AwsError('InvalidConfigurationRequest', message);
  }
  const allowed = loadBalancer.kind === 'application' ? ['HTTP', 'HTTPS'] : ['TCP', 'TLS', 'UDP', 'TCP_UDP'];
  if (!allowed.includes(protocol)) {
    throw validationError(`Listener protocol '${protocol}' must be one of '${allowed.join(', ')}'`);
  }
  return protocol === 'HTTPS' || protocol === 'TLS';
}

const ACTION_TYPES = ['forward', 'fixed-response', 'redirect'];

function checkedActions(account: Account, loadBalancer: LoadBalancer, protocol: string, actions: Action[]): Action[] {
  if (actions.length !== 1)
    throw validationError(`Exactly one action is supported by this embedded AWS, not ${actions.length}`);
  for (const action of actions) {
    if (!ACTION_TYPES.includes(action.Type as string)) {
      throw validationError(`Actions of type '${action.Type}' are not supported by this embedded AWS`);
    }
    if (action.Type === 'fixed-response' && !/^[245]\d\d$/.test(action.FixedResponseConfig?.StatusCode ?? '')) {
      throw validationError(`The status code '${action.FixedResponseConfig?.StatusCode}' is not valid`);
    }
    if (action.Type === 'forward' && targetGroupsOf([action]).length === 0) {
      throw validationError('A target group ARN must be specified');
    }
    if (action.Type !== 'forward' && loadBalancer.kind === 'network') {
      throw new AwsError(
        'InvalidLoadBalancerAction',
        `Action type '${action.Type}' is not valid with network load balancers`,
      );
    }
  }
  for (const arn of targetGroupsOf(actions)) checkAssociation(account, loadBalancer, protocol, arn);
  return actions.map(normalized);
}

/** The protocols of the target groups that a listener of each protocol can forward to (user guides, listeners). */
const TARGET_PROTOCOLS: Record<string, string[]> = {
  HTTP: ['HTTP', 'HTTPS'],
  HTTPS: ['HTTP', 'HTTPS'],
  TCP: ['TCP', 'TCP_UDP'],
  TLS: ['TCP', 'TLS'],
  UDP: ['UDP', 'TCP_UDP'],
  TCP_UDP: ['TCP_UDP'],
};

/** A target group belongs to one load balancer at most; HTTP/2 and gRPC need a listener that speaks TLS. */
function checkAssociation(
  account: Account,
  loadBalancer: LoadBalancer,
  protocol: string,
  targetGroupArn: string,
): void {
  const { Protocol = '', ProtocolVersion = 'HTTP1' } = account.targetGroup(targetGroupArn).description;
  if (!TARGET_PROTOCOLS[protocol]?.includes(Protocol)) {
    throw new AwsError(
      'IncompatibleProtocols',
      'The protocols of the load balancer and the target group are not compatible',
    );
  }
  if (ProtocolVersion !== 'HTTP1' && protocol !== 'HTTPS') {
    const message = `Listener protocol '${protocol}' is not supported with a target group with the protocol-version '${ProtocolVersion}'`;
    throw new AwsError('InvalidConfigurationRequest', message);
  }
  const user = account.loadBalancerUsing(targetGroupArn);
  if (user && user !== loadBalancer) {
    throw new AwsError(
      'TargetGroupAssociationLimit',
      `The following target groups cannot be associated with more than one load balancer: ${targetGroupArn}`,
    );
  }
}

/** AWS answers a plain forward both as TargetGroupArn and as ForwardConfig, with the weight 1. */
function normalized(action: Action): Action {
  if (action.Type !== 'forward') return { ...action, Order: action.Order ?? 1 };
  const targetGroups = action.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: action.TargetGroupArn }];
  return {
    Type: 'forward',
    Order: action.Order ?? 1,
    ...(targetGroups.length === 1 ? { TargetGroupArn: targetGroups[0]?.TargetGroupArn } : {}),
    ForwardConfig: {
      TargetGroups: targetGroups.map(({ TargetGroupArn, Weight }) => ({ TargetGroupArn, Weight: Weight ?? 1 })),
      TargetGroupStickinessConfig: action.ForwardConfig?.TargetGroupStickinessConfig ?? { Enabled: false },
    },
  };
}

const CONDITION_FIELDS = [
  'host-header',
  'path-pattern',
  'http-header',
  'http-request-method',
  'query-string',
  'source-ip',
];

function createRule(account: Account, input: CreateRuleInput): Rule {
  refuseUnsupported(input, ['ListenerArn', 'Conditions', 'Priority', 'Actions', 'Tags']);
  const listener = account.listener(input.ListenerArn as string);
  const loadBalancer = account.loadBalancer(listener.loadBalancerArn);
  const priority = input.Priority as number;
  const conditions = input.Conditions ?? [];
  if (loadBalancer.kind === 'network') {
    throw new AwsError(
      'InvalidConfigurationRequest',
      'Rules are not supported on the listeners of network load balancers',
    );
  }
  if (conditions.length === 0) throw validationError('A condition must be specified');
  const unknown = conditions.find((condition) => !CONDITION_FIELDS.includes(condition.Field as string));
  if (unknown)
    throw validationError(`Condition field '${unknown.Field}' must be one of '[${CONDITION_FIELDS.join(', ')}]'`);
  if (!Number.isInteger(priority) || priority < 1 || priority > HIGHEST_PRIORITY) {
    throw validationError(`Rule priority '${priority}' must be between 1 and ${HIGHEST_PRIORITY}`);
  }
  if (account.rulesOf(listener.arn).some((rule) => rule.priority === priority)) {
    throw new AwsError('PriorityInUse', `Priority '${priority}' is currently in use`);
  }
  const actions = checkedActions(account, loadBalancer, listener.protocol, input.Actions ?? []);
  checkRule(account, loadBalancer, targetGroupsOf(actions));
  const rule = addRule(account, { listenerArn: listener.arn, priority, conditions, actions });
  setTags(account, rule.arn, input.Tags ?? []);
  return rule;
}

function addRule(account: Account, rule: Omit<Rule, 'arn' | 'targetGroupArns'>): Rule {
  const arn = `${rule.listenerArn.replace(':listener/', ':listener-rule/')}/${account.uniqueId()}`;
  const added = { arn, ...rule, targetGroupArns: targetGroupsOf(rule.actions) };
  account.rules.set(arn, added);
  return added;
}

function deleteRule(account: Account, rule: Rule): void {
  account.rules.delete(rule.arn);
  account.tags.delete(rule.arn);
}

function existingRule(account: Account, arn: string): Rule {
  const rule = account.rules.get(arn);
  if (!rule) throw new AwsError('RuleNotFound', `Rule '${arn}' not found`);
  return rule;
}

function selectListeners(account: Account, input: DescribeListenersInput): Listener[] {
  if (input.ListenerArns?.length) return input.ListenerArns.map((arn) => account.listener(arn));
  if (!input.LoadBalancerArn) throw validationError('Listeners or load balancer must be specified');
  return account.listenersOf(account.loadBalancer(input.LoadBalancerArn).arn);
}

function selectRules(account: Account, input: DescribeRulesInput): Rule[] {
  if (input.RuleArns?.length) return input.RuleArns.map((arn) => existingRule(account, arn));
  if (!input.ListenerArn) throw validationError('Listener or rules must be specified');
  return account.rulesOf(account.listener(input.ListenerArn).arn);
}

function describeListener(account: Account, listener: Listener): ListenerDescription {
  const byDefault = account.rulesOf(listener.arn).find((rule) => rule.priority === 'default');
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol as ListenerDescription['Protocol'],
    SslPolicy: listener.sslPolicy,
    Certificates: listener.certificates,
    DefaultActions: byDefault?.actions,
  };
}

function describeRule(rule: Rule): RuleDescription {
  return {
    RuleArn: rule.arn,
    Priority: String(rule.priority),
    Conditions: rule.conditions,
    Actions: rule.actions,
    IsDefault: rule.priority === 'default',
  };
}

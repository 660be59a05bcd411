/** CloudFormation's intrinsic functions and conditions. What it does not know it refuses. */
import type { Template } from './template';

/** How names of the template are looked up; both throw on a name that is not there. */
export interface Lookup {
  ref(name: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  /** The availability zones of the region. */
  zones: readonly string[];
}

/** `Ref: AWS::NoValue`: the property is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

export class Intrinsics {
  constructor(
    private readonly conditions: Template['Conditions'],
    private readonly lookup: Lookup,
  ) {}

  /** The value with every intrinsic function replaced by what it stands for. */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item)).filter((item) => item !== NO_VALUE);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (only && entries.length === 1 && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) return this.call(...only);
    const resolved = entries.map(([key, member]) => [key, this.resolve(member)] as const);
    return Object.fromEntries(resolved.filter(([, member]) => member !== NO_VALUE));
  }

  /** Whether a condition of the template holds. */
  holds(name: string): boolean {
    const condition = this.conditions?.[name];
    if (condition === undefined) throw new Error(`the template has no condition ${name}`);
    return this.judge(condition);
  }

  private call(name: string, operand: unknown): unknown {
    switch (name) {
      case 'Ref':
        return operand === 'AWS::NoValue' ? NO_VALUE : this.lookup.ref(String(operand));
      case 'Fn::GetAtt': {
        const [logicalId = '', ...attribute] = Array.isArray(operand) ? operand : String(operand).split('.');
        return this.lookup.attribute(logicalId, attribute.join('.'));
      }
      case 'Fn::Join': {
        const [separator, items] = this.operands(operand, 2);
        return (items as unknown[]).join(String(separator));
      }
      case 'Fn::Split': {
        const [separator, text] = this.operands(operand, 2);
        return String(text).split(String(separator));
      }
      case 'Fn::Select': {
        const [index, items] = this.operands(operand, 2);
        const selected = (items as unknown[])[Number(index)];
        if (selected === undefined) throw new Error(`Fn::Select: there is no item ${index}`);
        return selected;
      }
      case 'Fn::Sub':
        return this.substitute(operand);
      case 'Fn::Base64':
        return Buffer.from(String(this.resolve(operand))).toString('base64');
      case 'Fn::GetAZs': {
        const region = this.resolve(operand);
        if (region === '' || region === this.lookup.ref('AWS::Region')) return this.lookup.zones;
        throw new Error(`Fn::GetAZs: the zones of ${region} are not known here`);
      }
      case 'Fn::If': {
        const [condition, whenTrue, whenFalse] = operand as [string, unknown, unknown];
        return this.resolve(this.holds(condition) ? whenTrue : whenFalse);
      }
      default:
        throw new Error(`the intrinsic function ${name} is not supported here`);
    }
  }

  private operands(operand: unknown, count: number): unknown[] {
    const operands = this.resolve(operand);
    if (Array.isArray(operands) && operands.length === count) return operands;
    throw new Error(`an intrinsic function needs ${count} operands: ${JSON.stringify(operand)}`);
  }

  /** `${Name}`, `${LogicalId.Attribute}`, and `${!Literal}`, which stays as `${Literal}`. */
  private substitute(operand: unknown): string {
    const [text, given] = (Array.isArray(operand) ? operand : [operand, {}]) as [string, Record<string, unknown>];
    const values = this.resolve(given) as Record<string, unknown>;
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in values) return String(values[name]);
      const [logicalId = '', ...attribute] = name.split('.');
      return String(
        attribute.length > 0 ? this.lookup.attribute(logicalId, attribute.join('.')) : this.lookup.ref(name),
      );
    });
  }

  private judge(condition: unknown): boolean {
    const [name, operand] = Object.entries(condition as object)[0] ?? [];
    const judged = () => (operand as unknown[]).map((inner) => this.judge(inner));
    switch (name) {
      case 'Condition':
        return this.holds(operand);
      case 'Fn::Equals': {
        const [left, right] = this.operands(operand, 2);
        return String(left) === String(right);
      }
      case 'Fn::Not':
        return !judged()[0];
      case 'Fn::And':
        return judged().every(Boolean);
      case 'Fn::Or':
        return judged().some(Boolean);
      default:
        throw new Error(`the condition ${JSON.stringify(condition)} is not supported here`);
    }
  }
}

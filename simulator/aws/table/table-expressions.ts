// DynamoDB's expressions, as far as the incident store writes them: conditions, filters, key conditions and SET.
// Anything else is refused as DynamoDB refuses what it cannot read, so that a new kind of expression fails a drill.

type Item = Readonly<Record<string, unknown>>;

/** What an expression's `#names` and `:values` stand for. */
export type Attributes = {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
};

type Part<Result> = (item: Item | null, attributes: Attributes) => Result;

/** Expressions are few, and asked of each item of a partition: each is parsed once. */
const parsed = new Map<string, Part<boolean>>();

/** Whether a condition holds for an item; null where there is none. @throws SyntaxError for what it cannot read */
export function holds(expression: string, item: Item | null, attributes: Attributes): boolean {
  const condition = parsed.get(expression) ?? parse(expression);
  parsed.set(expression, condition);
  return condition(item, attributes);
}

function parse(expression: string): Part<boolean> {
  const tokens = tokenize(expression);
  let at = 0;
  const next = (): string => {
    const token = tokens[at];
    if (token === undefined) throw new SyntaxError(`expression ends early: ${expression}`);
    at += 1;
    return token;
  };
  const expect = (wanted: string): void => {
    const token = next();
    if (token !== wanted) throw new SyntaxError(`expected ${wanted}, found ${token}: ${expression}`);
  };
  const operand = (): Part<unknown> => {
    const token = next();
    if (token.startsWith('#')) return (item, attributes) => item?.[attributeNamed(token, attributes)];
    if (token.startsWith(':')) return (_, attributes) => valueNamed(token, attributes);
    throw new SyntaxError(`expected #name or :value, found ${token}: ${expression}`);
  };
  const single = (): Part<boolean> => {
    const token = tokens[at];
    // It binds closer than AND and OR.
    if (token === 'NOT') {
      next();
      const not = single();
      return (...given) => !not(...given);
    }
    if (token === '(') {
      next();
      const within = either();
      expect(')');
      return within;
    }
    if (token === 'attribute_not_exists' || token === 'attribute_exists') {
      next();
      expect('(');
      const attribute = operand();
      expect(')');
      return (...given) => (attribute(...given) !== undefined) === (token === 'attribute_exists');
    }
    if (token === 'begins_with') {
      next();
      expect('(');
      const text = operand();
      expect(',');
      const prefix = operand();
      expect(')');
      return (...given) => {
        const [whole, start] = [text(...given), prefix(...given)];
        return typeof whole === 'string' && typeof start === 'string' && whole.startsWith(start);
      };
    }
    const left = operand();
    const operator = next();
    if (!operators.includes(operator)) throw new SyntaxError(`cannot read ${operator}: ${expression}`);
    const right = operand();
    return (...given) => compare(operator, left(...given), right(...given));
  };
  // Not short of the second: its names and values must be read as well.
  const both = (): Part<boolean> => {
    const first = single();
    if (tokens[at] !== 'AND') return first;
    next();
    const second = both();
    return (...given) => [first(...given), second(...given)].every(Boolean);
  };
  const either = (): Part<boolean> => {
    const first = both();
    if (tokens[at] !== 'OR') return first;
    next();
    const second = either();
    return (...given) => [first(...given), second(...given)].some(Boolean);
  };
  const whole = either();
  if (at < tokens.length) throw new SyntaxError(`cannot read ${tokens[at]}: ${expression}`);
  return whole;
}

/** An item after `SET #a = #b + :c`. @throws SyntaxError for what it cannot read */
export function updated(expression: string, item: Item, attributes: Attributes): Item {
  const [, target, left, right] = /^SET (#\w+) = (#\w+) \+ (:\w+)$/.exec(expression) ?? [];
  if (target === undefined || left === undefined || right === undefined)
    throw new SyntaxError(`cannot read the update ${expression}`);
  const before = item[attributeNamed(left, attributes)];
  const added = valueNamed(right, attributes);
  if (typeof before !== 'number' || typeof added !== 'number')
    throw new SyntaxError('An operand in the update expression has an incorrect data type');
  return { ...item, [attributeNamed(target, attributes)]: before + added };
}

function tokenize(expression: string): string[] {
  return expression.match(/[#:]\w+|\w+|<>|<=|>=|[<>=(),]|\S/g) ?? [];
}

function attributeNamed(token: string, { names }: Attributes): string {
  const name = names[token];
  if (name === undefined) throw new SyntaxError(`an expression attribute name is not defined: ${token}`);
  return name;
}

function valueNamed(token: string, { values }: Attributes): unknown {
  if (!Object.hasOwn(values, token)) throw new SyntaxError(`an expression attribute value is not defined: ${token}`);
  return values[token];
}

const operators: readonly string[] = ['=', '<>', '<', '<=', '>', '>='];

/** Values of different types are never in an order; an attribute that is not there compares with nothing. */
function compare(operator: string, left: unknown, right: unknown): boolean {
  if (operator === '=') return left !== undefined && left === right;
  if (operator === '<>') return left !== right;
  const ordered =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  if (!ordered) return false;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

// DynamoDB's expressions, as far as the incident store writes them: conditions, filters, key conditions and SET.
// Anything else is refused as DynamoDB refuses what it cannot read, so that a new kind of expression fails a drill.

type Item = Readonly<Record<string, unknown>>;

/** What an expression's `#names` and `:values` stand for. */
export type Attributes = {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
};

/** Whether a condition holds for an item; null where there is none. @throws SyntaxError for what it cannot read */
export function holds(expression: string, item: Item | null, attributes: Attributes): boolean {
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
  const operand = (): unknown => {
    const token = next();
    if (token.startsWith('#')) return item?.[attributeNamed(token, attributes)];
    if (token.startsWith(':')) return valueNamed(token, attributes);
    throw new SyntaxError(`expected #name or :value, found ${token}: ${expression}`);
  };
  const single = (): boolean => {
    const token = tokens[at];
    // It binds closer than AND and OR.
    if (token === 'NOT') {
      next();
      return !single();
    }
    if (token === '(') {
      next();
      const held = either();
      expect(')');
      return held;
    }
    if (token === 'attribute_not_exists' || token === 'attribute_exists' || token === 'begins_with') {
      next();
      expect('(');
      const first = operand();
      if (token !== 'begins_with') {
        expect(')');
        return (first !== undefined) === (token === 'attribute_exists');
      }
      expect(',');
      const prefix = operand();
      expect(')');
      return typeof first === 'string' && typeof prefix === 'string' && first.startsWith(prefix);
    }
    const left = operand();
    return compare(next(), left, operand(), expression);
  };
  const both = (): boolean => {
    let held = single();
    while (tokens[at] === 'AND') {
      next();
      // Not short of the second: its names and values must be read as well.
      held = single() && held;
    }
    return held;
  };
  const either = (): boolean => {
    let held = both();
    while (tokens[at] === 'OR') {
      next();
      held = both() || held;
    }
    return held;
  };
  const held = either();
  if (at < tokens.length) throw new SyntaxError(`cannot read ${tokens[at]}: ${expression}`);
  return held;
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

/** Values of different types are never in an order; an attribute that is not there compares with nothing. */
function compare(operator: string, left: unknown, right: unknown, expression: string): boolean {
  if (operator === '=') return left !== undefined && left === right;
  if (operator === '<>') return left !== right;
  const ordered =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  switch (operator) {
    case '<':
      return ordered && left < right;
    case '<=':
      return ordered && left <= right;
    case '>':
      return ordered && left > right;
    case '>=':
      return ordered && left >= right;
    default:
      throw new SyntaxError(`cannot read ${operator}: ${expression}`);
  }
}

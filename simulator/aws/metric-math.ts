// CloudWatch's metric math, as far as the stacks' alarms use it: sums and comparisons of metrics by their ids, IF, FILL, and a
// Metrics Insights query. What is not known is refused, as PutMetricAlarm refuses it.

/** Gives the value of a metric by its id; null where there is no data. */
export type Values = (id: string) => number | null;

/** A query as alarms use it: one statistic of a metric, over all that have these dimensions. */
export type Query = {
  readonly stat: string;
  readonly name: string;
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
};

/** A Metrics Insights query; null where the expression is arithmetic. */
export function queryIn(expression: string): Query | null {
  const [, stat, name, namespace, where = ''] =
    /^SELECT (MIN|MAX|SUM|AVG)\((\w+)\) FROM SCHEMA\("([^"]+)"[^)]*\)(?: WHERE (.+))?$/.exec(expression) ?? [];
  if (stat === undefined || name === undefined || namespace === undefined) return null;
  const dimensions = where === '' ? [] : where.split(' AND ').map(conditionIn);
  return { stat, name, namespace, dimensions: Object.fromEntries(dimensions) };
}

function conditionIn(text: string): [string, string] {
  const [, name, value] = /^(\w+) = '([^']*)'$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new Error(`cannot read ${text} in a Metrics Insights query`);
  return [name, value];
}

/** The value of an expression; null where one of its metrics has no data and nothing fills it. */
export function calculate(expression: string, values: Values): number | null {
  const tokens = expression.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|>=|<=|==|[-+*/<>(),]|\S/g) ?? [];
  let at = 0;
  const take = (wanted?: string): string => {
    const token = tokens[at];
    at += 1;
    if (token === undefined || (wanted !== undefined && token !== wanted))
      throw new Error(`expected ${wanted ?? 'more'} in ${expression}, found ${token ?? 'its end'}`);
    return token;
  };
  const parts = (): (number | null)[] => {
    take('(');
    const found = [comparison()];
    while (tokens[at] === ',') {
      take(',');
      found.push(comparison());
    }
    take(')');
    return found;
  };
  const operand = (): number | null => {
    const token = take();
    if (/^\d/.test(token)) return Number(token);
    if (token === '(') {
      const inner = comparison();
      take(')');
      return inner;
    }
    if (tokens[at] !== '(') return values(token);
    const [first = null, second = null, third = null] = parts();
    if (token === 'FILL') return first ?? second;
    // Without data about the condition there is none about the result.
    if (token === 'IF') return first === null ? null : first !== 0 ? second : third;
    throw new Error(`the simulator does not know the function ${token} in ${expression}`);
  };
  const sum = (): number | null => {
    let total = operand();
    while (tokens[at] === '+' || tokens[at] === '-') {
      const sign = take() === '+' ? 1 : -1;
      const next = operand();
      total = total === null || next === null ? null : total + sign * next;
    }
    return total;
  };
  function comparison(): number | null {
    const left = sum();
    const operator = tokens[at];
    if (operator === undefined || !['>', '<', '>=', '<=', '=='].includes(operator)) return left;
    take();
    const right = sum();
    if (left === null || right === null) return null;
    const held = {
      '>': left > right,
      '<': left < right,
      '>=': left >= right,
      '<=': left <= right,
      '==': left === right,
    };
    return held[operator as keyof typeof held] ? 1 : 0;
  }
  const value = comparison();
  if (at < tokens.length) throw new Error(`cannot read ${tokens[at]} in ${expression}`);
  return value;
}

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

/** What an expression comes to: null where one of its metrics has no data and nothing fills it. */
export type Calculation = (values: Values) => number | null;

/** Reads an expression, once for all the times that it is calculated. @throws what CloudWatch would refuse */
export function calculation(expression: string): Calculation {
  const tokens = expression.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|>=|<=|==|[-+*/<>(),]|\S/g) ?? [];
  let at = 0;
  const take = (wanted?: string): string => {
    const token = tokens[at];
    at += 1;
    if (token === undefined || (wanted !== undefined && token !== wanted))
      throw new Error(`expected ${wanted ?? 'more'} in ${expression}, found ${token ?? 'its end'}`);
    return token;
  };
  const parts = (): Calculation[] => {
    take('(');
    const found = [comparison()];
    while (tokens[at] === ',') {
      take(',');
      found.push(comparison());
    }
    take(')');
    return found;
  };
  const operand = (): Calculation => {
    const token = take();
    if (/^\d/.test(token)) return () => Number(token);
    if (token === '(') {
      const inner = comparison();
      take(')');
      return inner;
    }
    if (tokens[at] !== '(') return (values) => values(token);
    const called = functions[token];
    if (called === undefined) throw new Error(`the simulator does not know the function ${token} in ${expression}`);
    const [first = nothing, second = nothing, third = nothing] = parts();
    return (values) => called(first(values), second(values), third(values));
  };
  const sum = (): Calculation => {
    let total = operand();
    while (tokens[at] === '+' || tokens[at] === '-') {
      const sign = take() === '+' ? 1 : -1;
      const [before, next] = [total, operand()];
      total = (values) => {
        const [left, right] = [before(values), next(values)];
        return left === null || right === null ? null : left + sign * right;
      };
    }
    return total;
  };
  function comparison(): Calculation {
    const before = sum();
    const compare = comparisons[tokens[at] ?? ''];
    if (compare === undefined) return before;
    take();
    const next = sum();
    return (values) => {
      const [left, right] = [before(values), next(values)];
      if (left === null || right === null) return null;
      return compare(left, right) ? 1 : 0;
    };
  }
  const whole = comparison();
  if (at < tokens.length) throw new Error(`cannot read ${tokens[at]} in ${expression}`);
  return whole;
}

type Value = number | null;

const nothing: Calculation = () => null;

const functions: Readonly<Record<string, (first: Value, second: Value, third: Value) => Value>> = {
  FILL: (first, second) => first ?? second,
  // Without data about the condition there is none about the result.
  IF: (first, second, third) => (first === null ? null : first !== 0 ? second : third),
};

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
  '==': (left, right) => left === right,
};

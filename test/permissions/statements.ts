// What a role may do by its policies, in the words of docs/permissions.md.
import type { Statement } from '../../simulator/iam/evaluate.ts';
import { line, sorted } from './reviewed.ts';

/** One statement that allows, as text. @throws where it has a condition that the tables have no words for. */
export function inWords(statement: Statement): string {
  return line(many(statement.Action), many(statement.Resource), conditionsOf(statement));
}

/** Each condition as text. A set of values that may be none is no limit: it has to be said that there is one. */
function conditionsOf({ Sid, Condition = {} }: Statement): string[] {
  const { Null: nulls = {}, StringEquals: equals = {}, 'ForAnyValue:StringEquals': some = {}, ...sets } = Condition;
  const every = Object.entries(sets).flatMap(([operator, tested]) => {
    const word = { 'ForAllValues:StringEquals': 'is', 'ForAllValues:StringLike': 'is like' }[operator];
    if (word === undefined) throw new Error(`${Sid}: the tables have no words for ${operator}`);
    return Object.entries(tested).map(([key, values]) => {
      if (nulls[key] !== 'false') throw new Error(`${Sid}: ${key} may be missing`);
      return `every ${key} ${word} ${sorted(many(values).join(','))}`;
    });
  });
  if (Object.keys(nulls).length > every.length) throw new Error(`${Sid}: the tables have no words for Null`);
  const any = Object.entries(some).map(([key, values]) => `any ${key} is ${sorted(many(values).join(','))}`);
  return [
    ...every,
    ...any,
    ...Object.entries(equals).map(([key, values]) => `${key} is ${sorted(many(values).join(','))}`),
  ];
}

/** The partitions of the state table that a statement is limited to; null where it is about none. */
export function partitionsOf({ Condition }: Statement): readonly string[] | null {
  const keys = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
  return keys === undefined ? null : many(keys);
}

export function many(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

// Checks a state machine when it is created, so that a mistake is one clear line then and not a strange failure later.
// It accepts what AWS accepts in the JSONata dialect, and refuses JSONPath, activities and distributed maps by name.
import type { Machine } from './definition.ts';
import { apiError } from './errors.ts';
import { expressionIn, syntaxError } from './expressions/expressions.ts';
import { parseResource } from './states/resource.ts';

type Fields = Record<string, unknown>;

const common = ['Type', 'Comment', 'QueryLanguage'];
const transition = ['Output', 'Assign', 'Next', 'End'];
const recovery = [...transition, 'Retry', 'Catch'];
const fieldsByType: Record<string, string[]> = {
  Pass: transition,
  Task: [...recovery, 'Resource', 'Arguments', 'TimeoutSeconds', 'HeartbeatSeconds', 'Credentials'],
  Choice: ['Choices', 'Default', 'Output', 'Assign'],
  Wait: [...transition, 'Seconds', 'Timestamp'],
  Succeed: ['Output'],
  Fail: ['Error', 'Cause'],
  Parallel: [...recovery, 'Branches', 'Arguments'],
  Map: [
    ...recovery,
    'Items',
    'ItemSelector',
    'ItemProcessor',
    'MaxConcurrency',
    'ToleratedFailureCount',
    'ToleratedFailurePercentage',
  ],
};
const required: Record<string, string[]> = {
  Task: ['Resource'],
  Choice: ['Choices'],
  Parallel: ['Branches'],
  Map: ['ItemProcessor'],
};
const machineFields = ['Comment', 'StartAt', 'States', 'QueryLanguage', 'TimeoutSeconds', 'Version'];
const sequenceFields = ['Comment', 'StartAt', 'States', 'QueryLanguage', 'ProcessorConfig'];
const retrierFields = [
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
  'Comment',
];
const catcherFields = ['ErrorEquals', 'Next', 'Output', 'Assign', 'Comment'];
const ruleFields = ['Condition', 'Next', 'Output', 'Assign', 'Comment'];

const jsonPathFields = new Set(['InputPath', 'OutputPath', 'ResultPath', 'ResultSelector', 'Parameters', 'Result']);
const isJsonPathField = (field: string): boolean =>
  jsonPathFields.has(field) || field.endsWith('.$') || (field.length > 4 && field.endsWith('Path'));

/** The machine, or InvalidDefinition with what, where and what was expected. */
export function parseMachine(definition: unknown): Machine {
  const machine = typeof definition === 'string' ? parseJson(definition) : structuredClone(definition);
  if (!isObject(machine)) throw invalid('the machine', 'an object with StartAt and States was expected');
  onlyFields(machine, machineFields, 'the machine');
  const timeout = machine['TimeoutSeconds'];
  if (timeout !== undefined && !(Number.isInteger(timeout) && Number(timeout) > 0)) {
    throw invalid('the machine', `TimeoutSeconds is ${JSON.stringify(timeout)}, a positive whole number was expected`);
  }
  checkSequence(machine, 'the machine', machine['QueryLanguage'], new Set());
  return machine as unknown as Machine;
}

function checkSequence(sequence: Fields, where: string, outerLanguage: unknown, names: Set<string>): void {
  const states = sequence['States'];
  if (!isObject(states) || Object.keys(states).length === 0) throw invalid(where, 'States is missing or empty');
  checkTarget(sequence['StartAt'], states, `${where}: StartAt`);
  for (const [name, state] of Object.entries(states)) {
    if (names.has(name)) throw invalid(`state '${name}'`, 'another state has this name; names are unique in a machine');
    names.add(name);
    if (!isObject(state)) throw invalid(`state '${name}'`, 'an object was expected');
    checkState(state, name, states, state['QueryLanguage'] ?? outerLanguage, names);
  }
}

function checkState(state: Fields, name: string, siblings: Fields, language: unknown, names: Set<string>): void {
  const where = `state '${name}'`;
  const type = String(state['Type']);
  const fields = fieldsByType[type];
  if (fields === undefined) throw invalid(where, `Type is ${type}, one of ${Object.keys(fieldsByType)} was expected`);
  if (language !== 'JSONata') {
    throw invalid(where, `its QueryLanguage is ${language ?? 'JSONPath, the default'}; only JSONata is supported`);
  }
  onlyFields(state, [...common, ...fields], where);
  for (const field of required[type] ?? []) {
    if (state[field] === undefined) throw invalid(where, `a ${type} needs ${field}`);
  }
  checkResult(state, where);
  if (fields.includes('Next')) checkTransition(state, siblings, where);
  for (const [index, rule] of listOf(state, 'Choices', where)) {
    checkPart(rule, ruleFields, siblings, `${where}: Choices[${index}]`);
  }
  if (state['Default'] !== undefined) checkTarget(state['Default'], siblings, `${where}: Default`);
  for (const [index, retrier] of listOf(state, 'Retry', where)) {
    onlyFields(retrier, retrierFields, `${where}: Retry[${index}]`);
    checkErrorEquals(state['Retry'], index, `${where}: Retry[${index}]`);
  }
  for (const [index, catcher] of listOf(state, 'Catch', where)) {
    checkPart(catcher, catcherFields, siblings, `${where}: Catch[${index}]`);
    checkErrorEquals(state['Catch'], index, `${where}: Catch[${index}]`);
  }
  if (type === 'Task') checkTask(state, where);
  if (type === 'Wait' && (state['Seconds'] === undefined) === (state['Timestamp'] === undefined)) {
    throw invalid(where, 'a Wait needs either Seconds or Timestamp');
  }
  for (const [index, branch] of listOf(state, 'Branches', where)) {
    onlyFields(branch, sequenceFields, `${where}: Branches[${index}]`);
    checkSequence(branch, `${where}: Branches[${index}]`, language, names);
  }
  if (type === 'Map') checkMap(state, where, language, names);
  for (const field of fields) {
    if (field !== 'Branches' && field !== 'ItemProcessor') checkTemplate(state[field], `${where}: ${field}`);
  }
}

function checkTransition(state: Fields, siblings: Fields, where: string): void {
  if ((state['Next'] === undefined) === (state['End'] === undefined))
    throw invalid(where, 'either Next or End was expected');
  if (state['Next'] !== undefined) checkTarget(state['Next'], siblings, `${where}: Next`);
  else if (state['End'] !== true) throw invalid(where, 'End can only be true');
}

function checkPart(part: Fields, fields: string[], siblings: Fields, where: string): void {
  onlyFields(part, fields, where);
  checkResult(part, where);
  checkTarget(part['Next'], siblings, `${where}: Next`);
}

function checkResult(part: Fields, where: string): void {
  const assign = part['Assign'];
  if (assign === undefined) return;
  if (!isObject(assign)) throw invalid(`${where}: Assign`, 'an object was expected');
  for (const variable of Object.keys(assign)) {
    if (variable === 'states' || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(variable)) {
      throw invalid(`${where}: Assign`, `'${variable}' cannot be the name of a variable`);
    }
  }
}

function checkErrorEquals(list: unknown, index: number, where: string): void {
  const parts = list as Fields[];
  const errors = parts[index]?.['ErrorEquals'];
  if (!Array.isArray(errors) || errors.length === 0 || !errors.every((error) => typeof error === 'string')) {
    throw invalid(where, 'ErrorEquals is a list of one or more error names');
  }
  if (errors.includes('States.ALL') && (errors.length > 1 || index < parts.length - 1)) {
    throw invalid(where, 'States.ALL stands alone and last');
  }
}

function checkTask(state: Fields, where: string): void {
  const resource = state['Resource'];
  if (typeof resource !== 'string' || parseResource(resource) === null) {
    throw invalid(where, `Resource ${JSON.stringify(resource)} is no service integration and no Lambda function`);
  }
  if (resource.endsWith(':states:::states:startExecution.sync')) {
    throw invalid(where, 'states:startExecution.sync answers texts; .sync:2 is supported');
  }
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout) {
    throw invalid(where, `HeartbeatSeconds (${heartbeat}) must be less than TimeoutSeconds (${timeout})`);
  }
}

function checkMap(state: Fields, where: string, language: unknown, names: Set<string>): void {
  const processor = state['ItemProcessor'];
  if (!isObject(processor)) throw invalid(`${where}: ItemProcessor`, 'an object was expected');
  onlyFields(processor, sequenceFields, `${where}: ItemProcessor`);
  const config = processor['ProcessorConfig'];
  if (isObject(config) && config['Mode'] !== undefined && config['Mode'] !== 'INLINE') {
    throw invalid(`${where}: ItemProcessor`, `Mode is ${config['Mode']}; only INLINE maps are supported`);
  }
  checkSequence(processor, `${where}: ItemProcessor`, language, names);
}

function checkTemplate(template: unknown, where: string): void {
  if (typeof template === 'string') {
    const expression = expressionIn(template);
    const error = expression === null ? null : syntaxError(expression);
    if (error !== null) throw invalid(where, `the expression '${expression}' is not JSONata: ${error}`);
  } else if (Array.isArray(template)) {
    for (const [index, part] of template.entries()) checkTemplate(part, `${where}[${index}]`);
  } else if (isObject(template)) {
    // A key that ends in `.$` is data, as any other.
    for (const [key, part] of Object.entries(template)) checkTemplate(part, `${where}/${key}`);
  }
}

function onlyFields(part: Fields, fields: string[], where: string): void {
  for (const field of Object.keys(part)) {
    if (fields.includes(field)) continue;
    if (isJsonPathField(field)) throw invalid(where, `${field} is a JSONPath field; only JSONata is supported`);
    throw invalid(where, `${field} is not known here; one of ${fields.join(', ')} was expected`);
  }
}

function listOf(state: Fields, field: string, where: string): [number, Fields][] {
  const list = state[field];
  if (list === undefined) return [];
  if (!Array.isArray(list) || !list.every(isObject)) throw invalid(where, `${field} is a list of objects`);
  return [...list.entries()];
}

function checkTarget(target: unknown, siblings: Fields, where: string): void {
  if (typeof target !== 'string' || !Object.hasOwn(siblings, target)) {
    throw invalid(where, `${JSON.stringify(target) ?? 'nothing'} is not the name of a state beside it`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid('the machine', `it is not JSON (${String(error)})`);
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (where: string, expected: string): Error =>
  apiError('InvalidDefinition', `Invalid State Machine Definition: ${where}: ${expected}`);

/** What a state machine must look like: every refusal is one line that says where and what was expected. */
import { expect, test } from 'vitest';
import { machineRoom, only, task } from './machine-room.ts';

const pass = { Type: 'Pass', End: true };
const create = (definition: unknown) => machineRoom().stepFunctions.createStateMachine({ name: 'flow', definition });

test.for([
  [
    'InputPath',
    task({ InputPath: '$.id', End: true }),
    "state 'S': InputPath is a JSONPath field; only JSONata is supported",
  ],
  ['Parameters', task({ Parameters: {}, End: true }), "state 'S': Parameters is a JSONPath field"],
  ['ResultPath', { ...pass, ResultPath: '$.x' }, "state 'S': ResultPath is a JSONPath field"],
  ['TimeoutSecondsPath', task({ TimeoutSecondsPath: '$.t', End: true }), 'TimeoutSecondsPath is a JSONPath field'],
  ['a field ending in .$', task({ 'Arguments.$': '$.id', End: true }), 'Arguments.$ is a JSONPath field'],
  ['QueryLanguage', { ...pass, QueryLanguage: 'JSONPath' }, "state 'S': its QueryLanguage is JSONPath"],
] as const)('a machine with JSONPath in %s is refused in one line', ([, state, message]) => {
  const refused = expect.objectContaining({ name: 'InvalidDefinition', message: expect.stringContaining(message) });
  expect(() => create({ QueryLanguage: 'JSONata', ...only('S', state) })).toThrow(refused);
  expect(() => create({ QueryLanguage: 'JSONata', ...only('S', state) })).toThrow(/^[^\n]+$/);
});

test('a machine that says nothing about its language is JSONPath on AWS, and refused', () => {
  expect(() => create(only('S', pass))).toThrow('its QueryLanguage is JSONPath, the default; only JSONata');
});

test('a state may say for itself that it is JSONata', () => {
  expect(create(only('S', { ...pass, QueryLanguage: 'JSONata' }))).toMatch(/:stateMachine:flow$/);
});

test.for([
  ['an unknown type', only('S', { Type: 'Sleep' }), "state 'S': Type is Sleep"],
  ['a misspelt field', only('S', { ...pass, Ouput: 1 }), "state 'S': Ouput is not known here"],
  [
    'a misspelt field of a retrier',
    only('S', task({ Retry: [{ ErrorEqual: ['A'] }], End: true })),
    'Retry[0]: ErrorEqual',
  ],
  ['a target that is not there', only('S', { Type: 'Pass', Next: 'T' }), `state 'S': Next: "T" is not the name`],
  ['a start that is not there', { StartAt: 'T', States: { S: pass } }, 'StartAt: "T" is not the name'],
  ['neither Next nor End', only('S', { Type: 'Pass' }), "state 'S': either Next or End"],
  ['both Next and End', only('S', { ...pass, Next: 'S' }), "state 'S': either Next or End"],
  [
    'an expression that does not parse',
    only('S', { ...pass, Output: { a: ['{% 1 + %}'] } }),
    "Output/a[0]: the expression '1 +'",
  ],
  [
    'States.ALL among others',
    only('S', task({ Retry: [{ ErrorEquals: ['States.ALL', 'A'] }], End: true })),
    'stands alone',
  ],
  [
    'an activity',
    only('S', task({ Resource: 'arn:aws:states:us-west-2:1:activity:work', End: true })),
    'no service integration',
  ],
  [
    'a heartbeat beyond the timeout',
    only('S', task({ TimeoutSeconds: 5, HeartbeatSeconds: 5, End: true })),
    'must be less',
  ],
  ['a wait for nothing', only('S', { Type: 'Wait', End: true }), 'either Seconds or Timestamp'],
  [
    'a variable called states',
    only('S', { ...pass, Assign: { states: 1 } }),
    "'states' cannot be the name of a variable",
  ],
  [
    'a distributed map',
    only('S', {
      Type: 'Map',
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, ...only('T', pass) },
      End: true,
    }),
    'only INLINE maps are supported',
  ],
  [
    'a name used twice',
    only('S', { Type: 'Parallel', Branches: [only('S', pass)], End: true }),
    'another state has this name',
  ],
] as const)('a machine with %s is refused', ([, definition, message]) => {
  const refused = expect.objectContaining({ name: 'InvalidDefinition', message: expect.stringContaining(message) });
  expect(() => create({ QueryLanguage: 'JSONata', ...definition })).toThrow(refused);
});

test('text that is no JSON is refused', () => {
  expect(() => create('StartAt: S')).toThrow('it is not JSON');
});

/** Expressions and the simple states: what `$states` holds, the functions AWS adds, choices, waits and failures. */
import { describe, expect, test } from 'vitest';
import { machineRoom, noon, only, secondsOf } from '../machine-room.ts';

const evaluating = (Output: unknown) => only('Evaluate', { Type: 'Pass', Output, End: true });

describe('an expression', () => {
  test.for([
    ['$partition([1..5], 2)', [[1, 2], [3, 4], [5]]],
    ['$range(0, 10, 5)', [0, 5, 10]],
    ['$range(3, 1, -1)', [3, 2, 1]],
    ['$range(1, 9, 9)', 1],
    ["$hash('abc', 'SHA-256')", 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ["$hash('abc', 'MD5')", '900150983cd24fb0d6963f7d28e17f72'],
    [`$parse('{"a":[1]}')`, { a: [1] }],
    ['$random(7) = $random(7)', true],
    ['$uuid() = $uuid()', false],
    ['$match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/).index', 0],
    ['$now()', '2026-11-01T12:00:00.000Z'],
    ["$now('[M01]/[D01]', '+1400')", '11/02'],
    ['$millis()', noon],
    ['$map([1..3], function($x) { $x * 2 })', [2, 4, 6]],
    ['{ "kept": 1, "dropped": $nothing }', { kept: 1 }],
    ['$states.context.Execution.Name', 'one'],
    ['$states.context.StateMachine.Name', 'machine-of-one'],
    ['$states.context.State.Name', 'Evaluate'],
    ['$states.context.Execution.Input = $states.input', true],
  ] as const)('%s gives %j', async ([expression, value]) => {
    const { output } = await machineRoom().run(evaluating(`{% ${expression} %}`));
    expect(output).toEqual(value);
  });

  test.for([
    ['$nothing', 'returned nothing (undefined)'],
    ['input', 'returned nothing (undefined)'],
    ['$', 'returned nothing (undefined)'],
    ['$sum', 'A function is not a value'],
    ['[1, function($x) { $x }]', 'A function is not a value'],
    ['1 / 0', 'Infinity is not a number'],
    ["1 + 'a'", 'threw an error during evaluation'],
    ["$eval('1')", '$eval is not available'],
    ["$hash('abc', 'CRC')", '$hash expects one of'],
    ['$range(1, 2000, 1)', 'at most 1000'],
    ["$error('on purpose')", 'on purpose'],
  ] as const)('%s fails the execution with States.QueryEvaluationError', async ([expression, cause]) => {
    const { description, history } = await machineRoom().run(evaluating({ a: [`{% ${expression} %}`] }));
    expect(description).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(description.cause).toContain(cause);
    expect(history.at(-2)).toMatchObject({
      type: 'EvaluationFailed',
      evaluationFailedEventDetails: { state: 'Evaluate', location: 'Output/a[0]' },
    });
  });

  test('is only what begins with {% and ends with %}', async () => {
    const literals = [' {% 1 %}', '{% 1 %} ', '{%', '$states.input', null, 0, false, [], {}];
    const { output } = await machineRoom().run(evaluating(literals));
    expect(output).toEqual(literals);
  });

  test('sees the variables as they were before the state, in Assign and in Output', async () => {
    const States = {
      First: { Type: 'Pass', Assign: { epoch: 1, region: 'us-east-1' }, Next: 'Second' },
      Second: {
        Type: 'Pass',
        Assign: { epoch: '{% $epoch + 1 %}', before: '{% $epoch %}' },
        Output: '{% $epoch %}',
        Next: 'Third',
      },
      Third: {
        Type: 'Pass',
        Output: ['{% $states.input %}', '{% $epoch %}', '{% $before %}', '{% $region %}'],
        End: true,
      },
    };
    const { output, history } = await machineRoom().run({ StartAt: 'First', States });
    expect(output).toEqual([1, 2, 1, 'us-east-1']);
    expect(history[4]?.stateExitedEventDetails).toEqual({
      name: 'Second',
      output: '1',
      assignedVariables: { epoch: '2', before: '1' },
    });
  });
});

describe('a choice', () => {
  const machine = (fields: object = {}) => ({
    StartAt: 'Choose',
    States: {
      Choose: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $states.input.level = 3 %}', Assign: { chosen: 'region' }, Output: 'rule', Next: 'Read' },
          { Condition: '{% $states.input.level >= 2 %}', Assign: { chosen: 'zone' }, Next: 'Read' },
        ],
        Assign: { chosen: 'nothing' },
        Output: 'default',
        ...fields,
      },
      Read: { Type: 'Pass', Output: ['{% $states.input %}', '{% $chosen %}'], End: true },
    },
  });

  test.for([
    [3, ['rule', 'region']],
    [2, [{ level: 2 }, 'zone']],
    [1, ['default', 'nothing']],
  ] as const)(
    'of level %s takes the first rule that holds, and only its Assign and Output',
    async ([level, output]) => {
      expect((await machineRoom().run(machine({ Default: 'Read' }), { level })).output).toEqual(output);
    },
  );

  test('without a matching rule and a default fails', async () => {
    const { description } = await machineRoom().run(machine(), { level: 1 });
    expect(description).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  test('whose condition is no boolean fails, it does not guess', async () => {
    const { description } = await machineRoom().run(
      machine({ Choices: [{ Condition: '{% $states.input.level %}', Next: 'Read' }] }),
      { level: 1 },
    );
    expect(description.cause).toContain("Expected 'boolean', but was 'number' for value: 1");
  });
});

describe('a wait', () => {
  test.for([
    ['some seconds', { Seconds: 90 }, 90],
    ['computed seconds', { Seconds: '{% $states.input.pause * 2 %}' }, 10],
    ['no seconds', { Seconds: 0 }, 0],
    ['a moment', { Timestamp: '2026-11-01T12:00:30Z' }, 30],
    ['a moment in another zone', { Timestamp: '2026-11-01T13:01:00+01:00' }, 60],
    ['a moment that has passed', { Timestamp: "{% '2020-01-01T00:00:00Z' %}" }, 0],
  ] as const)('for %s takes just that', async ([, fields, seconds]) => {
    const { history } = await machineRoom().run(only('Pause', { Type: 'Wait', ...fields, End: true }), { pause: 5 });
    expect(secondsOf(history, 'WaitStateExited')).toEqual([seconds]);
  });

  test.for([
    ['a text', { Seconds: "{% 'soon' %}" }, "Expected 'number', but was 'string'"],
    ['a negative number', { Seconds: -1 }, 'A whole number from 0'],
    ['half a second', { Seconds: 0.5 }, 'A whole number from 0'],
    ['a day without a time', { Timestamp: '2026-11-02' }, 'no RFC 3339 time'],
  ] as const)('for %s fails', async ([, fields, cause]) => {
    const { description } = await machineRoom().run(only('Pause', { Type: 'Wait', ...fields, End: true }));
    expect(description.cause).toContain(cause);
  });
});

test('a Fail state may compute its error and its cause', async () => {
  const fail = { Type: 'Fail', Error: "{% 'Level' & $states.input.level %}", Cause: '{% $states.input.why %}' };
  const { description } = await machineRoom().run(only('Fail', fail), { level: 3, why: 'region lost' });
  expect(description).toMatchObject({ status: 'FAILED', error: 'Level3', cause: 'region lost' });
});

test('a key that ends in .$ is data in a JSONata state, and its value is evaluated as any other', async () => {
  const Output = { 'id.$': '$.id', 'level.$': '{% $states.input.level %}' };
  const { description } = await machineRoom().run(only('S', { Type: 'Pass', Output, End: true }), { level: 3 });
  expect(JSON.parse(description.output ?? '')).toEqual({ 'id.$': '$.id', 'level.$': 3 });
});

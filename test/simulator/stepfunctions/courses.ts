// Courses of executions, written by hand from the specification of the States Language: what the runtime is checked against
// on every machine, in the form of the executions that were recorded on AWS.

export type TaskResult = {
  arguments: unknown;
  output?: unknown;
  error?: string;
  cause?: string;
  timedOut?: boolean;
  aborted?: boolean;
  timeoutInSeconds?: number;
  heartbeatInSeconds?: number;
  submitted?: unknown;
};

/** A machine, its input, what its tasks answer, and the course that it takes. */
export type Course = {
  id: string;
  definition: { States: object };
  definitionJSONata?: { States: object };
  input: unknown;
  /** JSON pointers of what differs each time. */
  normalised: string[];
  taskResults?: Record<string, TaskResult[]>;
  expected: {
    status: string;
    output?: unknown;
    error?: string;
    cause?: string;
    causeSpacingUnknown?: boolean;
    stateSequence?: string[];
    sequenceExact?: boolean;
    topLevelSequence?: string[];
    stateOutputs?: { state: string; output: unknown }[];
    assignedVariables?: { state: string; variables: Record<string, unknown> }[];
    evaluationFailures?: { state: string; location?: string; error: string }[];
  };
};

const call = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', TimeoutSeconds: 20 };
const name = { FunctionName: 'weigh' };
const machine = (StartAt: string, States: object) => ({ QueryLanguage: 'JSONata', StartAt, States });
const exact = { normalised: [], expected: { sequenceExact: true } } as const;

export const courses: Course[] = [
  {
    id: 'a Choice reads what a Pass assigned',
    definition: machine('Weigh', {
      Weigh: { Type: 'Pass', Assign: { heavy: '{% $states.input.kilos > 20 %}' }, Next: 'IsHeavy' },
      IsHeavy: { Type: 'Choice', Choices: [{ Condition: '{% $heavy %}', Next: 'ByTruck' }], Default: 'ByBike' },
      ByTruck: { Type: 'Pass', Output: { by: 'truck', kilos: '{% $states.input.kilos %}' }, End: true },
      ByBike: { Type: 'Pass', Output: { by: 'bike' }, End: true },
    }),
    input: { kilos: 31 },
    normalised: [],
    expected: {
      ...exact.expected,
      status: 'SUCCEEDED',
      output: { by: 'truck', kilos: 31 },
      stateSequence: ['Weigh', 'IsHeavy', 'ByTruck'],
      stateOutputs: [
        { state: 'Weigh', output: { kilos: 31 } },
        { state: 'IsHeavy', output: { kilos: 31 } },
        { state: 'ByTruck', output: { by: 'truck', kilos: 31 } },
      ],
      assignedVariables: [{ state: 'Weigh', variables: { heavy: true } }],
    },
  },
  {
    id: 'a Task is tried again for the error that its Retry names, and its result is what the last try gave',
    definition: machine('Weigh', {
      Weigh: {
        ...call,
        Arguments: { ...name, Payload: { parcel: '{% $states.input.parcel %}' } },
        Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 }],
        Output: '{% $states.result.Payload.kilos %}',
        End: true,
      },
    }),
    input: { parcel: 'p-7' },
    normalised: [],
    taskResults: {
      Weigh: [
        {
          arguments: { ...name, Payload: { parcel: 'p-7' } },
          error: 'Busy',
          cause: 'the scale is taken',
          timeoutInSeconds: 20,
        },
        { arguments: { ...name, Payload: { parcel: 'p-7' } }, output: { Payload: { kilos: 4 } }, timeoutInSeconds: 20 },
      ],
    },
    expected: {
      ...exact.expected,
      status: 'SUCCEEDED',
      output: 4,
      stateSequence: ['Weigh'],
      stateOutputs: [{ state: 'Weigh', output: 4 }],
    },
  },
  {
    id: 'an error that no Retry names goes to the Catch that does, which sees it',
    definition: machine('Weigh', {
      Weigh: {
        ...call,
        Arguments: name,
        Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 2 }],
        Catch: [
          { ErrorEquals: ['Busy'], Next: 'Never' },
          { ErrorEquals: ['States.ALL'], Next: 'Broken', Output: '{% $states.errorOutput.Cause %}' },
        ],
        Next: 'Never',
      },
      Never: { Type: 'Succeed' },
      Broken: { Type: 'Fail', Error: 'NoScale', Cause: '{% $states.input %}' },
    }),
    input: {},
    normalised: [],
    taskResults: { Weigh: [{ arguments: name, error: 'Rust', cause: 'it does not move', timeoutInSeconds: 20 }] },
    expected: {
      ...exact.expected,
      status: 'FAILED',
      error: 'NoScale',
      cause: 'it does not move',
      stateSequence: ['Weigh', 'Broken'],
      stateOutputs: [{ state: 'Weigh', output: 'it does not move' }],
    },
  },
  {
    id: 'a Map gives its results in the order of its items',
    definition: machine('Each', {
      Each: {
        Type: 'Map',
        Items: '{% $states.input.parcels %}',
        MaxConcurrency: 1,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'Double',
          States: { Double: { Type: 'Pass', Output: '{% $states.input * 2 %}', End: true } },
        },
        End: true,
      },
    }),
    input: { parcels: [3, 1, 2] },
    normalised: [],
    expected: {
      ...exact.expected,
      status: 'SUCCEEDED',
      output: [6, 2, 4],
      stateSequence: ['Each', 'Double', 'Double', 'Double'],
      stateOutputs: [
        { state: 'Double', output: 6 },
        { state: 'Double', output: 2 },
        { state: 'Double', output: 4 },
        { state: 'Each', output: [6, 2, 4] },
      ],
    },
  },
  {
    id: 'a branch that fails ends its Parallel, whose Catch goes on',
    definition: machine('Both', {
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 60, End: true } } },
          { StartAt: 'Drop', States: { Drop: { Type: 'Fail', Error: 'Dropped', Cause: 'it fell' } } },
        ],
        Catch: [{ ErrorEquals: ['Dropped'], Next: 'PickUp' }],
        End: true,
      },
      PickUp: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
    }),
    input: {},
    normalised: [],
    expected: {
      status: 'SUCCEEDED',
      output: 'Dropped',
      stateSequence: ['Both', 'Wait', 'Drop', 'PickUp'],
      topLevelSequence: ['Both', 'PickUp'],
      stateOutputs: [{ state: 'PickUp', output: 'Dropped' }],
    },
  },
  {
    id: 'an expression without a value fails the execution, and is said to have',
    definition: machine('Read', { Read: { Type: 'Pass', Output: '{% $states.input.missing %}', End: true } }),
    input: {},
    normalised: [],
    expected: {
      ...exact.expected,
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause: 'in words of AWS',
      stateSequence: ['Read'],
      stateOutputs: [],
      evaluationFailures: [{ state: 'Read', location: 'Output', error: 'States.QueryEvaluationError' }],
    },
  },
];

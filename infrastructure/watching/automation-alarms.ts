// Who watches the watchman: alarms on the automation itself. They tell the one who is on call through the topic of their
// own region, and need nothing of what they watch.
import { type Machine, machineName, machines } from '../../functions/domain/flows.ts';
import type { Metric } from '../../functions/domain/kind/watched.ts';
import { withRunbook } from '../../functions/domain/words/words.ts';
import { damageMetric } from '../../functions/shared/damage.ts';
import { onCallTopic } from '../events/topics.ts';

import { pascal, type Resources, ref } from '../template.ts';
import type { Stack } from '../values.ts';
import { type Alarm, alarmResource } from './alarm.ts';

type Watch = Omit<Alarm, 'tells' | 'periodSeconds'> & { readonly periodSeconds?: number };

/** Of a main stack. */
export function mainAlarms(stack: Stack): Resources {
  const { prefix, region } = stack;
  const watched: Watch[] = [
    {
      name: `${prefix}-classify-failing`,
      description: 'classify fails or is throttled: events wait in the queue, and the sweep alone judges.',
      metrics: {
        errors: ofFunction('classify', 'Errors', stack),
        throttles: ofFunction('classify', 'Throttles', stack),
      },
      expression: 'errors + throttles',
      ...atLeastOne,
      bad: 2,
      of: 5, // one failed batch is delivered again, which is what the queue is for
    },
    {
      name: `${prefix}-signals-waiting`,
      description: 'Events have waited for five minutes: nobody reads the signals queue, or not fast enough.',
      // Only while something could be read: a message that is to arrive later grows old as well.
      metrics: {
        age: ofQueue('signals', 'ApproximateAgeOfOldestMessage', stack),
        readable: ofQueue('signals', 'ApproximateNumberOfMessagesVisible', stack),
      },
      expression: 'IF(readable > 0, age, 0)',
      comparison: 'GreaterThanThreshold',
      threshold: 300,
      bad: 3,
      of: 3,
      missing: 'notBreaching',
    },
    {
      name: `${prefix}-signals-dead-letters`,
      description: 'An event could not be classified: read it in the queue of this name.',
      metrics: ofQueue('signals-dead-letters', 'ApproximateNumberOfMessagesVisible', stack),
      ...atLeastOne,
    },
    deadLetters(stack),
    canaryMissing(stack),
    {
      name: `${prefix}-sweep-missing`,
      description: 'The sweep does not run: this stack looks at nothing by itself, and may be dead.',
      metrics: ofFunction('sweep', 'Invocations', stack),
      comparison: 'LessThanThreshold',
      threshold: 1,
      bad: 3,
      of: 3,
      missing: 'breaching',
    },
    {
      name: `${prefix}-readiness-missing`,
      description: `Nobody looks whether ${region} could take over: what is lost there is not heard of.`,
      metrics: ofFunction('check-readiness', 'Invocations', stack),
      comparison: 'LessThanThreshold',
      threshold: 1,
      periodSeconds: 300,
      bad: 3,
      of: 3,
      missing: 'breaching',
    },
    {
      name: `${prefix}-store-damaged`,
      description: `Items of the table ${prefix} cannot be read and are left out: docs/runbook.md#store-damaged.`,
      metrics: { namespace: prefix, name: damageMetric, dimensions: { Region: region }, stat: 'Sum' },
      ...atLeastOne,
    },
    ...machines.map(
      (flow): Watch => ({
        name: `${machineName(flow, prefix)}-failed`,
        description: `An execution of ${flow} failed or timed out: docs/runbook.md has a section for each state.`,
        metrics: {
          failed: ofFlow(flow, 'ExecutionsFailed', stack),
          timedOut: ofFlow(flow, 'ExecutionsTimedOut', stack),
        },
        expression: 'FILL(failed, 0) + FILL(timedOut, 0)',
        ...atLeastOne,
      }),
    ),
  ];
  return asResources(watched, stack);
}

/** Of the stacks outside. */
export function outsideAlarms(stack: Stack): Resources {
  return asResources([deadLetters(stack), ...(stack.kind === 'observer' ? [canaryMissing(stack)] : [])], stack);
}

/** The canary's own end is not the service's: without visits its alarm has no opinion. */
function canaryMissing(stack: Stack): Watch {
  return {
    name: `${stack.prefix}-canary-missing`,
    description: `The canary of ${stack.region} does not run: one opinion less when a region fails.`,
    metrics: ofFunction('run-canary', 'Invocations', stack),
    comparison: 'LessThanThreshold',
    threshold: 1,
    bad: 5,
    of: 5,
    missing: 'breaching',
  };
}

const atLeastOne = {
  comparison: 'GreaterThanOrEqualToThreshold',
  threshold: 1,
  bad: 1,
  of: 1,
  missing: 'notBreaching',
} as const;

function deadLetters(stack: Stack): Watch {
  return {
    name: `${stack.prefix}-dead-letters`,
    description:
      'A schedule, a rule or a message did not reach its function or bus: read it in the queue of this name.',
    metrics: ofQueue('dead-letters', 'ApproximateNumberOfMessagesVisible', stack),
    ...atLeastOne,
  };
}

function ofFunction(verb: string, name: string, { prefix }: Stack): Metric {
  return { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: `${prefix}-${verb}` }, stat: 'Sum' };
}

function ofQueue(queue: string, name: string, { prefix }: Stack): Metric {
  return { namespace: 'AWS/SQS', name, dimensions: { QueueName: `${prefix}-${queue}` }, stat: 'Maximum' };
}

function ofFlow(flow: Machine, name: string, { prefix, region }: Stack): Metric {
  const arn = `arn:\${AWS::Partition}:states:${region}:\${AWS::AccountId}:stateMachine:${machineName(flow, prefix)}`;
  return { namespace: 'AWS/States', name, dimensions: { StateMachineArn: arn }, stat: 'Sum' };
}

/** Where whoever is told reads on; nothing where the description says it itself. */
function seeRunbook({ description }: Watch): string {
  return description.includes('docs/runbook.md') ? '' : 'See docs/runbook.md#own-alarms.';
}

function asResources(watched: readonly Watch[], stack: Stack): Resources {
  const tells = [ref(onCallTopic(stack))];
  const resources = watched.map((watch) => {
    const name = pascal(watch.name.slice(stack.prefix.length + 1));
    const description = withRunbook(`${watch.description} ${seeRunbook(watch)}`.trimEnd(), stack.plan);
    return [`Watch${name}`, alarmResource({ periodSeconds: 60, ...watch, description, tells })] as const;
  });
  return Object.fromEntries(resources);
}

// SNS and EventBridge: publishes messages to people, and events to the bus of a region.
import * as z from 'zod';
import { refusal } from '../aws-error.ts';
import { uuid } from '../random.ts';
import { type Answers, read } from './answer.ts';

const publish = z.looseObject({ TopicArn: z.string(), Subject: z.string().optional(), Message: z.string() });
const entry = z.looseObject({
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.string(),
  Resources: z.array(z.string()).optional(),
});
const put = z.looseObject({ Entries: z.array(entry).min(1).max(10) });

export const sns: Answers = {
  Publish(call, { world }) {
    const { TopicArn: topicArn, Subject: subject = '', Message: body } = read(publish, call);
    if (topicArn.split(':')[3] !== call.region) {
      throw refusal('InvalidParameterException', `Invalid parameter: TopicArn ${topicArn} is not in ${call.region}`);
    }
    // SNS refuses a subject that is longer, and one with a line break.
    if (subject.length > 100 || /[\r\n]/.test(subject)) {
      throw refusal('InvalidParameterException', 'Invalid parameter: Subject');
    }
    world.message({ at: world.now(), region: call.region, topicArn, subject, body });
    return { MessageId: uuid(world.chances.calls) };
  },
};

export const eventbridge: Answers = {
  PutEvents(call, { world }) {
    const entries = read(put, call).Entries.map(({ Source, DetailType, Detail, Resources = [] }) => {
      const detail = z.record(z.string(), z.unknown()).parse(JSON.parse(Detail));
      const id = world.emit({ region: call.region, source: Source, type: DetailType, resources: Resources, detail });
      return { EventId: id };
    });
    return { FailedEntryCount: 0, Entries: entries };
  },
};

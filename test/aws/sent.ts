// What AWS sends to functions, as it sends it: an alarm's event, a message of a queue, a request of an HTTP API.
import { readFileSync } from 'node:fs';
import { account } from './moto.ts';

const template = JSON.parse(readFileSync('events/cloudwatch.metric-alarm-to-alarm.json', 'utf8'));

/** The event of an alarm that went off some seconds ago. */
export function alarmEvent(alarmName: string, region: string, secondsAgo: number) {
  const time = new Date(Date.now() - secondsAgo * 1000).toISOString();
  return { ...template, id: alarmName, account, region, time, detail: { ...template.detail, alarmName } };
}

/** A message as Lambda hands it over; its id is given. */
export function message(messageId: string, body: unknown, queueArn: string) {
  return { messageId, body: JSON.stringify(body), eventSource: 'aws:sqs', eventSourceARN: queueArn };
}

/** Who opens a link (payload 2.0). */
export function visit(rawPath: string) {
  const userAgent = 'Mozilla/5.0';
  return {
    version: '2.0',
    routeKey: 'GET /r/{link}',
    rawPath,
    rawQueryString: '',
    headers: { accept: 'text/html', 'user-agent': userAgent },
    requestContext: {
      http: { method: 'GET', path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent },
    },
    pathParameters: { link: rawPath.split('/').at(-1) },
    isBase64Encoded: false,
  };
}

// A message as each channel takes it: what keeps an incident's messages together, what is cut, and that no text becomes markup.
import { describe, expect, test } from 'vitest';
import { flowMessage } from '../../../../functions/domain/flow-words/flow-message.ts';
import { postedForm, publishedForm, saidInstead } from '../../../../functions/domain/words/channel-forms.ts';
import type { Thread } from '../../../../functions/domain/words/words.ts';
import { incident } from '../../setting.ts';

const thread: Thread = { incident: 'inc-1', severity: 'critical', state: 'open' };
const message = {
  subject: '[Breakwater] region disaster in us-east-1',
  body: 'What happened.\n<!channel> *x* [y](https://evil.example)',
  thread,
};
const secret = `eu:${'a'.repeat(32)}`;
const pagerduty = (of: Partial<Thread> | null, more = {}) => {
  const told = { ...message, thread: of === null ? undefined : { ...thread, ...of }, ...more };
  const { path, body } = postedForm('pagerduty', told, {
    key: 'breakwater-prod/sweep/1',
    source: 'breakwater-prod',
    secret,
  });
  return { path, event: JSON.parse(body) };
};

describe('PagerDuty', () => {
  test('opens one alert for each incident, which later messages update', () => {
    const { path, event } = pagerduty({});
    expect(path).toBe('/v2/enqueue');
    expect(event).toEqual({
      routing_key: 'a'.repeat(32),
      event_action: 'trigger',
      dedup_key: 'inc-1',
      payload: {
        ...{ summary: 'region disaster in us-east-1', source: 'breakwater-prod', severity: 'critical' },
        custom_details: { message: message.body },
      },
    });
  });

  test('says of a step when it ended, and where all of it stands', () => {
    const at = Date.parse('2026-11-03T03:04:05Z');
    const { event } = pagerduty({ state: 'step', at, report: 'https://r.example' });
    expect(event).toMatchObject({
      payload: { timestamp: '2026-11-03T03:04:05.000Z' },
      links: [{ href: 'https://r.example', text: 'The report, once the incident is over' }],
    });
  });

  test('resolves it when the incident is over', () => {
    expect(pagerduty({ state: 'over' }).event).toMatchObject({ event_action: 'resolve', dedup_key: 'inc-1' });
  });

  test('takes what tells of a step as a change, which calls nobody', () => {
    const { path, event } = pagerduty({ state: 'step' });
    expect(path).toBe('/v2/change/enqueue');
    expect(event).toEqual({
      routing_key: 'a'.repeat(32),
      payload: {
        summary: 'region disaster in us-east-1',
        source: 'breakwater-prod',
        custom_details: { message: message.body },
      },
    });
  });

  test('keeps what belongs to no incident by its occasion', () => {
    expect(pagerduty(null).event).toMatchObject({
      dedup_key: 'breakwater-prod/sweep/1',
      payload: { severity: 'error' },
    });
  });

  test('gets no key of more than 255 characters, and no summary of more than 1,024', () => {
    const { event } = pagerduty({ incident: `${'x'.repeat(300)}end` }, { subject: 'y'.repeat(2_000) });
    expect(event.dedup_key).toHaveLength(255);
    expect(event.dedup_key.endsWith('end')).toBe(true);
    expect(event.payload.summary).toHaveLength(1_024);
  });
});

test('a short message is one, and says where to look', () => {
  const { body } = publishedForm('sms', { ...message, subject: `[Breakwater] ${'z'.repeat(200)}` }, 'prod');
  expect(body).toHaveLength(140);
  expect(body.endsWith('. See: npm run status -- --stage prod')).toBe(true);
  expect(publishedForm('sms', message, 'prod').body).toBe(
    'region disaster in us-east-1. See: npm run status -- --stage prod',
  );
});

test('Amazon Q keeps an incident together, and shows text as text', () => {
  const { subject, body } = publishedForm('amazon-q', message, 'prod');
  expect(subject).toBe(message.subject);
  expect(JSON.parse(body)).toEqual({
    ...{ version: '1.0', source: 'custom' },
    content: {
      ...{ textType: 'client-markdown', title: 'region disaster in us-east-1' },
      description: 'What happened.\n\\<!channel\\> \\*x\\* \\[y\\](https://evil.example)',
    },
    metadata: { threadId: 'inc-1', summary: 'region disaster in us-east-1' },
  });
});

test('Amazon Q gets no thread of what belongs to no incident, and not more than it takes', () => {
  const { body } = publishedForm('amazon-q', { subject: 's', body: 'x'.repeat(20_001) }, 'prod');
  expect(JSON.parse(body)).toEqual({
    ...{ version: '1.0', source: 'custom' },
    content: { textType: 'client-markdown', title: 's', description: 'x'.repeat(20_000) },
  });
});

test.for(['slack', 'teams', 'pagerduty'] as const)('%s gets the first 20,000 characters of a long body', (channel) => {
  const long = { ...message, body: `${'x'.repeat(19_999)}yz` };
  const { body } = postedForm(channel, long, { key: 'k', source: 's', secret });
  expect(body).toContain('xy"');
  expect(body).not.toContain('z"');
});

test('Teams takes it as one card, at the address itself, with empty lines between the parts', () => {
  const { path, body } = postedForm('teams', { ...message, body: 'a\n\nb' }, { key: 'k', source: 's', secret });
  expect(path).toBe('');
  const line = (run: object) => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', ...run }] });
  const card = {
    ...{ $schema: 'http://adaptivecards.io/schemas/adaptive-card.json', type: 'AdaptiveCard', version: '1.4' },
    body: [line({ text: message.subject, weight: 'Bolder' }), ...['a', ' ', 'b'].map((text) => line({ text }))],
  };
  const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }];
  expect(JSON.parse(body)).toEqual({ type: 'message', attachments });
});

test('Slack takes it at the address itself, and shows an ampersand as one', () => {
  const { path, body } = postedForm('slack', { subject: 's', body: 'a & b &lt;' }, { key: 'k', source: 's', secret });
  expect(path).toBe('');
  expect(JSON.parse(body).text).toBe('s\na &amp; b &amp;lt;');
});

test('e-mail and page are as they are', () => {
  const { subject, body } = message;
  expect(publishedForm('email', message, 'prod')).toEqual({ subject, body });
  expect(publishedForm('page', message, 'prod')).toEqual({ subject, body });
});

test('what came by another channel says why', () => {
  const { subject, body } = saidInstead(message, { channel: 'pagerduty', why: 'it answers 429' });
  expect(subject).toBe(message.subject);
  expect(body.split('\n').slice(0, 2)).toEqual([
    'You hear of it here because the channel pagerduty fails: it answers 429',
    'What happened.',
  ]);
});

test.for([
  ['started', {}, 'open'],
  ['recovered', {}, 'open'],
  ['closed', { ended: 'recovered' }, 'over'],
  ['closed', { ended: 'superseded' }, 'step'],
  ['degradation-ended', { ended: 'escalated' }, 'step'],
] as const)(
  'what is told of a flow that has %s, with %o, is %s: what begins calls people',
  ([occasion, facts, state]) => {
    const told = flowMessage(occasion, { ...incident, drill: false }, facts, '');
    expect(told.thread).toEqual({ incident: incident.id, severity: 'error', state });
  },
);

describe('a text with markup, links and newlines', () => {
  const marked = { ...message, subject: '*bold* <!channel> [y](https://evil.example)' };
  const posted = (channel: 'slack' | 'teams') =>
    JSON.parse(postedForm(channel, marked, { key: 'k', source: 's', secret }).body);

  test('is no markup in Slack, and calls nobody there', () => {
    expect(posted('slack')).toEqual({
      text: '*bold* &lt;!channel&gt; [y](https://evil.example)\nWhat happened.\n&lt;!channel&gt; *x* [y](https://evil.example)',
      mrkdwn: false,
    });
  });

  test('is runs of text in Teams, which show no Markdown, also in its first line', () => {
    const { body } = posted('teams').attachments[0].content;
    expect(new Set(body.map(({ type }: { type: string }) => type))).toEqual(new Set(['RichTextBlock']));
    const texts = body.flatMap(({ inlines }: { inlines: { type: string; text: string }[] }) => inlines);
    expect(texts.every(({ type }: { type: string }) => type === 'TextRun')).toBe(true);
    expect(texts.map(({ text }: { text: string }) => text)).toEqual([marked.subject, ...message.body.split('\n')]);
  });

  const split = { ...message, subject: 'up\r\nBcc: eve@evil.example\n<b>see</b> https://evil.example' };

  test('stays one line of one message in PagerDuty, and its link leads nowhere', () => {
    const { payload } = JSON.parse(postedForm('pagerduty', split, { key: 'k', source: 's', secret }).body);
    expect(payload.summary).toBe('up Bcc: eve@evil. example <b>see</b> https: //evil. example');
    expect(payload.custom_details).toEqual({ message: message.body });
  });

  test('stays one line of one short message, and its link leads nowhere', () => {
    const { subject, body } = publishedForm('sms', split, 'prod');
    expect(`${subject}${body}`).not.toMatch(/[\r\n]/);
    expect(body).not.toMatch(/:\/\/|evil\.example/);
  });

  test('is no second header of an e-mail: a subject is one line of ASCII', () => {
    expect(publishedForm('email', split, 'prod').subject).toMatch(/^[\x20-\x7e]{1,100}$/);
  });
});

// Inserted text never becomes markup, and shows no other words than it has.
import { expect, test } from 'vitest';
import { html, nothing, runbookSection, styleElement, written } from '../../../../functions/domain/page/html.ts';

test('text is escaped, and markup is kept, alone and in a list', () => {
  const bold = html`<b>${'&<>"\'`'}</b>`;
  expect(written(bold)).toBe('<b>&amp;&lt;&gt;&quot;&#39;&#96;</b>');
  expect(written(html`${1}: ${bold}${[bold, nothing]}, ${[]}`)).toBe(`1: ${written(bold)}${written(bold)}, `);
  expect(written(nothing)).toBe('');
});

test('controls and what turns the direction of writing are replaced, and lines stay lines', () => {
  expect(written(html`${'a\u0000b\u202ec\u2066d\u200ee\u061cf\ud800g'}`)).toBe(
    'a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg',
  );
  expect(written(html`${'a\nb\tc'}`)).toBe('a\nb\tc');
});

test('a section of the runbook is a link where the plan says where it is read', () => {
  expect(written(runbookSection('zone-lost', 'https://x/runbook.md'))).toBe(
    '<a href="https://x/runbook.md#zone-lost">docs/runbook.md#zone-lost</a>',
  );
  expect(written(runbookSection('zone-lost', null))).toBe('<code>docs/runbook.md#zone-lost</code>');
});

test('a style sheet stands as it is', () => {
  expect(written(styleElement('a > b { color: "x" }'))).toBe('<style>a > b { color: "x" }</style>');
});

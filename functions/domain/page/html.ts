// Writes HTML in which every inserted text is escaped: what is markup stands in the code, and nothing inserted becomes it.

/** Only this file can make one, so that no text or record from elsewhere is taken for markup. */
const markup = Symbol('markup');
export type Html = { readonly [markup]: string };

type Inserted = Html | string | number | readonly Html[];

/** A template whose values are escaped, for text and for attribute values between double quotes. Markup is kept. */
export function html(parts: TemplateStringsArray, ...values: readonly Inserted[]): Html {
  return { [markup]: String.raw({ raw: parts }, ...values.map(insert)) };
}

/** A section of the runbook: a link where the plan says where it is read. */
export function runbookSection(section: string, url: string | null): Html {
  const name = `docs/runbook.md#${section}`;
  return url === null ? html`<code>${name}</code>` : html`<a href="${url}#${section}">${name}</a>`;
}

/** A line to type: it is broken between its parts alone, so that nobody reads a dash as the end of one. */
export function command(parts: readonly string[]): Html {
  return html`${parts.map((part, index) => html`${index === 0 ? '' : ' '}<span class="word">${part}</span>`)}`;
}

/** Nothing, where a part of a page is left out. */
export const nothing: Html = html``;

/** The text of the whole. */
export function written(page: Html): string {
  return page[markup];
}

/** A style sheet as it stands, in an element of its own: a policy names its hash, so that not a byte may be added. */
export function styleElement(sheet: string): Html {
  return { [markup]: `<style>${sheet}</style>` };
}

function insert(value: Inserted): string {
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value));
  return 'map' in value ? value.map(written).join('') : written(value);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(unreadable, '\ufffd')
    .replace(/[&<>"'`]/g, (found) => entities[found] ?? '');
}

/** Controls, and what turns the direction of writing: with them a text could show other words than it has. */
const unreadable = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

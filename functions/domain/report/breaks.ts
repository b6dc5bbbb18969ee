// Where a long name may break into two lines: after its separators and between its words, and never inside a short word. Pure.
import { type Html, html, nothing } from '../page/html.ts';

/** A part without a separator is broken where it is longer than this: else it would make its table wider than the page. */
const longestPart = 16;
const separators = /(?<=[/:._@=-])(?=[^/:._@=-])|(?<=[a-z0-9])(?=[A-Z][a-z])/;

/** The text, with the places where it may break; a text of short words comes back as it is. */
export function inParts(text: string): Html {
  const parts = text
    .split(/(?<=\s)(?=\S)/)
    .flatMap((word) => (word.length <= longestPart ? [word] : word.split(separators).flatMap(pieces)));
  // What ends with a blank breaks there by itself.
  const breaks = (part: string, at: number) => at < parts.length - 1 && !/\s$/.test(part);
  return html`${parts.map((part, at) => html`${part}${breaks(part, at) ? html`<wbr>` : nothing}`)}`;
}

function pieces(part: string): string[] {
  return Array.from(part.matchAll(new RegExp(`[^]{1,${longestPart}}`, 'gu')), ([piece]) => piece);
}

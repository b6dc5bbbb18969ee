// Where a long name may break into two lines: after its separators and between its words, and never inside a short word. Pure.
import { type Html, html, nothing } from '../page/html.ts';

/** A part without a separator is broken where it is longer than this: else it would make its table wider than the page. */
const longestPart = 16;
/** The name of a region or a zone, which a browser would break at its hyphens. */
const placeName =
  /\b([a-z]{2}(?:-gov|-iso[a-z]?)?-(?:central|(?:north|south)?(?:east|west)|north|south)-\d[a-z]?|[a-z]{3,5}\d-az\d)\b/;
const separators = /(?<=[/:._@=-])(?=[^/:._@=-])|(?<=[a-z0-9])(?=[A-Z][a-z])/;

/** The text, with the places where it may break; a text of short words comes back as it is. */
export function inParts(text: string): Html {
  const parts = text
    .split(/(?<=\s)(?=\S)/)
    .flatMap((word) => (word.length <= longestPart ? [word] : word.split(separators).flatMap(pieces)));
  // What ends with a blank breaks there by itself.
  const breaks = (part: string, at: number) => at < parts.length - 1 && !/\s$/.test(part);
  return html`${parts.map((part, at) => html`${whole(part)}${breaks(part, at) ? html`<wbr>` : nothing}`)}`;
}

function whole(part: string): Html {
  return html`${part.split(placeName).map((one, at) => (at % 2 === 1 ? html`<span class="whole">${one}</span>` : html`${one}`))}`;
}

function pieces(part: string): string[] {
  return Array.from(part.matchAll(new RegExp(`[^]{1,${longestPart}}`, 'gu')), ([piece]) => piece);
}

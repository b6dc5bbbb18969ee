// Text of a page in which what is read as one word is not broken at the end of a line. Pure.
import { type Html, html } from './html.ts';

/** A part of a sentence as a sentence of its own. A name at its beginning, such as us-east-1, stays as it is. */
export function sentence(text: string): Html {
  const begun = /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return prose(/[.!?]$/.test(begun) ? begun : `${begun}.`);
}

/** What is read as one word: the name of a region, a time by the clock, how long something lasts. */
const unbroken = /(\b[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d\b|\b\d\d:\d\d UTC\b|\b\d+ (?:h|min|s)\b(?: \d+ (?:min|s)\b)?)/;

/** Text in which none of these is broken. */
export function prose(text: string): Html {
  const parts = text.split(unbroken);
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<span class="whole">${part}</span>` : html`${part}`))}`;
}

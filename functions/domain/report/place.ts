// Where the report of an incident is kept: a page and its facts in the bucket of each region's stack, and the address under which people who
// may look at that bucket open it. Pure.

/** A stack, as far as its bucket is named after it. */
type Place = { readonly prefix: string; readonly account: string; readonly region: string };

/** S3's names are those of all accounts, and have no capitals. */
export function reportBucket({ prefix, account, region }: Place): string {
  return `${prefix.toLowerCase()}-reports-${account}-${region}`;
}

export function reportKey(incident: string, form: 'html' | 'json'): string {
  return `${reportFolder}${incident}.${form}`;
}

export const reportFolder = 'reports/';

/** Who opens it signs in first: the page says what stands where, and who answered what. */
export function reportAddress(incident: string, place: Place): string {
  const { region } = place;
  const query = new URLSearchParams({ region, prefix: reportKey(incident, 'html') });
  return `https://${consoleOf(region)}/s3/object/${reportBucket(place)}?${query}`;
}

/** Each partition has a console of its own. */
function consoleOf(region: string): string {
  if (region.startsWith('cn-')) return 'console.amazonaws.cn';
  return region.startsWith('us-gov-') ? 'console.amazonaws-us-gov.com' : `${region}.console.aws.amazon.com`;
}

/** What the record keeps of a report that was written, by the region whose bucket has it. */
export function reportMark(region: string): string {
  return `${markStart}${region}`;
}

const markStart = 'report/';

/** What the record keeps of users for the reports; like the marks of these it is none of a flow's steps. */
export const usersMark = `${markStart}users`;

/** Whether a step is such a mark, and tells of nothing that a flow has reached. */
export function isReportMark(step: string): boolean {
  return step.startsWith(markStart);
}

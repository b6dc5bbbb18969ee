// `breakwater open`: the record as pages on this machine, for looking only: incidents with their reports, what is open, readiness.
// Each page is made from the record when it is asked for.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command } from 'commander';
import { type DrillRecord, recoverySecondsOf } from '../functions/domain/drills/record.ts';
import { type Html, html, nothing } from '../functions/domain/page/html.ts';
import type { Readiness } from '../functions/domain/recovery/readiness.ts';
import { plotOf } from '../functions/domain/report/comparison.ts';
import type { Report } from '../functions/domain/report/facts.ts';
import { verdictOfRun } from '../functions/domain/report/run.ts';
import { indexPage, listedOf } from '../functions/domain/report-page/index-page.ts';
import { reportPage, tones, verdictWords, wholePage } from '../functions/domain/report-page/page.ts';
import { dayOf, isoOf } from '../functions/domain/report-page/times.ts';
import type { ApprovalRequest } from '../functions/domain/types.ts';
import { formatSeconds } from '../functions/domain/words/durations.ts';
import { recordOf } from '../functions/shared/report/incident-record.ts';
import {
  earlierIncidents,
  earlierRuns,
  type ReadFrom,
  readRun,
  reportOfIncident,
  shortReport,
} from '../functions/shared/report/incident-report.ts';
import {
  commandLine,
  type Deployment,
  type DeploymentOptions,
  deploymentOf,
  onDeployment,
  open,
} from './deployed/deployment.ts';
import { recordForMachines } from './deployed/record.ts';
import { doing, whyNot } from './deployed/why-not.ts';
import { earlierIn, reportsIn } from './files/report-folder.ts';
import { gapsOf } from './report.ts';
import { NotDone } from './screen/not-done.ts';
import { sayOn, type Terminal } from './screen/terminal.ts';
import { WrongInput } from './screen/wrong-input.ts';

type OpenOptions = DeploymentOptions & { readonly port: number; readonly drills?: string };

/** Pages of so many incidents are listed; `history --json` has them all. */
const mostListed = 200;

export function addOpen(program: Command, terminal: Terminal): void {
  onDeployment(
    program
      .command('open')
      .summary('shows the record as pages on this machine: incidents, reports, readiness; nothing can be changed there')
      .option('--port <number>', 'where on localhost; 0: any that is free', readPort, 0)
      .option('--drills <folder>', 'also list the reports that drill --report wrote there'),
  ).action((options: OpenOptions) => doing(openRecord(options, terminal)));
}

/** As the reports have it. */
const clockOf = (at: number): string => dayOf(isoOf(at));

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new WrongInput(`--port: is ${JSON.stringify(text)}, expected a whole number from 0 to 65535`);
}

/** @throws WrongInput where it cannot be read */
function expectFolder(folder: string): void {
  try {
    reportsIn(folder);
  } catch {
    throw new WrongInput(`--drills: is ${JSON.stringify(folder)}, expected a folder that drill --report wrote to`);
  }
}

async function openRecord(options: OpenOptions, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf(options, terminal);
  if (options.drills !== undefined) expectFolder(options.drills);
  await open(deployment); // Wrong credentials are told here, and not on the first page.
  const { url, close } = await serveRecord(deployment, options);
  if (options.json === true) terminal.out(`${JSON.stringify({ url })}\n`);
  else sayOn(terminal)(`${url} has the record of ${deployment.prefix}, for looking only. Ctrl-C ends it.`);
  await new Promise<void>((ended) => process.once('SIGINT', ended));
  await close();
}

/** Serves the record on localhost until it is closed. @throws NotDone where the port is taken */
export async function serveRecord(
  deployment: Deployment,
  options: OpenOptions,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => void answer(request, response, server, deployment, options));
  await new Promise<void>((listening, failed) => {
    server.once('error', (error) => failed(new NotDone(`--port: ${options.port} cannot be used: ${error.message}`)));
    server.listen(options.port, '127.0.0.1', listening);
  });
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

type Page = { readonly status: number; readonly type: 'text/html' | 'application/json'; readonly body: string };

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  server: Server,
  deployment: Deployment,
  options: OpenOptions,
): Promise<void> {
  const { status, type, body } = await pageFor(request, portOf(server), deployment, options);
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    ...(status === 405 && { allow: 'GET, HEAD' }),
  });
  response.end(request.method === 'HEAD' ? '' : body);
}

/** Never throws. A page of another site may not read this one through a name of its own: the host is looked at. */
async function pageFor(
  { method = 'GET', url = '/', headers }: IncomingMessage,
  port: number,
  deployment: Deployment,
  options: OpenOptions,
): Promise<Page> {
  if (headers.host !== `127.0.0.1:${port}` && headers.host !== `localhost:${port}`)
    return notice(403, 'Nothing to see here', `This is served as 127.0.0.1:${port} alone.`);
  if (method !== 'GET' && method !== 'HEAD')
    return notice(405, 'For looking only', 'Nothing can be changed here. Only GET and HEAD are answered.');
  try {
    const [path = '/'] = url.split('?');
    if (path === '/') return await listPage(deployment, options);
    const [, drill] = /^\/drills\/([^/]+)$/.exec(path) ?? [];
    if (drill !== undefined && options.drills !== undefined)
      return drillPage(decodeURIComponent(drill), options.drills) ?? noPage;
    const [, run, isRunJson] = /^\/runs\/([^/]+?)(\.json)?$/.exec(path) ?? [];
    if (run !== undefined)
      return (await runPage(decodeURIComponent(run), isRunJson !== undefined, deployment)) ?? noPage;
    const [, id, isJson] = /^\/incidents\/([^/]+?)(\.json)?$/.exec(path) ?? [];
    const page = id === undefined ? null : await incidentPage(decodeURIComponent(id), isJson !== undefined, deployment);
    return page ?? noPage;
  } catch (error) {
    if (error instanceof URIError) return noPage;
    return notice(502, 'The record cannot be read', whyNot(error));
  }
}

function notice(status: number, title: string, text: string): Page {
  const body = html`<header><h1>${title}</h1><p>${text}</p><p><a href="/">All incidents</a></p></header>`;
  return { status, type: 'text/html', body: wholePage(title, body) };
}

const noPage = notice(404, 'There is no such page', 'The list has all incidents and drills of the record.');

/** Made from the facts in the folder: no file of it is served as it is. */
function drillPage(id: string, folder: string): Page | null {
  const report = reportsIn(folder).find((one) => one.id === id);
  if (report === undefined) return null;
  return { status: 200, type: 'text/html', body: reportPage(report, earlierIn(folder, report, drillPathOf)) };
}

function drillPathOf({ id }: Pick<Report, 'id'>): string {
  return `/drills/${encodeURIComponent(id)}`;
}

function pathOf(id: string): string {
  return `/incidents/${encodeURIComponent(id)}`;
}

async function incidentPage(id: string, isJson: boolean, deployment: Deployment): Promise<Page | null> {
  const { shell, silent } = await open(deployment);
  const record = await recordOf(id, shell);
  if (record === null) return null;
  const incidents = await shell.store.listIncidents();
  const from = { ...shell, gaps: gapsOf(silent, deployment.unread()) };
  const report = reportOfIncident(record, from, incidents);
  if (isJson) {
    const body = { deployment: deployment.prefix, ...recordForMachines(record), report };
    return { status: 200, type: 'application/json', body: `${JSON.stringify(body, null, 2)}\n` };
  }
  const earlier = await earlierIncidents(record.incident, incidents, shell, from, pathOf);
  return { status: 200, type: 'text/html', body: reportPage(report, earlier) };
}

function runPathOf(execution: string): string {
  return `/runs/${encodeURIComponent(execution)}`;
}

/** A drill that the deployment ran. */
async function runPage(execution: string, isJson: boolean, deployment: Deployment): Promise<Page | null> {
  const { shell, silent } = await open(deployment);
  const { store } = shell;
  const drill = await store.readDrill(execution);
  if (drill === null) return null;
  const [runs, incidents] = await Promise.all([store.listDrills(), store.listIncidents()]);
  const from = { ...shell, gaps: gapsOf(silent, deployment.unread()) };
  const report = await readRun(drill, shell, from, incidents);
  if (isJson) return { status: 200, type: 'application/json', body: `${JSON.stringify({ drill, report }, null, 2)}\n` };
  const earlier = earlierRuns(drill, runs, from, runPathOf);
  return { status: 200, type: 'text/html', body: reportPage(report, earlier) };
}

async function listPage(deployment: Deployment, options: OpenOptions): Promise<Page> {
  const { shell, silent } = await open(deployment);
  const { store, plan, region, now } = shell;
  const [incidents, runs, requests, ...readiness] = await Promise.all([
    store.listIncidents(),
    store.listDrills(),
    store.listOpenRequests(),
    ...deployment.regions.map(async (one) => ({ region: one, seen: await store.readReadiness(one) })),
  ]);
  const from: ReadFrom = { ...shell, gaps: [] };
  const newest = [...incidents].reverse().slice(0, mostListed);
  const reports = await Promise.all(newest.map((incident) => shortReport(incident, store, from)));
  const left = incidents.length - newest.length;
  const body = indexPage({
    title: `The record of ${deployment.prefix}`,
    lead: `For ${plan.application}, as ${region} has it at ${clockOf(now())}. Newest first${left === 0 ? '' : `; ${left} older incidents are left out`}. Nothing can be changed here.`,
    reports: reports.map((report) => listedOf(report, pathOf(report.id))),
    without: gapsOf(silent, deployment.unread()).map((gap) => ({ what: 'Gap', why: gap })),
    none: `${deployment.prefix} has no incident in its record.`,
    above: html`${waiting(requests, options)}
${readinessOf(readiness, now())}`,
    below: html`${runsIn(runs)}
${options.drills === undefined ? nothing : drillsIn(options.drills)}`,
  });
  return { status: 200, type: 'text/html', body };
}

function waiting(requests: readonly ApprovalRequest[], options: OpenOptions): Html {
  return html`<section id="waiting"><h2>What waits for people</h2>
${
  requests.length === 0
    ? html`<p>No request is open.</p>`
    : html`<ul>${requests.map(
        ({ id, incident, mode, target, required, roles, expiresAt }) =>
          html`<li>${mode} of ${target}: ${required} of ${roles.join(', ')}, until ${clockOf(expiresAt)}. <a href="${pathOf(incident)}">Its incident</a><br><span class="small soft">Answered on the page of each approver's mail, or with <code>${commandLine('approve', options, id)} --region ${target}</code></span></li>`,
      )}</ul>`
}
</section>`;
}

/** Drills that the deployment ran, newest first. */
function runsIn(runs: readonly DrillRecord[]): Html {
  const newest = runs.toSorted((a, b) => b.startedAt - a.startedAt);
  const shown = newest.slice(0, mostListed);
  const left = newest.length - shown.length;
  const times = shown.toReversed().map((run) => ({ id: run.execution, recoverySeconds: recoverySecondsOf(run) }));
  const known = times.filter(({ recoverySeconds }) => recoverySeconds !== null);
  return html`<section id="runs"><h2>Drills of the deployment</h2>
${
  shown.length === 0
    ? html`<p>No drill has run.</p>`
    : html`${known.length < 2 ? nothing : html`<p class="small soft">Times of ${known.length} of them, oldest first.</p>${plotOf(known, null)}`}
<ul class="list">${shown.map((run) => {
        const { state } = verdictOfRun(run);
        const took = recoverySecondsOf(run);
        return html`<li><a href="${runPathOf(run.execution)}">${run.execution}</a> <span class="badge ${tones[state]}">${verdictWords[state]}</span> ${run.name} (${run.kind}), ${clockOf(run.startedAt)}${took === null ? '' : `, in ${formatSeconds(took)} of ${formatSeconds(run.withinSeconds)}`}</li>`;
      })}</ul>${left === 0 ? nothing : html`<p>${left} older ones are left out.</p>`}`
}
</section>`;
}

function drillsIn(folder: string): Html {
  const reports = reportsIn(folder);
  return html`<section id="drills"><h2>Drills in ${folder}</h2>
${
  reports.length === 0
    ? html`<p>There is no report in this folder.</p>`
    : html`<ul class="list">${reports.map(
        (report) =>
          html`<li><a href="${drillPathOf(report)}">${report.id}</a> <span class="badge ${tones[report.verdict.state]}">${verdictWords[report.verdict.state]}</span> ${report.title}</li>`,
      )}</ul>`
}
</section>`;
}

type Seen = { readonly region: string; readonly seen: Readiness | null };

const readyTones = { ready: 'good', 'not-ready': 'bad', unknown: 'warn' } as const;

function readinessOf(regions: readonly Seen[], now: number): Html {
  return html`<section id="readiness"><h2>Readiness to take over</h2>
${regions.map(({ region, seen }) =>
  seen === null
    ? html`<p><strong>${region}</strong>: nobody has looked, so it is not known.</p>`
    : html`<p><strong>${region}</strong>, looked at ${clockOf(seen.at)}, ${formatSeconds(Math.max(0, now - seen.at) / 1000)} ago:</p>
<ul class="list">${seen.checks.map(
        ({ check, state, why }) =>
          html`<li><span class="badge ${readyTones[state]}">${state}</span> <strong>${check}</strong>: ${why}</li>`,
      )}</ul>`,
)}
</section>`;
}

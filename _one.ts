import { runDrill } from './simulator/drill.ts';
import { parsePlan } from './check/plan.ts';
import { readRawPlan } from './infrastructure/plan-file.ts';
const plan = parsePlan(readRawPlan(process.env.PLAN ?? 'plan.yml'));
const [scenario, caller, service, operation, time, error] = process.argv.slice(2) as string[];
let zero = 0;
const { result, misses, resumed } = await runDrill({ scenario: scenario!, seed: 1, plan, resumes: 1,
  extraFaults: [{ atSeconds: 0, fault: error === 'before' || error === 'after' ? { id: 'single', kind: 'function-crash', function: caller!, when: error, after: Number(time) - 1, times: 1 } : { id: 'single', kind: 'api-failure', service: service!, operation: operation!, caller: caller!, after: Number(time) - 1, times: 1, ...(error === 'refuse' ? { error: 'refuse', name: 'ValidationException', status: 400 } : { error: error as 'deny' }) } as never }],
  overheard: (w, t) => { if (w === 'message') console.log('   MAIL', t.slice(0, Number(process.env.LONG ?? 300)).replaceAll('\n', ' | ')); },
  onProgress: (p: any) => { zero ||= p.at; if (p.kind === 'step' && p.phase === 'retrying' && /InProgress/.test(p.detail ?? '')) return; if (p.kind==='signal') return; console.log(((p.at - zero) / 1000).toFixed(0), p.kind, p.state ?? p.text ?? '', p.phase ?? '', String(p.detail ?? p.status ?? '').slice(0, 200)); } });
console.log(result.executions, misses, resumed, result.invariants.filter((i) => !i.held));

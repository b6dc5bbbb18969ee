// What the API before the door lets through: people always, in all but a flood, and a flood no more than what flows can spare.
import { expect, test } from 'vitest';
import { approvalPage } from '../../../infrastructure/doors/approval-page.ts';
import type { Stack } from '../../../infrastructure/values.ts';

const page = approvalPage({ prefix: 'breakwater-test' } as Stack);
const stage = page['ApprovalStage'];
type Limit = { readonly ThrottlingRateLimit: number; readonly ThrottlingBurstLimit: number };
const links = stage?.Properties['DefaultRouteSettings'] as Limit;
const own = stage?.Properties['RouteSettings'] as Readonly<Record<string, Limit>>;
const routes = Object.entries(page).filter(([, { Type }]) => Type === 'AWS::ApiGatewayV2::Route');
const signed = routes.filter(([, { Properties }]) => Properties['AuthorizationType'] === 'AWS_IAM');

/** So many executions of Lambda an account has at once by default, and so long a forged link is judged. */
const concurrency = 1_000;
const judgedSeconds = 0.1;

test('one laptop does not keep approvers out, and a flood takes a tenth of the account at most', () => {
  expect(links.ThrottlingRateLimit).toBeGreaterThanOrEqual(200);
  expect(links.ThrottlingRateLimit * judgedSeconds).toBeLessThanOrEqual(concurrency / 10);
  expect(links.ThrottlingBurstLimit).toBeLessThanOrEqual(concurrency / 10);
});

test('the command line has a limit that a flood of links does not use up, on a route that is there before the stage names it', () => {
  expect(signed.map(([, { Properties }]) => Properties['RouteKey'])).toEqual(Object.keys(own));
  expect(stage?.DependsOn).toEqual(signed[0]?.[0]);
});

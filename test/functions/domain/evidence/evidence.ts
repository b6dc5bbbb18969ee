// Pieces of evidence that tests of classification put together; all of it since the second 0.
import * as saw from './sightings.ts';
import { az1, az2, az4 } from './sightings.ts';

export const here = ['api-5xx', 'database-latency', 'cluster-status'];
export const zoneDown = saw.alarms(here, az1, 0);
export const withoutDatabase = saw.alarms(['api-5xx', 'cluster-status', 'ingress-5xx'], az1, 0);
export const users = [saw.canary('eu-west-1', 0), saw.canary('ap-southeast-1', 0)];
export const planes = [saw.probe('ec2', 0), saw.probe('rds', 0)];
export const everywhere = [az1, az2, az4].map((place) => saw.alarm('api-5xx', place, 0));
export const managed = [az1, az2].flatMap((place) =>
  saw.alarms(['database-status', 'cache-status', 'cluster-status'], place, 0),
);
export const darkZone = (place: string, components = ['api', 'worker', 'cache']) =>
  saw.alarms(
    components.map((one) => `${one}-status`),
    place,
    0,
    'unknown',
  );
export const noted = [saw.autoshift(az1, 0)];

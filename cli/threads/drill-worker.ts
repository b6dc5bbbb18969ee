// A thread of `breakwater drill all`: runs the drills that it is sent, one after the other, and sends back what each came to.
import { parentPort } from 'node:worker_threads';
import { type DrillOptions, runDrill } from '../../simulator/drill/drill.ts';

// An error is not caught: it ends the thread, and with it only the drill that threw it.
parentPort?.on('message', async (options: DrillOptions) => parentPort?.postMessage(await runDrill(options)));

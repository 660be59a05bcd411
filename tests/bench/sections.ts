/** The sections of the bench, in the order in which they are printed; each measures when it is asked for. */
import { buildBundles } from './bundles';
import { CROWDS, measureCrowd } from './crowd';
import { type Called, measureDeployment } from './deployment';
import { measureIdleMonth } from './idle';
import { loadRatio } from './loading';
import { seedsPerCpuSecond, startRatioOfLocal } from './machine';
import { costsOf, dollarsOf, dollarsOfClones } from './money';
import { predecessor } from './predecessor';
import { AS_OF } from './prices';
import type { Column, Row, Section } from './report';
import { secondsOf, servicesPath } from './services-path';
import { aboutAsLong, ONE_ALB, SETTINGS, type Setting } from './settings';
import { measureSizes } from './sizes';

type Measuring = () => Promise<Section>;

export const SECTIONS: Readonly<Record<string, Measuring>> = {
  deployments: () => deployments(SETTINGS, aboutAsLong),
  stages: callsByStage,
  services: callsByService,
  idle: idleMonth,
  crowds,
  sizes,
  bundles,
  machine,
};

/**
 * `over`: what the deployer adds to what the services alone need; `others` say of each setting in which others, too: then
 * that is the mean.
 */
export async function deployments(
  settings: readonly Setting[],
  others: (setting: Setting) => Setting[] = () => [],
): Promise<Section> {
  const rows: Row[] = [];
  for (const setting of settings) rows.push(await deploymentRow(setting, others(setting)), predecessorRow(setting));
  return {
    name: 'deployments',
    title: `A deployment each, from the upload to its end. Prices of us-east-1 as of ${AS_OF}, without instances. The\npredecessor does not wait until Active has drained.`,
    columns: [
      { figure: 'seconds', unit: 'seconds', budget: 'none' },
      { figure: 'services alone', unit: 'seconds', budget: 'none' },
      { figure: 'over', unit: 'seconds' },
      { figure: 'calls', unit: 'count' },
      { figure: 'invocations', unit: 'count' },
      { figure: 'USD without clones', unit: 'dollars' },
      { figure: 'USD with clones', unit: 'dollars' },
    ],
    rows,
  };
}

async function deploymentRow(setting: Setting, others: readonly Setting[]): Promise<Row> {
  const measured = await measureDeployment(setting);
  const alone = secondsOf(servicesPath(setting));
  const over = [measured.seconds - alone];
  for (const other of others) {
    over.push((await measureDeployment(other)).seconds - secondsOf(servicesPath(other)));
  }
  const dollars = dollarsOf(costsOf(measured));
  return {
    name: setting.name,
    figures: {
      seconds: measured.seconds,
      'services alone': alone,
      over: over.reduce((sum, seconds) => sum + seconds, 0) / over.length,
      calls: measured.calls.length,
      invocations: measured.invocations.length,
      'USD without clones': dollars,
      'USD with clones': dollars + dollarsOfClones(measured),
    },
  };
}

function predecessorRow(setting: Setting): Row {
  const { seconds, calls, invocations, costs, clonesDollars } = predecessor(setting);
  const dollars = dollarsOf(costs);
  return {
    name: `  predecessor, modelled (${setting.name})`,
    figures: {
      seconds,
      calls,
      invocations,
      'USD without clones': dollars,
      'USD with clones': dollars + clonesDollars,
    },
    isModelled: true,
  };
}

async function callsByStage(): Promise<Section> {
  const { calls, invocations } = await measureDeployment(ONE_ALB);
  const services = servicesIn(calls);
  const rows = [...new Set(invocations.map(({ stage }) => stage))].map((stage): Row => {
    const own = calls.filter((call) => call.stage === stage);
    const byService = services.map((service) => [service, own.filter((call) => call.service === service).length]);
    const invoked = invocations.filter((one) => one.stage === stage).length;
    return { name: stage, figures: { invocations: invoked, calls: own.length, ...Object.fromEntries(byService) } };
  });
  return {
    name: 'stages',
    title: `Invocations and calls of a deployment behind ${ONE_ALB.name}, by stage.`,
    columns: [
      { figure: 'invocations', unit: 'count' },
      { figure: 'calls', unit: 'count' },
      ...services.map((figure): Column => ({ figure, unit: 'count', budget: 'none' })),
    ],
    rows,
  };
}

async function callsByService(): Promise<Section> {
  const { calls } = await measureDeployment(ONE_ALB);
  return {
    name: 'services',
    title: `Calls of a deployment behind ${ONE_ALB.name}, by service.`,
    columns: [{ figure: 'calls', unit: 'count' }],
    rows: servicesIn(calls).map((service) => {
      return { name: service, figures: { calls: calls.filter((call) => call.service === service).length } };
    }),
  };
}

function servicesIn(calls: readonly Called[]): string[] {
  return [...new Set(calls.map(({ service }) => service))].sort();
}

async function idleMonth(): Promise<Section> {
  const costs = await measureIdleMonth();
  const all = { what: 'all', dollars: dollarsOf(costs) };
  return {
    name: 'idle',
    title: `A month of 30 days in which nothing is deployed. Prices of us-east-1 as of ${AS_OF}.`,
    columns: [{ figure: 'USD', unit: 'dollars' }],
    rows: [...costs, all].map(({ what, dollars }) => ({ name: what, figures: { USD: dollars } })),
  };
}

/** No budget yet: throttled requests do not wait for their turn, and deployments are lost by it. */
async function crowds(): Promise<Section> {
  const rows: Row[] = [];
  for (const tasks of CROWDS) {
    const { lost, unended, seconds, throttled } = await measureCrowd(tasks);
    rows.push({ name: `${tasks} at once`, figures: { lost, 'not ended': unended, seconds, throttled } });
  }
  return {
    name: 'crowds',
    title: 'Tasks of one account, all deployed at the same moment, within the documented request limits.',
    columns: [
      { figure: 'lost', unit: 'count', budget: 'none' },
      { figure: 'not ended', unit: 'count', budget: 'none' },
      { figure: 'seconds', unit: 'seconds', budget: 'none' },
      { figure: 'throttled', unit: 'count', budget: 'none' },
    ],
    rows,
  };
}

async function sizes(): Promise<Section> {
  const largest = await measureSizes();
  return {
    name: 'sizes',
    title: 'The largest of its kind: 100 instances behind 20 load balancers, first ill, then well.',
    columns: [{ figure: 'bytes', unit: 'bytes' }],
    rows: Object.entries(largest).map(([kind, { bytes }]) => ({ name: kind, figures: { bytes } })),
  };
}

/** `load`: CPU time of a Node that loads it, by that of one that loads an empty handler. */
async function bundles(): Promise<Section> {
  const { all } = await buildBundles();
  const rows = all.map((bundle) => ({ name: bundle.name, figures: { bytes: bundle.bytes, load: loadRatio(bundle) } }));
  const sum = all.reduce((total, { bytes }) => total + bytes, 0);
  return {
    name: 'bundles',
    title: 'What is uploaded for each function, and how long it takes to load, by an empty handler.',
    columns: [
      { figure: 'bytes', unit: 'bytes' },
      { figure: 'load', unit: 'ratio' },
    ],
    rows: [...rows, { name: 'all', figures: { bytes: sum } }],
  };
}

async function machine(): Promise<Section> {
  return {
    name: 'machine',
    title: 'How quick the tools are on this machine. The start of `npm run local` is counted in starts of a bare Node.',
    columns: [
      { figure: 'seeds per CPU second', unit: 'ratio', budget: 'least' },
      { figure: 'start', unit: 'ratio' },
    ],
    rows: [
      { name: 'npm run simulate', figures: { 'seeds per CPU second': await seedsPerCpuSecond() } },
      { name: 'npm run local', figures: { start: await startRatioOfLocal() } },
    ],
  };
}

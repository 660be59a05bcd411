/** The demo's command line. */
import { type Program, parseOptions } from '../terminal/command-line';
import { missingForTomcat } from './tomcat-machine';

export interface Options {
  /** The war that is uploaded: one that is well, or one whose health check answers 500. */
  war: 'well' | 'broken';
  /** Instead of a deployment of the product: what failed deployments of CodeDeploy leave behind. */
  codedeploy: boolean;
  /** The instances are Tomcats that the user data of examples/ starts. */
  tomcat: boolean;
  /** Leaves out what instances and load balancers do, and the text of mails. */
  short: boolean;
  /** Ends with the summary as one JSON object on the last line of the standard output. */
  json: boolean;
}

export const USAGE = `npm run demo [-- options]

Deploys a new war to a fleet behind three kinds of load balancers in an embedded
AWS on this machine while requests keep coming, then rolls back.

  --war broken   upload a war whose health check answers 500: it must fail with
                 T001 and be cleaned up, and no user may see it
  --codedeploy   instead: two failed CodeDeploy deployments leave copied Auto
                 Scaling groups behind; the unused one must go, the one that
                 serves must stay
  --tomcat       let each instance be a real Tomcat, started by the user data of
                 examples/user-data; needs Debian's tomcat10, awscli and curl
  --short        print what is asked for, what the stages tell, the subjects of
                 mails and the summary; nothing else
  --json         print the summary as one JSON object, the last line of the
                 standard output; everything else goes to the standard error
  --help         print this

Exit code: 0 if all went as it should and no request failed, 1 if not,
2 if the options are not understood, 130 after Ctrl-C.
`;

/** Throws an error that says which option is not understood. */
export function readOptions(given: string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const values = parseOptions(given, {
    war: { type: 'string' },
    codedeploy: flag,
    tomcat: flag,
    short: flag,
    json: flag,
  });
  const { war = 'well', codedeploy, tomcat, short, json } = values;
  if (war !== 'well' && war !== 'broken') throw new Error(`--war is "broken" or "well", not "${war}"`);
  if (codedeploy && values.war !== undefined) throw new Error('--codedeploy uploads no war: leave --war out');
  if (codedeploy && tomcat) throw new Error('--codedeploy has no Tomcats: leave --tomcat out');
  const missing = tomcat ? missingForTomcat() : undefined;
  if (missing !== undefined) throw new Error(`--tomcat needs what is ${missing}`);
  return { war, codedeploy, tomcat, short, json };
}

export const PROGRAM: Program<Options> = { command: 'npm run demo', usage: USAGE, readOptions };

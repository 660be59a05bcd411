import * as z from 'zod/mini';
import { contract, type DetailOf, taskName } from './contract';

const shortText = z.string().check(z.minLength(1), z.maxLength(256));

/** The war whose upload asks for a deployment. */
export const upload = z.object({ bucket: z.string(), key: z.string(), versionId: z.string() });

/**
 * Someone wants a deployment: an operator by put-events (`{"task": "WAS"}`), or `war-uploaded`.
 *
 * Without `versions` the latest of each war is deployed, except one that a rollback took away. `latest` deploys that
 * too, `previous` goes back to the last versions that served and differ from what serves, and a list holds version ids by
 * slot, separated by commas; an empty item keeps what serves. `capacity` is the number of instances where Active was taken to 0. `requestId` makes a
 * repeated request the same request; `requestedAt` is an ISO time, by default that of the event.
 */
export const DeployRequested = contract(
  'DeployRequested',
  z.object({
    task: taskName,
    versions: z.optional(z.string().check(z.maxLength(9 * 1025))),
    capacity: z.optional(z.int().check(z.gte(1), z.lte(10_000))),
    requestId: z.optional(shortText),
    requestedBy: z.optional(shortText),
    requestedAt: z.optional(z.iso.datetime({ offset: true })),
    upload: z.optional(upload),
  }),
);

export type DeployRequest = DetailOf<typeof DeployRequested>;

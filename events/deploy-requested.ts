import * as z from 'zod/mini';
import { contract, type DetailOf, shownText, taskName } from './contract';

/** A lone surrogate does not survive being stored and published. */
const WELL_FORMED = z.refine((text) => String(text).isWellFormed(), 'not well-formed Unicode');

function s3Text(maximumCharacters: number) {
  return z.string().check(z.minLength(1), z.maxLength(maximumCharacters), WELL_FORMED);
}

/** The war whose upload asks for a deployment. */
export const upload = z.object({
  bucket: s3Text(255),
  key: s3Text(1024),
  /** Empty where the bucket has no versions. */
  versionId: z.string().check(z.maxLength(1024), WELL_FORMED),
});

/**
 * Someone wants a deployment: an operator by put-events (`{"task": "WAS"}`), or `war-uploaded`.
 *
 * Without `versions` the latest of each war is deployed, except one that a rollback took away. `latest` deploys that
 * too, `previous` goes back to the last versions that served and differ from what serves, and a list holds version ids by
 * slot, separated by commas; an empty item keeps what serves. `capacity` is the number of instances where Active was
 * taken to 0. `requestId` names one request: another event that uses it is refused. `requestedAt` is an ISO time, by
 * default that of the event, and never later than that.
 */
export const DeployRequested = contract(
  'DeployRequested',
  z.object({
    task: taskName,
    versions: z.optional(z.string().check(z.maxLength(9 * 1025))),
    capacity: z.optional(z.int().check(z.gte(1), z.lte(10_000))),
    requestId: z.optional(z.string().check(z.maxLength(256), z.regex(/^[^\p{Cc}\p{Cs}]+$/u))),
    requestedBy: shownText,
    requestedAt: z.optional(z.iso.datetime({ offset: true })),
    upload: z.optional(upload),
  }),
);

export type DeployRequest = DetailOf<typeof DeployRequested>;

/** The object of the record of WAS, as somebody changes it who has the keys of the state bucket: at this very moment. */
import type { Call } from '../../local/kernel/service';
import type { World } from './world';

export const RECORD_KEY = 'tasks/WAS.json';

export class RecordObject {
  private readonly Bucket: string;

  constructor(private readonly world: World) {
    this.Bucket = world.stack.outputs.StateBucketName ?? '';
  }

  overwrite(body: string): void {
    this.call('PutObject', { Key: RECORD_KEY, Body: Buffer.from(body) });
  }

  delete(VersionId?: string): void {
    this.call('DeleteObject', { Key: RECORD_KEY, VersionId });
  }

  get versionIds(): string[] {
    const { Versions = [], DeleteMarkers = [] } = this.call('ListObjectVersions', { Prefix: RECORD_KEY });
    return [...Versions, ...DeleteMarkers].filter(({ Key }) => Key === RECORD_KEY).map(({ VersionId }) => VersionId);
  }

  get setAside(): string[] {
    return (this.call('ListObjectsV2', { Prefix: 'damaged/' }).Contents ?? []).map(({ Key }) => Key);
  }

  /** At this very moment: a client's call would take time. */
  private call(operation: string, input: object): Listed {
    const call = { ...ITSELF, operation };
    return this.world.aws.s3.operations[operation]?.({ Bucket: this.Bucket, ...input }, call) as Listed;
  }
}

interface Listed {
  Versions?: { Key: string; VersionId: string }[];
  DeleteMarkers?: { Key: string; VersionId: string }[];
  Contents?: { Key: string }[];
}

const ITSELF: Call = {
  service: 's3',
  operation: '',
  input: {},
  caller: { principal: 'operator', isAlive: () => true },
  requestId: 'lose',
};

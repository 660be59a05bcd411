/** The buckets of the account: making, deleting and configuring them. */
import type {
  BucketLocationConstraint,
  CreateBucketCommandInput,
  PutBucketNotificationConfigurationCommandInput,
  PutBucketVersioningCommandInput,
} from '@aws-sdk/client-s3';
import { AwsError, type Operations } from '../../kernel/service';
import { Bucket, type Versioning } from './bucket';
import { notImplemented, understood } from './parameters';

export interface BucketsOptions {
  region: string;
  accountId: string;
  now: () => Date;
  newVersionId: () => string;
}

/**
 * As the template declares it. `eventBridge`: what happens to its objects is told to the default event bus. `region`: where
 * somebody made it, if elsewhere.
 */
export interface BucketSettings {
  versioning?: Versioning;
  eventBridge?: boolean;
  region?: string;
}

export class Buckets {
  private readonly buckets = new Map<string, Bucket>();

  readonly operations: Operations = {
    ListBuckets: understood([], () => this.list()),
    CreateBucket: understood(['CreateBucketConfiguration'], (input) => this.createByRequest(input)),
    DeleteBucket: understood([], (input) => this.delete(input.Bucket)),
    HeadBucket: understood([], (input) => this.head(input.Bucket)),
    GetBucketLocation: understood([], (input) => this.locationOf(input.Bucket)),
    GetBucketVersioning: understood([], (input) => ({ Status: this.bucket(input.Bucket).versioning })),
    PutBucketVersioning: understood(['VersioningConfiguration'], (input) => this.putVersioning(input)),
    GetBucketNotificationConfiguration: understood([], (input) => this.getNotificationConfiguration(input.Bucket)),
    PutBucketNotificationConfiguration: understood(
      ['NotificationConfiguration', 'SkipDestinationValidation'],
      (input) => this.putNotificationConfiguration(input),
    ),
  };

  constructor(private readonly options: BucketsOptions) {}

  create(name: string, { versioning, eventBridge, region = this.options.region }: BucketSettings = {}): void {
    const { now, newVersionId } = this.options;
    this.buckets.set(name, new Bucket(name, now(), versioning, eventBridge ?? false, newVersionId, region));
  }

  find(name: string | undefined): Bucket | undefined {
    return this.buckets.get(name ?? '');
  }

  /** Throws NoSuchBucket, or PermanentRedirect where the bucket is in another region. */
  bucket(name: string | undefined): Bucket {
    const bucket = this.find(name);
    if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
    if (bucket.region !== this.options.region) {
      const message =
        'The bucket you are attempting to access must be addressed using the specified endpoint. ' +
        'Please send all future requests to this endpoint.';
      throw new AwsError('PermanentRedirect', message, 301, { 'x-amz-bucket-region': bucket.region });
    }
    return bucket;
  }

  private list() {
    const buckets = [...this.buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return {
      Buckets: buckets.map(({ name, createdAt }) => ({ Name: name, CreationDate: createdAt })),
      Owner: { ID: this.options.accountId.padStart(64, '0') },
    };
  }

  private createByRequest({ Bucket: name = '', CreateBucketConfiguration: configuration }: CreateBucketCommandInput) {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.');
    }
    if ((configuration?.LocationConstraint ?? 'us-east-1') !== this.options.region) {
      const message =
        'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.';
      throw new AwsError('IllegalLocationConstraintException', message);
    }
    if (this.buckets.has(name)) {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw new AwsError('BucketAlreadyOwnedByYou', message, 409);
    }
    this.create(name);
    return { Location: `http://${name}.s3.amazonaws.com/` };
  }

  private delete(name: string | undefined) {
    const bucket = this.bucket(name);
    if (bucket.entries().length > 0) {
      throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
    }
    this.buckets.delete(bucket.name);
  }

  private head(name: string | undefined) {
    this.bucket(name);
    return { BucketRegion: this.options.region };
  }

  private locationOf(name: string | undefined): { LocationConstraint?: BucketLocationConstraint } {
    this.bucket(name);
    const { region } = this.options;
    return region === 'us-east-1' ? {} : { LocationConstraint: region as BucketLocationConstraint };
  }

  private putVersioning({ Bucket, VersioningConfiguration }: PutBucketVersioningCommandInput) {
    const status = VersioningConfiguration?.Status;
    if (status !== 'Enabled' && status !== 'Suspended') {
      throw new AwsError('IllegalVersioningConfigurationException', 'The Versioning element must be specified');
    }
    if (VersioningConfiguration?.MFADelete === 'Enabled') throw notImplemented('MFADelete');
    this.bucket(Bucket).versioning = status;
  }

  private getNotificationConfiguration(name: string | undefined) {
    return this.bucket(name).eventBridge ? { EventBridgeConfiguration: {} } : {};
  }

  private putNotificationConfiguration({
    Bucket,
    NotificationConfiguration: { EventBridgeConfiguration, ...others } = {},
  }: PutBucketNotificationConfigurationCommandInput) {
    const [unsupported] = Object.keys(others);
    if (unsupported) throw notImplemented(unsupported);
    this.bucket(Bucket).eventBridge = EventBridgeConfiguration !== undefined;
  }
}

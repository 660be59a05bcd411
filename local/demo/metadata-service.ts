/** A stand-in for the instance metadata service, version 2: as much of it as user data asks for, for many instances. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface InstanceMetadata {
  instanceId: string;
  region: string;
  /** Undefined where the launch template does not let metadata have them: then there is no such path. */
  tags: ReadonlyMap<string, string> | undefined;
}

const TOKEN = 'a-token';
const ROOT = 'latest/meta-data/';
const TAGS = 'tags/instance/';

export class MetadataService {
  private readonly instances = new Map<string, InstanceMetadata>();
  private readonly server = http.createServer((request, response) => {
    const { status, body } = this.answer(request);
    response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
  });

  static async open(): Promise<MetadataService> {
    const service = new MetadataService();
    service.server.listen(0, '127.0.0.1');
    await once(service.server, 'listening');
    return service;
  }

  /** What the instance takes in place of `http://169.254.169.254`. */
  add(metadata: InstanceMetadata): string {
    this.instances.set(metadata.instanceId, metadata);
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${metadata.instanceId}`;
  }

  remove(instanceId: string): void {
    this.instances.delete(instanceId);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** Without a token that was asked for by PUT nothing is told ("Use IMDSv2", EC2 user guide). */
  private answer({ method, url = '', headers }: http.IncomingMessage): { status: number; body: string } {
    const [, instanceId = '', path = ''] = /^\/([^/]+)\/(.*)$/.exec(url) ?? [];
    const instance = this.instances.get(instanceId);
    if (!instance) return { status: 404, body: '' };
    if (path === 'latest/api/token') {
      const isAsked = method === 'PUT' && headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined;
      return isAsked ? { status: 200, body: TOKEN } : { status: 400, body: '' };
    }
    if (headers['x-aws-ec2-metadata-token'] !== TOKEN) return { status: 401, body: '' };
    const value = path.startsWith(ROOT)
      ? metadataValue(instance, decodeURIComponent(path.slice(ROOT.length)))
      : undefined;
    return value === undefined ? { status: 404, body: '' } : { status: 200, body: value };
  }
}

function metadataValue({ instanceId, region, tags }: InstanceMetadata, path: string): string | undefined {
  if (path === 'instance-id') return instanceId;
  if (path === 'placement/region') return region;
  if (!path.startsWith(TAGS)) return undefined;
  const key = path.slice(TAGS.length);
  return key === '' ? tags && [...tags.keys()].join('\n') : tags?.get(key);
}

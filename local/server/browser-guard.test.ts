import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { type Embedded, startEmbedded } from '../../tests/conformance/embedded';
import { sendSigned } from './signed-by-hand';

const defects: unknown[] = [];
let served: Embedded;

beforeAll(async () => {
  served = await startEmbedded((error) => void defects.push(error));
  served.aws.s3.createBucket('wars');
});

afterAll(() => {
  served.close();
  expect(defects).toEqual([]);
});

const CREDENTIAL = 'X-Amz-Credential=a%2F20300101%2Feu-central-1%2Fs3%2Faws4_request';
const DELETION = '<Delete><Object><Key>app.war</Key></Object></Delete>';
const FORM = 'application/x-www-form-urlencoded';

interface Asked {
  method: string;
  path: string;
  headers: http.OutgoingHttpHeaders;
  body?: string;
}

async function ask({ method, path, headers, body = '' }: Asked) {
  const request = http.request(served.url + path, { method, headers: { 'content-length': body.length, ...headers } });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

async function write(): Promise<void> {
  await sendSigned({ url: `${served.url}/wars/app.war`, method: 'PUT', service: 's3', body: 'war' });
}

function isThere(): boolean {
  return served.aws.s3.readObject('wars', 'app.war') !== undefined;
}

function port(): string {
  return new URL(served.url).port;
}

describe('the host that a request names', () => {
  const get = (host: string, path = '/wars/app.war') => {
    return ask({ method: 'GET', path: `${path}?${CREDENTIAL}`, headers: { host } });
  };

  beforeAll(write);

  test.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]', 's3.localhost', 's3.eu-central-1.localhost'])(
    'is a name of loopback: %s',
    async (name) => {
      expect(await get(`${name}:${port()}`)).toMatchObject({ status: 200, body: 'war' });
      expect(await get(name)).toMatchObject({ status: 200, body: 'war' });
    },
  );

  test.each(['wars.localhost', 'wars.s3.localhost', 'wars.s3.eu-central-1.localhost', 'wars.127.0.0.1'])(
    'may begin with a bucket: %s',
    async (name) => expect(await get(`${name}:${port()}`, '/app.war')).toMatchObject({ status: 200, body: 'war' }),
  );

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil-localhost',
    'localhost.',
    '0.0.0.0',
    '192.168.0.7',
    '[::ffff:127.0.0.1]',
    'wars.s3.amazonaws.com',
    'evil.example:80@localhost:80.evil.example',
  ])('is refused where it is another: "%s"', async (name) => {
    const { status, body } = await get(name);
    expect(status).toBe(403);
    expect(body).toContain('<Code>AccessDenied</Code>');
    expect(body).not.toContain('war<');
  });

  test('is refused with a port of ours, too, and however well the request is signed', async () => {
    const headers = { host: `evil.example:${port()}` };
    const sent = { url: `${served.url}/wars/app.war`, service: 's3', headers };
    expect((await sendSigned({ ...sent, method: 'GET' })).status).toBe(403);
    expect((await sendSigned({ ...sent, method: 'DELETE' })).status).toBe(403);
    expect(isThere()).toBe(true);
  });

  test('is refused where it is none', async () => {
    const socket = net.connect(Number(port()), '127.0.0.1');
    socket.end(`GET /wars/app.war?${CREDENTIAL} HTTP/1.0\r\n\r\n`);
    expect(await text(socket)).toContain(' 403 ');
  });

  test('is refused in the shape that the client reads', async () => {
    const headers = { host: 'evil.example', 'content-type': 'application/x-amz-json-1.1' };
    const refused = await sendSigned({ url: served.url, method: 'POST', service: 'events', headers, body: '{}' });
    expect(JSON.parse(refused.body)).toMatchObject({ __type: 'AccessDenied' });
  });
});

describe('a page of a browser, which needs no preflight for it, cannot', () => {
  beforeEach(write);

  test.each<[string, Asked]>([
    ['delete by a form of plain text', asPage('/wars?delete', { 'content-type': 'text/plain;charset=UTF-8' })],
    ['delete by a form', asPage('/wars?delete', { 'content-type': FORM })],
    ['delete by a form of parts', asPage('/wars?delete', { 'content-type': 'Multipart/Form-Data; boundary=x' })],
    ['delete by a body of no type', asPage('/wars?delete', {})],
    ['delete at a bucket that is a host', asPage('/?delete', { host: 'wars.localhost', 'content-type': FORM })],
    ['delete with a name and a password', asPage('/wars?delete', { authorization: 'Basic YTpi' })],
    [
      'delete with the headers of another site',
      asPage('/wars?delete', { ...signed(), origin: 'https://evil.example' }),
    ],
    ['delete from a sandbox', asPage('/wars?delete', { ...signed(), origin: 'null' })],
    [
      'delete from another port of this machine',
      asPage('/wars?delete', { ...signed(), origin: 'http://localhost:3000' }),
    ],
    ['delete as a browser says it of one', asPage('/wars?delete', { ...signed(), 'sec-fetch-site': 'cross-site' })],
    ['delete from a sister site', asPage('/wars?delete', { ...signed(), 'sec-fetch-site': 'same-site' })],
    ['delete by the method', { ...asPage('/wars/app.war', { origin: 'https://evil.example' }), method: 'DELETE' }],
    ['write', { ...asPage('/wars/app.war', { origin: 'https://evil.example' }), method: 'PUT' }],
    ['begin an upload', asPage('/wars/app.war?uploads', { 'content-type': FORM })],
  ])('%s', async (_name, request) => {
    expect((await ask(request)).status).toBe(403);
    expect(isThere()).toBe(true);
    expect(Buffer.from(served.aws.s3.readObject('wars', 'app.war')?.bytes ?? []).toString()).toBe('war');
  });

  test.each(['autoscaling', 'sns', 'sqs', 'events', 'elasticloadbalancing'])('call %s by a query', async (service) => {
    const query = `Action=CreateTopic&Name=evil&${CREDENTIAL.replace('s3', service)}`;
    for (const method of ['GET', 'POST']) {
      const answer = await ask({ method, path: `/?${query}`, headers: { 'content-type': FORM } });
      expect(answer).toMatchObject({ status: 403 });
    }
  });

  test.each(['/', '/wars', '/wars/app.war', `/wars?delete&${CREDENTIAL}`])(
    'get the permission for %s',
    async (path) => {
      const headers = {
        origin: 'https://evil.example',
        'access-control-request-method': 'DELETE',
        'access-control-request-headers': 'authorization,x-amz-target,content-type',
        'access-control-request-private-network': 'true',
      };
      for (const asking of [headers, { ...headers, origin: served.url }]) {
        const answer = await ask({ method: 'OPTIONS', path, headers: asking });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
    },
  );

  test('be told by a reading that it may look at the answer', async () => {
    const path = `/wars/app.war?${CREDENTIAL}`;
    const { headers } = await ask({ method: 'GET', path, headers: { origin: 'https://evil.example' } });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('what no page can send goes on working', () => {
  beforeEach(write);

  test.each<[string, Asked]>([
    ['a signed request of any type', asPage('/wars?delete', { ...signed(), 'content-type': FORM })],
    ['a presigned URL with a body of its type', asPage('/wars?delete', { 'content-type': 'application/xml' })],
    ['a presigned URL with a header of AWS', asPage('/wars?delete', { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })],
    ['a presigned URL of a deletion', { ...asPage('/wars/app.war', {}), method: 'DELETE', body: '' }],
  ])('%s', async (_name, request) => {
    expect((await ask(request)).status).toBeLessThan(300);
    expect(isThere()).toBe(false);
  });

  test('a page of the server itself', async () => {
    const headers = { ...signed(), origin: served.url, 'sec-fetch-site': 'same-origin' };
    expect((await ask(asPage('/wars?delete', headers))).status).toBe(200);
    expect(isThere()).toBe(false);
  });
});

function asPage(path: string, headers: http.OutgoingHttpHeaders): Asked {
  const credential = headers.authorization?.toString().startsWith('AWS4-') ? '' : `&${CREDENTIAL}`;
  return {
    method: 'POST',
    path: path.includes('?') ? path + credential : `${path}?${credential}`,
    headers,
    body: DELETION,
  };
}

function signed(): http.OutgoingHttpHeaders {
  return { authorization: `AWS4-HMAC-SHA256 ${decodeURIComponent(CREDENTIAL).replace('X-Amz-', '')}, Signature=0` };
}

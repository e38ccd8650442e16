import { describe, expect, test } from 'vitest';
import { parseEndpoint, resolveUrl } from './endpoint.ts';

describe('a presigned path leads to the controller', () => {
  test('over its host and port', () => {
    const target = resolveUrl(parseEndpoint('http://10.0.0.1:8080'), '/blobs/a?sig=1%2F2');
    expect(target).toMatchObject({
      secure: false,
      host: '10.0.0.1:8080',
      port: 8080,
      path: '/blobs/a?sig=1%2F2',
    });
  });

  test('under the path where it lives', () => {
    const target = resolveUrl(parseEndpoint('https://ci.example.org/footman/'), '/blobs/a');
    expect(target).toMatchObject({ secure: true, port: 443, path: '/footman/blobs/a' });
  });

  test('over its Unix socket', () => {
    const target = resolveUrl(parseEndpoint('unix:/run/footman/agent.sock'), '/blobs/a');
    expect(target).toMatchObject({ socketPath: '/run/footman/agent.sock', path: '/blobs/a' });
  });
});

test('a whole URL stands for itself, whatever the controller listens on', () => {
  const target = resolveUrl(parseEndpoint('unix:/run/footman.sock'), 'https://s3.example.org/b/k?X=1');
  expect(target).toMatchObject({
    secure: true,
    hostname: 's3.example.org',
    socketPath: undefined,
    path: '/b/k?X=1',
  });
});

test('an IPv6 address loses its brackets for the socket and keeps them in the Host header', () => {
  expect(parseEndpoint('http://[::1]:8080')).toMatchObject({ hostname: '::1', host: '[::1]:8080', base: '' });
});

test.each(['file:///etc/passwd', 'ftp://host/x', 'blobs/a'])('%s is no URL of a presigned request', (url) => {
  expect(() => resolveUrl(parseEndpoint('http://controller'), url)).toThrow(TypeError);
});

import { expect, test } from 'vitest';
import { parsePlace } from './place.ts';

test.each([
  ['db.example.org:5432', { host: 'db.example.org', port: 5432 }],
  ['10.0.0.1:80', { host: '10.0.0.1', port: 80 }],
  ['[::1]:443', { host: '::1', port: 443 }],
  ['[fe80::1%eth0]:443', { host: 'fe80::1%eth0', port: 443 }],
])('%s is a place', (text, place) => {
  expect(parsePlace(text)).toEqual(place);
});

test.each(['::1:443', 'host', 'host:', ':80', 'host:0', 'host:65536', '[::1]', 'host:8o'])(
  '%s is none',
  (text) => {
    expect(() => parsePlace(text)).toThrow(/is not host:port/);
  },
);

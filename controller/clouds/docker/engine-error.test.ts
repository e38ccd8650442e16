import { FootmanError } from '#shared/errors';
import { expect, test } from 'vitest';
import { explainEngineError, statusOf } from './engine-error.ts';

const HOST = 'unix:///run/docker.sock';

test.each([
  ['ENOENT', 'is not there', 'dockerd'],
  ['ECONNREFUSED', 'refuses connections', 'dockerd'],
  ['EACCES', "can't be opened by the controller's user", 'group'],
  ['ECONNRESET', 'closed the connection', 'dockerd'],
])('%s is a sentence that names the engine, with a hint', (code, state, hint) => {
  const explained = explainEngineError(Object.assign(new Error(`connect ${code}`), { code }), HOST);
  expect(explained).toMatchObject({
    code: 'cloud-unavailable',
    message: `the Docker Engine at ${HOST} ${state}`,
    hint: expect.stringContaining(hint),
  });
});

test.each([
  [400, 'invalid reference format', 'cloud-refused'],
  [404, 'network x not found', 'cloud-refused'],
  [409, 'container is restarting', 'cloud-unavailable'],
  [429, 'toomanyrequests', 'cloud-unavailable'],
  [500, 'something broke', 'cloud-unavailable'],
  [500, 'write /var/lib/docker/x: no space left on device', 'cloud-unavailable'],
  [500, 'Get https://r/v2/: unauthorized: authentication required', 'cloud-refused'],
  [404, 'pull access denied for app, repository does not exist', 'cloud-refused'],
  [400, 'invalid mount config for type "bind": bind source path does not exist: /x', 'cloud-refused'],
])('%i %s: %s', (statusCode, message, code) => {
  const error = Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message} `), {
    statusCode,
    json: { message },
  });
  expect(statusOf(error)).toBe(statusCode);
  const explained = explainEngineError(error, HOST);
  expect(explained.code).toBe(code);
  expect(explained.message).not.toContain('HTTP code');
  expect(explained.cause).toBe(error);
});

test('an error that is explained already stays as it is', () => {
  const error = new FootmanError('cloud-refused', 'no such image');
  expect(explainEngineError(error, HOST)).toBe(error);
});

import { isAbsolute } from 'node:path';
import { FootmanError } from '#shared/errors';

/** Where git fetches a project from. */
export interface Address {
  /** As git takes it; it never begins with a dash. */
  url: string;
  /** The only protocol that git may use for it, redirects and submodules included: a value of GIT_ALLOW_PROTOCOL. */
  protocol: 'https' | 'http' | 'ssh' | 'git' | 'file';
  /** Scheme and host as git names them when it asks for credentials; only of HTTP and HTTPS. */
  origin?: { scheme: string; host: string };
}

/** `user@host:path`, git's short form of an SSH address: no slash before the colon. */
const SCP = /^(?:[A-Za-z0-9_.][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!:)[^\s:]\S*$/;
const URL_FORM = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * The address of a project's repository: an URL of https, http, ssh or git, `user@host:path`, or an absolute path on the controller.
 * Nothing else reaches git: not `ext::`, whose address is a command, nor anything that could be an option.
 *
 * @throws FootmanError `request-invalid`
 */
export function parseAddress(repository: string): Address {
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (/[\u0000-\u001f\u007f]/.test(repository)) throw refused('it has a control character');
  if (isAbsolute(repository)) return { url: repository, protocol: 'file' };
  if (URL_FORM.test(repository)) return parseUrl(repository);
  if (SCP.test(repository)) return { url: repository, protocol: 'ssh' };
  throw refused('it is neither an URL nor an absolute path');
}

function parseUrl(repository: string): Address {
  const url = URL.parse(repository);
  if (url === null || url.hostname === '') throw refused('it is not an URL that has a host');
  // ssh takes a host with a dash in front for an option.
  if (url.hostname.startsWith('-') || url.username.startsWith('-'))
    throw refused('a host has no dash in front');
  // Before a host stands a token as often as a name, and git would have it on its command line.
  if (url.password !== '' || (url.username !== '' && url.protocol.startsWith('http'))) {
    throw refused('it holds a credential', 'keep the token as a secret of the project and name that secret');
  }
  switch (url.protocol) {
    case 'https:':
      return { url: repository, protocol: 'https', origin: { scheme: 'https', host: url.host } };
    case 'http:':
      return { url: repository, protocol: 'http', origin: { scheme: 'http', host: url.host } };
    case 'ssh:':
      return { url: repository, protocol: 'ssh' };
    case 'git:':
      return { url: repository, protocol: 'git' };
    default:
      throw refused(`${url.protocol}// is not among https://, http://, ssh:// and git://`);
  }
}

function refused(why: string, hint = 'it looks like https://host/owner/name.git or git@host:owner/name.git') {
  return new FootmanError('request-invalid', `this repository can't be used: ${why}`, { hint });
}

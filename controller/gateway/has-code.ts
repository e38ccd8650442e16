import { FootmanError } from '#shared/errors';

/** Whether it is an error of Footman's with that code. */
export function hasCode(error: unknown, code: FootmanError['code']): error is FootmanError {
  return error instanceof FootmanError && error.code === code;
}

import { FootmanError } from '#shared/errors';

/** For kinds whose nodes are made from no image. @throws FootmanError `cloud-refused` for a launch from one */
export function refuseImage(image: string | undefined, kind: string): void {
  if (image === undefined) return;
  throw new FootmanError(
    'cloud-refused',
    `a cloud of kind ${kind} makes no nodes from images such as ${image}`,
  );
}

import { createPublicKey } from 'node:crypto';

/** Bytes of a coordinate, by the name of the curve. */
const CURVES: Readonly<Record<string, { bytes: number; jwk: string }>> = {
  nistp256: { bytes: 32, jwk: 'P-256' },
  nistp384: { bytes: 48, jwk: 'P-384' },
  nistp521: { bytes: 66, jwk: 'P-521' },
};

const ED25519_BYTES = 32;
const UNCOMPRESSED = 4;
const LEAST_RSA_BITS = 3072;
const MOST_RSA_BITS = 16_384;
/** More is slow to verify, and nobody's. */
const MOST_EXPONENT_BITS = 64;

/** Why the key, as it stands decoded behind its `type`, is not taken, as a sentence; null where it is good. */
export function troubleWith(type: string, blob: Buffer): string | null {
  const fields = fieldsOf(blob);
  const [own, ...parts] = fields ?? [];
  if (own === undefined) return 'the key is damaged: it ends too early, or goes on after its end';
  if (own.toString('latin1') !== type) return `the key itself is not of the type ${type}, as its line says`;
  if (type === 'ssh-rsa') return troubleWithRsa(parts);
  if (type === 'ssh-ed25519')
    return parts.length === 1 && parts[0]?.length === ED25519_BYTES ? null : DAMAGED;
  return troubleWithCurve(type.replace('ecdsa-sha2-', ''), parts);
}

const DAMAGED = 'the key is damaged: its parts are not what its type has';

/** All of it as strings behind their lengths; undefined where that does not come out even. */
function fieldsOf(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length;) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function troubleWithRsa(parts: readonly Buffer[]): string | null {
  const [exponent, modulus] = parts.map(bitsOf);
  if (parts.length !== 2 || exponent === undefined || modulus === undefined) return DAMAGED;
  if (modulus < LEAST_RSA_BITS)
    return `an RSA key of ${modulus} bits is too weak: ${LEAST_RSA_BITS} are the least`;
  if (modulus > MOST_RSA_BITS)
    return `an RSA key of ${modulus} bits is too big: ${MOST_RSA_BITS} are the most`;
  const isOdd = parts.every((part) => (part.at(-1) ?? 0) % 2 === 1);
  return isOdd && exponent > 1 && exponent <= MOST_EXPONENT_BITS ? null : DAMAGED;
}

/** Of a number above zero in its shortest form; undefined for any other. */
function bitsOf(number: Buffer): number | undefined {
  const [first, second] = number;
  if (first === undefined || first >= 0x80) return undefined;
  if (first === 0) return second !== undefined && second >= 0x80 ? (number.length - 1) * 8 : undefined;
  return number.length * 8 - Math.clz32(first) + 24;
}

function troubleWithCurve(name: string, parts: readonly Buffer[]): string | null {
  const curve = CURVES[name];
  const [own, point] = parts;
  if (curve === undefined || parts.length !== 2 || own === undefined || point === undefined) return DAMAGED;
  if (own.toString('latin1') !== name) return DAMAGED;
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== UNCOMPRESSED) return DAMAGED;
  const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)];
  try {
    const key = { kty: 'EC', crv: curve.jwk, x: x.toString('base64url'), y: y.toString('base64url') };
    createPublicKey({ format: 'jwk', key });
    return null;
  } catch {
    return 'the key is damaged: its point is not on its curve';
  }
}

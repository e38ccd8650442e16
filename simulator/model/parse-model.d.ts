import { type Problem } from '#shared/document';
import type { Model } from './model.ts';
/** Reads a model that a person wrote; every mistake is told with its place. */
export declare function parseModel(source: string, file: string): {
    ok: true;
    model: Model;
} | {
    ok: false;
    problems: Problem[];
};

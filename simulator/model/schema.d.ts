import { z } from 'zod';
/** A model as it is written. */
export declare const ModelDocument: z.ZodObject<{
    jobs: z.ZodObject<{
        'per-arrival': z.ZodDefault<z.ZodUnion<readonly [z.ZodInt, z.ZodObject<{
            min: z.ZodInt;
            max: z.ZodInt;
        }, z.core.$strict>]>>;
        'queue-timeout': z.ZodDefault<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>>;
        kinds: z.ZodArray<z.ZodObject<{
            'runs-on': z.ZodPipe<z.ZodString, z.ZodTransform<string, string>>;
            weight: z.ZodDefault<z.ZodNumber>;
            priority: z.ZodDefault<z.ZodInt>;
            duration: z.ZodPipe<z.ZodUnion<readonly [z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>, z.ZodObject<{
                median: z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;
                p95: z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;
            }, z.core.$strict>]>, z.ZodTransform<{
                medianMs: number;
                p95Ms: number;
            }, number | {
                median: number;
                p95: number;
            }>>;
        }, z.core.$strict>>;
    }, z.core.$strict>;
    clouds: z.ZodRecord<z.ZodString, z.ZodObject<{
        'max-nodes': z.ZodOptional<z.ZodInt>;
        'launch-rate': z.ZodOptional<z.ZodObject<{
            'per-minute': z.ZodNumber;
            burst: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
        outages: z.ZodDefault<z.ZodArray<z.ZodObject<{
            after: z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;
            for: z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;
        }, z.core.$strict>>>;
        templates: z.ZodRecord<z.ZodString, z.ZodObject<{
            labels: z.ZodPipe<z.ZodString, z.ZodTransform<string[], string>>;
            'max-nodes': z.ZodOptional<z.ZodInt>;
            weight: z.ZodDefault<z.ZodInt>;
            cost: z.ZodDefault<z.ZodNumber>;
            launch: z.ZodPipe<z.ZodUnion<readonly [z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>, z.ZodObject<{
                median: z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;
                p95: z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;
            }, z.core.$strict>]>, z.ZodTransform<{
                medianMs: number;
                p95Ms: number;
            }, number | {
                median: number;
                p95: number;
            }>>;
            connect: z.ZodPipe<z.ZodUnion<readonly [z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>, z.ZodObject<{
                median: z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;
                p95: z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;
            }, z.core.$strict>]>, z.ZodTransform<{
                medianMs: number;
                p95Ms: number;
            }, number | {
                median: number;
                p95: number;
            }>>;
            remove: z.ZodPipe<z.ZodUnion<readonly [z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>, z.ZodObject<{
                median: z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;
                p95: z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;
            }, z.core.$strict>]>, z.ZodTransform<{
                medianMs: number;
                p95Ms: number;
            }, number | {
                median: number;
                p95: number;
            }>>;
            'failure-rate': z.ZodDefault<z.ZodNumber>;
            'abort-rate': z.ZodDefault<z.ZodNumber>;
            'hang-rate': z.ZodDefault<z.ZodNumber>;
            'silence-rate': z.ZodDefault<z.ZodNumber>;
            'loss-rate': z.ZodDefault<z.ZodNumber>;
            'removal-failure-rate': z.ZodDefault<z.ZodNumber>;
        }, z.core.$strict>>;
    }, z.core.$strict>>;
}, z.core.$strict>;
export type ModelDocument = z.output<typeof ModelDocument>;

/** What is wrong, and what the sweep sees. */
export { createDoctor, type Doctor } from './doctor.ts';
export type { DoctorReport } from './report.ts';

import { withClient } from '../connection/index.ts';
import { printJson, type Context } from '../context.ts';
import { formatReport } from '../doctor/index.ts';

/** Shows what the controller sees and what is wrong with it. Ends with 1 when something is. */
export async function doctor(context: Context): Promise<number> {
  const report = await withClient(context, (client) => client.doctor());
  if (context.options.json === true) await printJson(context, report);
  else await context.out.write(formatReport(report, context.style));
  return report.problems.length === 0 ? 0 : 1;
}

import { examine } from '../../app/index.js';
import { AlfError } from '../../errors/index.js';
import { diagnose } from '../doctor/diagnose.js';
import { renderReport, renderReportJson } from '../doctor/render.js';
import { Options } from '../given-options.js';
import { DOCTOR_OPTIONS } from '../options.js';
import { parseArgs } from '../parse-options.js';
import type { Command } from './command.js';

/**
 * `alfwrapper doctor`: tries each tier and prints whether it works, the reason if not, and the line that enables it.
 *
 * Status 0 if rules can be enforced on TCP, 1 if not.
 */
export const doctor: Command = {
  name: 'doctor',
  usage: '[--json]',
  describe: 'print for each tier whether it works here, the reason if not, and the line that enables it',
  options: DOCTOR_OPTIONS,
  run: async (argv, env) => {
    const { given, words } = parseArgs(argv, DOCTOR_OPTIONS);
    if (words.length > 0) {
      throw new AlfError('ALF_USAGE', 'doctor takes no words', {
        hint: 'expected: alfwrapper doctor [--json]',
      });
    }
    const examination = examine(env.ops, env.root, env.nodeVersion);
    const report = diagnose(examination);
    const json = new Options(DOCTOR_OPTIONS, given).on('json');
    env.write(1, json ? renderReportJson(report, examination) : renderReport(report));
    return report.strongest.tcp !== undefined ? 0 : 1;
  },
};

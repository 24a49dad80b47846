import { readdirSync, readFileSync } from 'node:fs';

/**
 * Whether the kernel has handlers for file formats of their own (qemu-user, Wine, Java). Each may take any file, and before
 * the kernel's own formats do. `unseen` where it may have some that this mount namespace does not show: those of a host work
 * in its containers.
 */
export type FormatHandlers = 'none' | 'some' | 'unseen';

const DIRECTORY = '/proc/sys/fs/binfmt_misc';
/** What is there without any handler. */
const CONTROLS = ['register', 'status'];

/** Asks which handlers binfmt_misc has. @see Documentation/admin-guide/binfmt-misc.rst */
export function findFormatHandlers(): FormatHandlers {
  try {
    if (!/\tbinfmt_misc$/m.test(readFileSync('/proc/filesystems', 'latin1'))) return 'none';
    const files = readdirSync(DIRECTORY);
    if (!files.includes('status')) return 'unseen';
    const isIdle = files.every((file) => CONTROLS.includes(file));
    return isIdle || readFileSync(`${DIRECTORY}/status`, 'latin1') === 'disabled\n' ? 'none' : 'some';
  } catch {
    return 'some';
  }
}

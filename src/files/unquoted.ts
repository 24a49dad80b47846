import { AlfError } from '../errors/index.js';

/**
 * Runs a reader of text; what it refuses is not quoted if it stands in one of the files that not everybody may read.
 * A user who may start alfwrapper as root must not see lines of a file that only root may read.
 *
 * @param files as messages call them, in front of line and column
 * @throws what the reader throws, without the text
 */
export function unquoted<T>(files: readonly string[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    const { message, code } = error;
    const file = files.find((candidate) => message.startsWith(`${candidate}:`));
    if (file === undefined) throw error;
    const [place = ''] = /^(?::\d+)*/.exec(message.slice(file.length)) ?? [];
    throw new AlfError(
      code,
      `${file}${place}: unexpected text, not quoted because the file is not readable to others`,
      {
        hint: 'look at that line',
      },
    );
  }
}

import { AlfError } from '../errors/index.js';

/**
 * Runs a parser whose errors must not quote certain files.
 *
 * A user who may start alfwrapper as root must not see lines of a file that only root may read.
 *
 * @param files the names in messages, before line and column
 * @throws the error of the parser, without the text
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
        hint: 'check that line',
      },
    );
  }
}

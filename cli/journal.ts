import { fstatSync } from 'node:fs';

const standardError = 2;
/** RFC 5424 6.2.1: error. */
const errorPriority = '<3>';

/**
 * Whether standard error is the journal.
 *
 * @param journalStream `$JOURNAL_STREAM`, what systemd says standard error is: device and inode, `8:12345` (systemd.exec(5))
 */
export function isJournal(journalStream: string | undefined): boolean {
  if (!journalStream) return false;
  // The variable is inherited by programs whose standard error has been redirected since.
  const { dev, ino } = fstatSync(standardError);
  return journalStream === `${dev}:${ino}`;
}

/** An error for the journal, which takes each line for an event of its own, and for a harmless one without the priority (sd-daemon(3)). */
export function buildJournalError(message: string): string {
  return message
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `${errorPriority}${line}`)
    .join('\n');
}

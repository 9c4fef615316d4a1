import { describe, expect, it } from 'vitest';
import { buildJournalError, isJournal } from '../../../cli/journal.ts';

describe('buildJournalError', () => {
  it('marks every line as an error, since each becomes an event of its own', () => {
    const message = 'The configuration cannot be used:\n  a.yaml:1:1: name: must not be empty\n\n  a.yaml:2:1: x\n';
    expect(buildJournalError(message).split('\n')).toEqual([
      '<3>The configuration cannot be used:',
      '<3>  a.yaml:1:1: name: must not be empty',
      '<3>  a.yaml:2:1: x',
    ]);
  });
});

describe('isJournal', () => {
  it('takes no other file than that of standard error for the journal', () => {
    expect([undefined, '', '0:0', 'nonsense'].map(isJournal)).toEqual([false, false, false, false]);
  });
});

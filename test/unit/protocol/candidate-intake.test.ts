import { describe, expect, it } from 'vitest';
import { CandidateIntake } from '../../../protocol/candidate-intake.ts';
import { limits } from '../../../protocol/limits.ts';

const candidateAt = (port: number) => `candidate:1 1 udp 2130706431 192.0.2.7 ${port} typ host`;

/** How many of a flood of messages are taken. */
function floodOf(intake: CandidateIntake): number {
  return Array.from({ length: 100 }, (_, index) => candidateAt(5_000 + index)).filter((each) => intake.admit(each))
    .length;
}

describe('CandidateIntake', () => {
  it('bounds the candidates of the description and of messages together', () => {
    const intake = new CandidateIntake();
    intake.addDescription(`v=0\r\na=${candidateAt(1)}\r\na=mid:0\r\na=${candidateAt(2)}\r\n`);
    expect(floodOf(intake)).toBe(limits.candidatesMaxCount - 2);
  });

  it('takes each once, so that one that is repeated has no share of the number', () => {
    const intake = new CandidateIntake();
    intake.addDescription(`a=${candidateAt(1)}\r\n`);
    expect([candidateAt(1), candidateAt(2), candidateAt(2)].map((each) => intake.admit(each))).toEqual([
      false,
      true,
      false,
    ]);
    expect(floodOf(intake)).toBe(limits.candidatesMaxCount - 2);
  });

  it('takes none that the policy refuses', () => {
    const intake = new CandidateIntake();
    expect(intake.admit(candidateAt(1).replace('192.0.2.7', 'printer.example'))).toBe(false);
    expect(floodOf(intake)).toBe(limits.candidatesMaxCount);
  });
});

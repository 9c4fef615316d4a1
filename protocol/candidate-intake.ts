import { limits } from './limits.ts';
import { isUsableCandidate } from './sdp-policy.ts';

/**
 * Which candidates of the other side are taken, whichever way they come: each once, and {@link limits.candidatesMaxCount} in
 * all. A description counts as a whole, since `checkSdp` holds it to the same number.
 */
export class CandidateIntake {
  private readonly taken = new Set<string>();

  /** @param sdp a description that has passed `checkSdp`; its candidates are taken */
  addDescription(sdp: string): void {
    for (const [, candidate = ''] of sdp.matchAll(/^a=(candidate:.*?)\r?$/gm)) this.taken.add(candidate);
  }

  /** Whether a candidate that came as a message is to be used. */
  admit(candidate: string): boolean {
    if (!isUsableCandidate(candidate) || this.taken.has(candidate)) return false;
    if (this.taken.size >= limits.candidatesMaxCount) return false;
    this.taken.add(candidate);
    return true;
  }
}

/** A rung of the ladder as the policy sees it. */
export interface LadderRung<Name extends string> {
  name: Name;
  /** What it takes of the target: its bitrate, with what else the connection carries. */
  bitrateKbps: number;
}

export interface RenditionPolicyInput<Name extends string> {
  /** Of the `CongestionController`; null while there is none, which leaves the choice as it is. */
  targetKbps: number | null;
  /** Highest bitrate first; not empty. May change from call to call. */
  ladder: readonly LadderRung<Name>[];
  /** The viewer's own choice, or null for the best that fits. One that the ladder lacks counts as none. */
  pinned: Name | null;
  nowMs: number;
}

export type RenditionReason = 'start' | 'pinned' | 'target-low' | 'target-high' | 'hold';

export interface RenditionChoice<Name extends string> {
  rendition: Name | 'keyframes-only';
  reason: RenditionReason;
}

/** Upwards, the target has to offer this much more than needed... */
const upMargin = 1.15;
/** ...for so long. Each try that failed doubles the time. */
const holdMinMs = 3_000;
const holdMaxMs = 48_000;
/** A higher rendition that had to be left within this time was a failed try; one kept for longer clears the record. */
const provenAfterMs = 20_000;
/**
 * The last rung is left for single pictures only below this share of its need: the pacer gets along with a little too much
 * by leaving pictures out, which shows more than one picture each few seconds.
 */
const lastRungShare = 0.75;

/**
 * Picks the rendition for a viewer from the target: down at once, since a queue grows with every picture; up only when the
 * target has held, and more reluctantly after a try that failed, since each switch costs a keyframe.
 */
export class RenditionPolicy<Name extends string> {
  private current: Name | 'keyframes-only' | null = null;
  private enteredAtMs = 0;
  /** Whether the current rendition was entered from below, and has not proved itself yet. */
  private isTry = false;
  private enoughSinceMs: number | null = null;
  private holdMs = holdMinMs;

  /** The choice for now. Call it when the target, the ladder or the pin changes, and some times a second. */
  decide(input: RenditionPolicyInput<Name>): RenditionChoice<Name> {
    const { targetKbps, ladder, pinned, nowMs } = input;
    const pin = ladder.find(({ name }) => name === pinned);
    const rungs = pin === undefined ? ladder : [pin];
    const index = rungs.findIndex(({ name }) => name === this.current);
    if (this.current === null || (index < 0 && this.current !== 'keyframes-only')) {
      const fitting = rungs.find(({ bitrateKbps }) => targetKbps === null || bitrateKbps <= targetKbps) ?? rungs.at(-1);
      return this.enter(fitting?.name ?? 'keyframes-only', pin === undefined ? 'start' : 'pinned', nowMs);
    }
    if (targetKbps === null) return this.stay(pin !== undefined);
    this.noteProof(nowMs);
    if (index >= 0 && isTooMuch(rungs, index, targetKbps)) return this.goDown(rungs, index, targetKbps, nowMs);
    return this.goUpWhenHeld(rungs, index, targetKbps, nowMs) ?? this.stay(pin !== undefined);
  }

  private noteProof(nowMs: number): void {
    if (!this.isTry || nowMs - this.enteredAtMs <= provenAfterMs) return;
    this.isTry = false;
    this.holdMs = holdMinMs;
  }

  private goDown(
    rungs: readonly LadderRung<Name>[],
    index: number,
    targetKbps: number,
    nowMs: number,
  ): RenditionChoice<Name> {
    const lower = rungs.slice(index + 1);
    const fitting = lower.find((_, i) => !isTooMuch(lower, i, targetKbps));
    if (this.isTry) this.holdMs = Math.min(holdMaxMs, this.holdMs * 2);
    return this.enter(fitting?.name ?? 'keyframes-only', 'target-low', nowMs);
  }

  /** One step or several, to the highest rung that the target has room for. */
  private goUpWhenHeld(
    rungs: readonly LadderRung<Name>[],
    index: number,
    targetKbps: number,
    nowMs: number,
  ): RenditionChoice<Name> | null {
    const higher = index < 0 ? rungs : rungs.slice(0, index);
    const fitting = higher.find(({ bitrateKbps }) => bitrateKbps * upMargin < targetKbps);
    if (fitting === undefined) {
      this.enoughSinceMs = null;
      return null;
    }
    this.enoughSinceMs ??= nowMs;
    return nowMs - this.enoughSinceMs < this.holdMs ? null : this.enter(fitting.name, 'target-high', nowMs);
  }

  private enter(rendition: Name | 'keyframes-only', reason: RenditionReason, nowMs: number): RenditionChoice<Name> {
    this.current = rendition;
    this.enteredAtMs = nowMs;
    this.enoughSinceMs = null;
    this.isTry = reason === 'target-high';
    return { rendition, reason };
  }

  private stay(isPinned: boolean): RenditionChoice<Name> {
    return { rendition: this.current ?? 'keyframes-only', reason: isPinned ? 'pinned' : 'hold' };
  }
}

function isTooMuch<Name extends string>(
  rungs: readonly LadderRung<Name>[],
  index: number,
  targetKbps: number,
): boolean {
  const share = index === rungs.length - 1 ? lastRungShare : 1;
  return (rungs[index]?.bitrateKbps ?? 0) * share > targetKbps;
}

import type { LossObservation } from './loss-observations.ts';

/** Weight of an observation relative to the one after it. */
const ageFactor = 0.9;
const probabilityMin = 1e-6;
/** How much less likely a path's own loss becomes for each unit beyond what is tolerated, as a logarithm. */
const priorSlope = 100;

/**
 * How well a path explains the losses seen, as a log-likelihood: of two paths, the one with the higher value is
 * `exp(difference)` times as likely. The path has a bandwidth, above which it drops the excess, and a loss of its own
 * whatever the rate (radio). The latter follows from the former: it is what the excess does not explain.
 *
 * @param toleratedLoss 0 to 1: a path's own loss up to this is nothing unusual
 */
export function likelihoodOf(
  bandwidthKbps: number,
  observations: readonly LossObservation[],
  toleratedLoss: number,
): number {
  const ownLoss = ownLossOf(bandwidthKbps, observations);
  let sum = -priorSlope * Math.max(0, ownLoss - toleratedLoss);
  let weight = 1;
  for (let i = observations.length - 1; i >= 0; i -= 1) {
    const observation = observations[i];
    if (observation === undefined) continue;
    const excess = excessOf(observation, bandwidthKbps);
    const expected = Math.min(1 - probabilityMin, Math.max(probabilityMin, ownLoss + (1 - ownLoss) * excess));
    const { lost, packets } = observation;
    sum += weight * (lost * Math.log(expected) + (packets - lost) * Math.log(1 - expected));
    weight *= ageFactor;
  }
  return sum;
}

/** 0 to 1: lost of the packets sent, recent ones counting more. */
export function averageLossOf(observations: readonly LossObservation[]): number {
  return ownLossOf(Number.POSITIVE_INFINITY, observations);
}

function ownLossOf(bandwidthKbps: number, observations: readonly LossObservation[]): number {
  let unexplained = 0;
  let carried = 0;
  let weight = 1;
  for (let i = observations.length - 1; i >= 0; i -= 1) {
    const observation = observations[i];
    if (observation === undefined) continue;
    const excess = excessOf(observation, bandwidthKbps);
    unexplained += weight * (observation.lost - observation.packets * excess);
    carried += weight * observation.packets * (1 - excess);
    weight *= ageFactor;
  }
  return carried <= 0 ? 0 : Math.min(1, Math.max(0, unexplained / carried));
}

/** The share of an observation's packets that a path of this bandwidth has no room for. */
function excessOf({ sentKbps }: LossObservation, bandwidthKbps: number): number {
  return sentKbps > bandwidthKbps ? 1 - bandwidthKbps / sentKbps : 0;
}

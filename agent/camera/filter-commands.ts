/**
 * Switches a running ffmpeg. Encoders take no commands, but a filter with timeline support takes a new `enable` expression on
 * stdin. The switch here is a `metadata` filter that selects a key which no frame has: enabled, it drops every frame;
 * disabled, it lets all pass. ffmpeg reads one command per 0.1 s.
 */

/** The switch as it stands in a filter chain; a closed one costs neither scaling nor encoding behind it. */
export function buildGate(name: string, state: 'open' | 'closed'): string {
  return `metadata@${name}=mode=select:key=nokey:enable=${state === 'closed' ? 1 : 0}`;
}

export function buildCloseCommand(gateName: string): string {
  return buildEnableCommand(gateName, '1');
}

/**
 * Makes a gate drop just the next frame and let all others pass, whether it was open or closed before. So there is a gap for
 * certain, and what follows is a keyframe (`capture-stamp.ts`).
 */
export function buildOpenAfterNextCommand(gateName: string): string {
  return buildEnableCommand(gateName, `${rememberNextFrame};${isNextFrame}`);
}

/** Makes a closed gate let just the next frame pass. */
export function buildPassOneCommand(gateName: string): string {
  return buildEnableCommand(gateName, `${rememberNextFrame};not(${isNextFrame})`);
}

// ffmpeg evaluates the expression twice per frame, so "the next frame" is a frame number and not the first evaluation. It is kept
// plus one, because 0 means that nothing is kept yet.
const rememberNextFrame = 'st(1,if(ld(1),ld(1),n+1))';
const isNextFrame = 'eq(ld(1),n+1)';

/** `c<target> <time> <command> <argument>`; time -1 is "now". */
function buildEnableCommand(gateName: string, expression: string): string {
  return `cmetadata@${gateName} -1 enable ${expression}`;
}
